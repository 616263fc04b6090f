package io.github.waroutes.message;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * An approved template with its parameters. The body's parameters are either all named or all told apart by their order, as the template
 * was made.
 * <p>
 * Shapes: Meta, "Templates" and its pages on the components (2026).
 */
public final class Template extends OutboundMessage<Template> {

    private Template(ObjectNode json) {
        super(json);
    }

    /** @param language as in {@code en_US} */
    public static Template of(String name, String language) {
        ObjectNode json = ofType("template");
        json.putObject("template").put("name", name).putObject("language").put("code", language);
        return new Template(json);
    }

    /** A text as a parameter may be: Meta refuses line breaks, tabs and more than four blanks in a row, which become one blank here. */
    public static String oneLine(String text) {
        return MessageRules.oneLine(text);
    }

    /** The components of one card, for {@link #card(Template)}; it is not a message of its own. */
    public static Template card() {
        return of(null, null);
    }

    // header

    public Template headerText(String text) {
        return header("text", parameter -> parameter.put("text", text));
    }

    public Template headerText(String name, String text) {
        return header("text", parameter -> parameter.put("text", text).put("parameter_name", name));
    }

    public Template headerImage(String idOrLink) {
        return header("image", parameter -> parameter.set("image", Media.byIdOrLink(idOrLink)));
    }

    public Template headerVideo(String idOrLink) {
        return header("video", parameter -> parameter.set("video", Media.byIdOrLink(idOrLink)));
    }

    public Template headerDocument(String idOrLink, String filename) {
        return header("document", parameter -> parameter.set("document", Media.byIdOrLink(idOrLink).put("filename", filename)));
    }

    public Template headerLocation(double latitude, double longitude, String name, String address) {
        return header("location", parameter -> parameter.putObject("location").put("latitude", latitude).put("longitude", longitude)
                .put("name", name).put("address", address));
    }

    public Template headerProduct(String catalogId, String productRetailerId) {
        return header("product", parameter -> parameter.putObject("product").put("catalog_id", catalogId)
                .put("product_retailer_id", productRetailerId));
    }

    private Template header(String type, Consumer<ObjectNode> change) {
        return parameter("header", type, change);
    }

    // body

    /** The next positional parameter. */
    public Template text(String text) {
        return body("text", null, parameter -> parameter.put("text", text));
    }

    /** A named parameter. */
    public Template text(String name, String text) {
        return body("text", name, parameter -> parameter.put("text", text));
    }

    /** The next positional parameters, in order. */
    public Template texts(Collection<?> texts) {
        return texts.isEmpty() ? this : component(components -> texts.forEach(text -> addText(components, text)));
    }

    /** Named parameters: a text by its name. */
    public Template texts(Map<?, ?> texts) {
        return texts.isEmpty() ? this : component(components -> texts.forEach(
                (name, text) -> addText(components, text).put("parameter_name", String.valueOf(name))));
    }

    private static ObjectNode addText(ArrayNode components, Object text) {
        return parameters(components, "body").addObject().put("type", "text").put("text", String.valueOf(text));
    }

    /** @param amount1000 the amount times 1000 */
    public Template currency(String fallback, String code, long amount1000) {
        return currency(null, fallback, code, amount1000);
    }

    /** @param amount1000 the amount times 1000 */
    public Template currency(String name, String fallback, String code, long amount1000) {
        return body("currency", name, parameter -> parameter.putObject("currency").put("fallback_value", fallback).put("code", code)
                .put("amount_1000", amount1000));
    }

    /** @param fallback the date as it shall be shown */
    public Template dateTime(String fallback) {
        return dateTime(null, fallback);
    }

    /** @param fallback the date as it shall be shown */
    public Template dateTime(String name, String fallback) {
        return body("date_time", name, parameter -> parameter.putObject("date_time").put("fallback_value", fallback));
    }

    private Template body(String type, String name, Consumer<ObjectNode> change) {
        return parameter("body", type, parameter -> {
            change.accept(parameter);
            if (name != null) {
                parameter.put("parameter_name", name);
            }
        });
    }

