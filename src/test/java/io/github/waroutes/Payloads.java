package io.github.waroutes;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Webhook payloads in Meta's shape, with made-up people. */
public final class Payloads {

    public static final String USER = "15555550101";
    /** Within the 24-hour window, and the same for all payloads of a run. */
    private static final String NOW = String.valueOf(System.currentTimeMillis() / 1000);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger IDS = new AtomicInteger();

    private Payloads() {
    }

    /** A message id that no other test has. */
    public static String id() {
        return "wamid.TEST" + IDS.incrementAndGet() + System.nanoTime();
    }

    public static ObjectNode message(String id, String from, String type) {
        ObjectNode message = JSON.createObjectNode().put("id", id).put("timestamp", NOW).put("type", type);
        return from.matches("[A-Z]{2}\\..*") ? message.put("from_user_id", from) : message.put("from", from);
    }

    public static ObjectNode text(String id, String from, String text) {
        ObjectNode message = message(id, from, "text");
        message.putObject("text").put("body", text);
        return message;
    }

    public static ObjectNode audio(String id, String from, String mediaId, String sha256) {
        ObjectNode message = message(id, from, "audio");
        message.putObject("audio").put("id", mediaId).put("mime_type", "audio/ogg; codecs=opus").put("sha256", sha256).put("voice", true);
        return message;
    }

    public static ObjectNode status(String id, String user, String status) {
        return JSON.createObjectNode().put("id", id).put("status", status).put("timestamp", "1760000001").put("recipient_id", user);
    }

    /** A payload with messages of one change. */
    public static String messages(ObjectNode... messages) {
        return payload(value("messages", List.of(messages)));
    }

    public static String statuses(ObjectNode... statuses) {
        return payload(value("statuses", List.of(statuses)));
    }

    public static ObjectNode value(String array, List<ObjectNode> items) {
        ObjectNode value = JSON.createObjectNode().put("messaging_product", "whatsapp");
        value.putObject("metadata").put("display_phone_number", "15550783881").put("phone_number_id", TestGateway.NUMBER);
        ArrayNode contacts = value.putArray("contacts");
        items.stream().map(i -> i.path("from").asText(i.path("from_user_id").asText(i.path("recipient_id").asText(""))))
                .filter(user -> !user.isEmpty()).distinct().forEach(user -> {
                    ObjectNode contact = contacts.addObject();
                    contact.putObject("profile").put("name", "Kim Example");
                    contact.put(user.matches("[A-Z]{2}\\..*") ? "user_id" : "wa_id", user);
                });
        value.putArray(array).addAll(items);
        return value;
    }

    /** A payload with one entry and one change of the field {@code messages} for each value. */
    public static String payload(ObjectNode... values) {
        ObjectNode root = JSON.createObjectNode().put("object", "whatsapp_business_account");
        ObjectNode entry = root.putArray("entry").addObject().put("id", TestGateway.ACCOUNT);
        ArrayNode changes = entry.putArray("changes");
        for (ObjectNode value : values) {
            changes.addObject().put("field", "messages").set("value", value);
        }
        return root.toString();
    }

    /** A webhook of another field than {@code messages}. */
    public static String change(String field, String value) {
        return "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"" + TestGateway.ACCOUNT + "\",\"time\":1,\"changes\":[{\"field\":\"" + field
                + "\",\"value\":" + value + "}]}]}";
    }
}
