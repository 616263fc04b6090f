package io.github.waroutes.message;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** One full message of every type. Each free text holds {@link #MARKER}, so that an error that quotes a message is seen. */
public final class GoodMessages {

    public static final String MARKER = "Zebra";
    public static final String PHONE = "+15555550101";
    public static final String USER = "US.13491208655302741918";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> CONTENTS = new LinkedHashMap<>();

    static {
        put("text", """
                {"body":"Zebra","preview_url":true}""");
        put("image", """
                {"id":"Zebra1","caption":"Zebra"}""");
        put("image by link", """
                {"link":"https://example.com/Zebra.png"}""");
        put("audio", """
                {"id":"Zebra1"}""");
        put("audio voice", """
                {"link":"https://example.com/Zebra.ogg","voice":true}""");
        put("video", """
                {"link":"http://example.com/Zebra.mp4","caption":"Zebra"}""");
        put("document", """
                {"id":"Zebra1","caption":"Zebra","filename":"Zebra.pdf"}""");
        put("sticker", """
                {"id":"Zebra1"}""");
        put("location", """
                {"latitude":52.5,"longitude":-13.25,"name":"Zebra house","address":"Zebra street 1"}""");
        put("contacts", """
                [{"name":{"formatted_name":"Zebra One","first_name":"Zebra","last_name":"One"},
                  "phones":[{"phone":"+15555550102","type":"CELL"},{"phone":"+15555550103","type":"WORK","wa_id":"15555550103"}],
                  "emails":[{"email":"zebra@example.com","type":"WORK"}],"urls":[{"url":"https://example.com/Zebra","type":"WORK"}],
                  "org":{"company":"Zebra Ltd","department":"Zebra care","title":"Zebra keeper"}},
                 {"name":{"formatted_name":"Zebra Two","first_name":"Zebra"}}]""");
        put("reaction", """
                {"message_id":"wamid.Zebra","emoji":"\\uD83E\\uDD93"}""");
        put("pin", """
                {"type":"pin","message_id":"wamid.Zebra","expiration_days":7}""");
        put("interactive button", """
                {"type":"button","header":{"type":"text","text":"Zebra"},"body":{"text":"Zebra"},"footer":{"text":"Zebra"},
                 "action":{"buttons":[{"type":"reply","reply":{"id":"Zebra-1","title":"Zebra 1"}},
                                      {"type":"reply","reply":{"id":"Zebra-2","title":"Zebra 2"}}]}}""");
        put("interactive list", """
                {"type":"list","header":{"type":"text","text":"Zebra"},"body":{"text":"Zebra"},"footer":{"text":"Zebra"},
                 "action":{"button":"Zebra","sections":[
                   {"title":"Zebra A","rows":[{"id":"Zebra-1","title":"Zebra","description":"Zebra"}]},
                   {"title":"Zebra B","rows":[{"id":"Zebra-2","title":"Zebra"}]}]}}""");
        put("interactive cta_url", """
                {"type":"cta_url","header":{"type":"document","document":{"id":"Zebra1","filename":"Zebra.pdf"}},"body":{"text":"Zebra"},
                 "action":{"name":"cta_url","parameters":{"display_text":"Zebra","url":"https://example.com/Zebra"}}}""");
        put("interactive flow", """
                {"type":"flow","header":{"type":"image","image":{"link":"https://example.com/Zebra.png"}},"body":{"text":"Zebra"},
                 "action":{"name":"flow","parameters":{"flow_message_version":"3","flow_id":"Zebra1","flow_cta":"Zebra","flow_token":"Zebra",
                   "mode":"draft","flow_action":"navigate","flow_action_payload":{"screen":"ZEBRA","data":{"key":"Zebra"}}}}}""");
        put("interactive product", """
                {"type":"product","body":{"text":"Zebra"},"action":{"catalog_id":"Zebra1","product_retailer_id":"Zebra2"}}""");
        put("interactive product_list", """
                {"type":"product_list","header":{"type":"text","text":"Zebra"},"body":{"text":"Zebra"},
                 "action":{"catalog_id":"Zebra1","sections":[{"title":"Zebra A","product_items":[{"product_retailer_id":"Zebra2"}]},
                   {"title":"Zebra B","product_items":[{"product_retailer_id":"Zebra3"}]}]}}""");
        put("interactive catalog_message", """
                {"type":"catalog_message","body":{"text":"Zebra"},
                 "action":{"name":"catalog_message","parameters":{"thumbnail_product_retailer_id":"Zebra1"}}}""");
        put("interactive location_request_message", """
                {"type":"location_request_message","body":{"text":"Zebra"},"action":{"name":"send_location"}}""");
        put("interactive address_message", """
                {"type":"address_message","body":{"text":"Zebra"},"action":{"name":"address_message","parameters":{"country":"IN",
                 "values":{"name":"Zebra"},"saved_addresses":[{"id":"Zebra1","value":{"city":"Zebra"}}],
                 "validation_errors":{"city":"Zebra"}}}}""");
        put("interactive carousel", """
                {"type":"carousel","body":{"text":"Zebra"},"action":{"cards":[
                  {"card_index":0,"type":"cta_url","header":{"type":"image","image":{"link":"https://example.com/Zebra.png"}},"body":{"text":"Zebra"},
                   "action":{"name":"cta_url","parameters":{"display_text":"Zebra","url":"https://example.com/Zebra"}}},
                  {"card_index":1,"type":"cta_url","header":{"type":"video","video":{"link":"https://example.com/Zebra.mp4"}},
                   "action":{"name":"cta_url","parameters":{"display_text":"Zebra","url":"https://example.com/Zebra"}}}]}}""");
        put("interactive carousel with replies", """
                {"type":"carousel","body":{"text":"Zebra"},"action":{"cards":[
                  {"card_index":0,"type":"cta_url","header":{"type":"image","image":{"id":"Zebra1"}},"body":{"text":"Zebra"},
                   "action":{"buttons":[{"type":"quick_reply","quick_reply":{"id":"Zebra-1","title":"Zebra"}}]}},
                  {"card_index":1,"type":"cta_url","header":{"type":"video","video":{"id":"Zebra2"}},"body":{"text":"Zebra"},
                   "action":{"buttons":[{"type":"quick_reply","quick_reply":{"id":"Zebra-2","title":"Zebra"}}]}}]}}""");
        put("interactive carousel of products", """
                {"type":"carousel","body":{"text":"Zebra"},"action":{"cards":[
                  {"card_index":0,"type":"product","action":{"catalog_id":"Zebra1","product_retailer_id":"Zebra2"}},
                  {"card_index":1,"type":"product","action":{"catalog_id":"Zebra1","product_retailer_id":"Zebra3"}}]}}""");
        put("interactive request_contact_info", """
                {"type":"request_contact_info","body":{"text":"Zebra"},"action":{"name":"request_contact_info"}}""");
        put("interactive voice_call", """
                {"type":"voice_call","body":{"text":"Zebra"},
                 "action":{"name":"voice_call","parameters":{"display_text":"Zebra","ttl_minutes":100}}}""");
        put("interactive call_permission_request", """
                {"type":"call_permission_request","body":{"text":"Zebra"},"action":{"name":"call_permission_request"}}""");
        put("template", """
                {"name":"Zebra_hello","language":{"code":"en_US"}}""");
        put("template positional", """
                {"name":"Zebra_hello","language":{"code":"en_US"},"components":[
                  {"type":"header","parameters":[{"type":"text","text":"Zebra"}]},
                  {"type":"body","parameters":[{"type":"text","text":"Zebra"},
                    {"type":"currency","currency":{"fallback_value":"Zebra","code":"USD","amount_1000":1500}},
                    {"type":"date_time","date_time":{"fallback_value":"Zebra day"}}]},
                  {"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"Zebra"}]},
                  {"type":"button","sub_type":"url","index":"1","parameters":[{"type":"text","text":"Zebra"}]},
                  {"type":"button","sub_type":"copy_code","index":"2","parameters":[{"type":"coupon_code","coupon_code":"Zebra"}]}]}""");
        put("template named", """
                {"name":"Zebra_hello","language":{"code":"en_US"},"components":[
                  {"type":"header","parameters":[{"type":"text","text":"Zebra","parameter_name":"zebra_title"}]},
                  {"type":"body","parameters":[{"type":"text","text":"Zebra","parameter_name":"zebra_name"},
                    {"type":"currency","currency":{"fallback_value":"Zebra","code":"USD","amount_1000":1500},"parameter_name":"zebra_price"},
                    {"type":"date_time","date_time":{"fallback_value":"Zebra day"},"parameter_name":"zebra_day"}]},
                  {"type":"button","sub_type":"flow","index":"0","parameters":[
                    {"type":"action","action":{"flow_token":"Zebra","flow_action_data":{"key":"Zebra"}}}]},
                  {"type":"button","sub_type":"voice_call","index":"1"}]}""");
        put("template image", """
                {"name":"Zebra_hello","language":{"code":"en_US"},"components":[
                  {"type":"header","parameters":[{"type":"image","image":{"link":"https://example.com/Zebra.png"}}]},
                  {"type":"limited_time_offer","parameters":[{"type":"limited_time_offer","limited_time_offer":{"expiration_time_ms":1900000000000}}]},
                  {"type":"button","sub_type":"catalog","index":"0","parameters":[
                    {"type":"action","action":{"thumbnail_product_retailer_id":"Zebra1"}}]}]}""");
        put("template video", """
                {"name":"Zebra_hello","language":{"code":"en_US"},"components":[
                  {"type":"header","parameters":[{"type":"video","video":{"id":"Zebra1"}}]}]}""");
        put("template document", """
                {"name":"Zebra_hello","language":{"code":"en_US"},"components":[
                  {"type":"header","parameters":[{"type":"document","document":{"id":"Zebra1","filename":"Zebra.pdf"}}]}]}""");
        put("template location", """
                {"name":"Zebra_hello","language":{"code":"en_US"},"components":[{"type":"header","parameters":[{"type":"location",
                  "location":{"latitude":52.5,"longitude":-13.25,"name":"Zebra house","address":"Zebra street 1"}}]}]}""");
        put("template product", """
                {"name":"Zebra_hello","language":{"code":"en_US"},"components":[
                  {"type":"header","parameters":[{"type":"product","product":{"catalog_id":"Zebra1","product_retailer_id":"Zebra2"}}]}]}""");
        put("template mpm", """
                {"name":"Zebra_hello","language":{"code":"en_US"},"components":[
                  {"type":"button","sub_type":"mpm","index":"0","parameters":[{"type":"action","action":{
                    "thumbnail_product_retailer_id":"Zebra1","sections":[
                      {"title":"Zebra A","product_items":[{"product_retailer_id":"Zebra2"}]},
                      {"title":"Zebra B","product_items":[{"product_retailer_id":"Zebra3"}]}]}}]}]}""");
        put("template carousel", """
                {"name":"Zebra_hello","language":{"code":"en_US"},"components":[
                  {"type":"body","parameters":[{"type":"text","text":"Zebra"}]},
                  {"type":"carousel","cards":[
                    {"card_index":0,"components":[{"type":"header","parameters":[{"type":"image","image":{"id":"Zebra1"}}]},
                      {"type":"body","parameters":[{"type":"text","text":"Zebra"}]},
                      {"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"Zebra"}]}]},
                    {"card_index":1,"components":[{"type":"header","parameters":[{"type":"image","image":{"id":"Zebra2"}}]},
                      {"type":"body","parameters":[{"type":"text","text":"Zebra"}]},
                      {"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"Zebra"}]}]}]}]}""");
        put("template one-time password", """
                {"name":"Zebra_code","language":{"code":"en_US"},"components":[
                  {"type":"body","parameters":[{"type":"text","text":"Zebra"}]},
                  {"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"Zebra"}]}]}""");
    }

    private GoodMessages() {
    }

    private static void put(String name, String content) {
        CONTENTS.put(name, content);
    }

    /** The names of the messages; the first word is the type. */
    public static Set<String> names() {
        return CONTENTS.keySet();
    }

    /** A new copy of a message, to {@link #PHONE} (the pin: to a group), with all that can be around the content. */
    public static ObjectNode message(String name) {
        String type = name.split(" ")[0];
        ObjectNode message = JSON.createObjectNode().put("messaging_product", "whatsapp")
                .put("recipient_type", type.equals("pin") ? "group" : "individual")
                .put("to", type.equals("pin") ? "Zebra-group" : PHONE).put("type", type);
        message.set(type, tree(CONTENTS.get(name)));
        message.putObject("context").put("message_id", "wamid.Zebra");
        return message.put("biz_opaque_callback_data", MARKER);
    }

    /** A read mark with the typing indicator. */
    public static ObjectNode read() {
        return (ObjectNode) tree("""
                {"messaging_product":"whatsapp","status":"read","message_id":"wamid.Zebra","typing_indicator":{"type":"text"}}""");
    }

    public static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