    // buttons; an index counts from 0, in the order of the template

    /** @param payload comes back when the button is pressed */
    public Template quickReply(int index, String payload) {
        return button("quick_reply", index, "payload", parameter -> parameter.put("payload", payload));
    }

    /** @param suffix what is put at the end of the template's address */
    public Template url(int index, String suffix) {
        return button("url", index, "text", parameter -> parameter.put("text", suffix));
    }

    public Template copyCode(int index, String code) {
        return button("copy_code", index, "coupon_code", parameter -> parameter.put("coupon_code", code));
    }

    /** @param data what the first screen is given, JSON types only */
    public Template flow(int index, String token, Map<String, ?> data) {
        return button("flow", index, "action", parameter -> {
            ObjectNode action = parameter.putObject("action").put("flow_token", token);
            if (!data.isEmpty()) {
                action.set("flow_action_data", tree(data));
            }
        });
    }

    /** @param thumbnail the product whose picture is shown */
    public Template catalog(int index, String thumbnail) {
        return button("catalog", index, "action",
                parameter -> parameter.putObject("action").put("thumbnail_product_retailer_id", thumbnail));
    }

    /** Several products. @param sections the products' retailer ids by the title of their section, in the order of the map */
    public Template products(int index, String thumbnail, Map<String, List<String>> sections) {
        return button("mpm", index, "action", parameter -> {
            ObjectNode action = parameter.putObject("action").put("thumbnail_product_retailer_id", thumbnail);
            sections.forEach((title, products) -> {
                ArrayNode items = action.withArrayProperty("sections").addObject().put("title", title).putArray("product_items");
                products.forEach(product -> items.addObject().put("product_retailer_id", product));
            });
        });
    }

    public Template voiceCall(int index) {
        return component(components -> button(components, "voice_call", index));
    }

    private Template button(String kind, int index, String type, Consumer<ObjectNode> change) {
        return component(components -> change.accept(
                button(components, kind, index).putArray("parameters").addObject().put("type", type)));
    }

    private static ObjectNode button(ArrayNode components, String kind, int index) {
        return components.addObject().put("type", "button").put("sub_type", kind).put("index", String.valueOf(index));
    }

    /** A one-time password: the body's only parameter, and the one of the button that copies it or fills it in. */
    public Template oneTimePassword(String code) {
        return text(code).url(0, code);
    }

    public Template limitedTimeOffer(Instant expires) {
        return parameter("limited_time_offer", "limited_time_offer",
                parameter -> parameter.putObject("limited_time_offer").put("expiration_time_ms", expires.toEpochMilli()));
    }

    /** The next card of a carousel: header, body and buttons of it, begun by {@link #card()}. */
    public Template card(Template card) {
        return component(components -> {
            ArrayNode cards = find(components, "carousel").withArrayProperty("cards");
            cards.addObject().put("card_index", cards.size() - 1).set("components", card.components());
        });
    }

    private ArrayNode components() {
        ArrayNode copy = JsonNodeFactory.instance.arrayNode();
        with(message -> copy.addAll(message.withObjectProperty("template").withArrayProperty("components")));
        return copy;
    }

    private Template parameter(String component, String type, Consumer<ObjectNode> change) {
        return component(components -> change.accept(parameters(components, component).addObject().put("type", type)));
    }

    private static ArrayNode parameters(ArrayNode components, String component) {
        return find(components, component).withArrayProperty("parameters");
    }

    private Template component(Consumer<ArrayNode> change) {
        return with(message -> change.accept(message.withObjectProperty("template").withArrayProperty("components")));
    }

    private static ObjectNode find(ArrayNode components, String type) {
        for (int i = 0; i < components.size(); i++) {
            if (type.equals(components.get(i).path("type").asText())) {
                return (ObjectNode) components.get(i);
            }
        }
        return components.addObject().put("type", type);
    }

    @Override
    Template copy(ObjectNode changed) {
        return new Template(changed);
    }
}
