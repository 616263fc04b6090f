package io.github.waroutes.webhook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.error.WhatsAppWebhookException;
import io.github.waroutes.update.Update;
import io.github.waroutes.update.UpdateHeaders;

/**
 * Splits a webhook payload into updates: one for each message, status and error of every entry and change, and one for
 * each change of another field. Whatever it does not know stays in the update's body; what is of another shape than Meta's,
 * an entry without changes or statuses that are no list, is an update of the kind {@code change} of its own, beside the rest.
 * <p>
 * Shapes: Meta's "Webhooks › messages" reference and "Business-scoped user IDs" (2026). Ids and timestamps come as strings
 * or numbers; {@code contacts}, {@code from} and {@code wa_id} may be missing; timestamps have been seen in milliseconds.
 */
public class UpdateSplitter {

    private static final String MESSAGES = "messages";
    private static final String STATUSES = "statuses";
    private static final String ERRORS = "errors";
    /** The {@code type} of a status that says how far a message has come; as a rule it is left out. */
    private static final String DELIVERY = "message";
    private static final Set<String> MEDIA = Set.of("audio", "document", "image", "sticker", "video");
    private static final int MAX_HEADER = 512;
    private static final long FIRST_MILLISECOND_TIMESTAMP = 100_000_000_000L;

    private final ObjectMapper json = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonParser.Feature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    /**
     * @param payload a webhook's body, whose signature was right
     * @return the updates in Meta's order
     * @throws WhatsAppWebhookException 400, if the payload is not JSON, or has not the keys {@code object} and {@code entry}
     */
    public List<Update> split(byte[] payload) {
        JsonNode root = parse(payload);
        JsonNode entries = root.path("entry");
        if (!root.isObject() || !root.path("object").isTextual() || !root.has("entry")) {
            throw new WhatsAppWebhookException(400,
                    "The webhook's JSON is not a WhatsApp payload: it needs the keys object and entry.");
        }
        List<Update> updates = new ArrayList<>();
        for (JsonNode entry : entries.isArray() ? entries : json.createArrayNode().add(entries)) {
            if (!entry.path("changes").isArray()) {
                // Meta would send it again for seven days, with all that is beside it
                updates.add(change((ObjectNode) root, entry, json.missingNode()));
            }
            for (JsonNode change : items(entry, "changes")) {
                split((ObjectNode) root, entry, change, updates);
            }
        }
        if (updates.size() == 1) {
            Update only = updates.get(0);
            return List.of(new Update(only.headers(), payload));
        }
        return updates;
    }

    private JsonNode parse(byte[] payload) {
        try {
            return json.readTree(payload);
        } catch (JsonProcessingException e) {
            // the parser's own message may quote the payload
            throw new WhatsAppWebhookException(400, "The webhook's body is not JSON.");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void split(ObjectNode root, JsonNode entry, JsonNode change, List<Update> updates) {
        JsonNode value = change.path("value");
        int before = updates.size();
        ObjectNode rest = json.createObjectNode();
        if (MESSAGES.equals(change.path("field").asText())) {
            for (JsonNode message : items(value, MESSAGES)) {
                updates.add(message(root, entry, change, message));
            }
            for (JsonNode status : objects(value, STATUSES, rest)) {
                updates.add(status(root, entry, change, status));
            }
            for (JsonNode error : objects(value, ERRORS, rest)) {
                updates.add(error(root, entry, change, error));
            }
            keepIfNoList(value, MESSAGES, rest);
        }
        if (updates.size() == before) {
            updates.add(change(root, entry, change));
        } else if (!rest.isEmpty()) {
            ObjectNode unread = shallowCopy(change);
            ObjectNode around = around(value);
            unread.set("value", around.setAll(rest));
            updates.add(change(root, entry, unread));
        }
    }

    /** The elements of a list; none if it is something else, whose fields iterating would give. */
    private static Iterable<JsonNode> items(JsonNode node, String key) {
        return node.path(key).isArray() ? node.path(key) : List.of();
    }

    /** The objects of a list; what else is in it, or there in place of it, goes into the rest. */
    private List<JsonNode> objects(JsonNode value, String key, ObjectNode rest) {
        List<JsonNode> objects = new ArrayList<>();
        for (JsonNode item : items(value, key)) {
            if (item.isObject()) {
                objects.add(item);
            } else {
                rest.withArrayProperty(key).add(item);
            }
        }
        keepIfNoList(value, key, rest);
        return objects;
    }

    private static void keepIfNoList(JsonNode value, String key, ObjectNode rest) {
        if (value.hasNonNull(key) && !value.path(key).isArray()) {
            rest.set(key, value.path(key));
        }
    }

    private Update message(ObjectNode root, JsonNode entry, JsonNode change, JsonNode message) {
        JsonNode value = change.path("value");
        JsonNode contact = contact(value, message, "from_user_id", "from");
        JsonNode system = message.path("system");
        String before = before(message, system);
        // from now on the person is known by the new id; what is queued of the old one comes first
        String user = first(before == null ? null : first(text(system, "user_id"), text(system, "wa_id")), text(message, "from_user_id"), text(contact, "user_id"), text(message, "from"),
                text(contact, "wa_id"), text(system, "user_id"), text(system, "wa_id"));
        String type = first(text(message, "type"), "unknown");
        String id = text(message, "id");
        Map<String, Object> headers = headers("message", type, entry, value);
        byte[] body = body(root, entry, change, MESSAGES, message, contact);
        // a placeholder for a message that Meta could not deliver yet may be followed by that message, under the same id
        boolean placeholder = message.has(ERRORS) && !message.hasNonNull(type);
        String suffix = "unsupported".equals(type) || placeholder ? ":unsupported" : "";
        headers.put(UpdateHeaders.ID, id == null ? "message:" + digest(body) : "message:" + bounded(id) + suffix);
        put(headers, UpdateHeaders.MESSAGE_ID, id);
        put(headers, UpdateHeaders.USER, user);
        put(headers, UpdateHeaders.GROUP_ID, text(message, "group_id"));
        put(headers, UpdateHeaders.PROFILE_NAME, text(contact.path("profile"), "name"));
        put(headers, UpdateHeaders.MEDIA_ID, mediaId(type, message.path(type)));
        put(headers, UpdateHeaders.REPLY_TO, text(message.path("context"), "id"));
        timestamp(headers, message);
        put(headers, UpdateHeaders.PREVIOUS_USER, before);
        conversation(headers, first(text(message, "group_id"), before, user));
        return new Update(headers, body);
    }

    /** The id that a person had until this message; null if it does not tell of another one. */
    private static String before(JsonNode message, JsonNode system) {
        if (!"system".equals(text(message, "type")) || text(system, "user_id") == null && text(system, "wa_id") == null) {
            return null;
        }
        String number = text(system, "user_id") == null ? text(message, "from") : null;
        String before = first(text(system, "previous_user_id"), number);
        return before == null || before.equals(first(text(system, "user_id"), text(system, "wa_id"))) ? null : before;
    }

    private static String mediaId(String type, JsonNode object) {
        return MEDIA.contains(type) || object.has("mime_type") ? text(object, "id") : null;
    }

    private Update status(ObjectNode root, JsonNode entry, JsonNode change, JsonNode status) {
        JsonNode value = change.path("value");
        JsonNode contact = contact(value, status, "recipient_user_id", "recipient_id");
        boolean group = "group".equals(text(status, "recipient_type"));
        String user = group
                ? first(text(status, "recipient_participant_user_id"), text(status, "recipient_participant_id"))
                : first(text(status, "recipient_user_id"), text(contact, "user_id"), text(status, "recipient_id"),
                        text(contact, "wa_id"));
        String id = text(status, "id");
        String state = first(text(status, "status"), "unknown");
        String about = first(text(status, "type"), DELIVERY);
        // what is not about delivery, a payment say, can come again with the same id and status and other content: a refund
        boolean delivery = DELIVERY.equals(about);
        Map<String, Object> headers = headers("status", delivery ? state : about, entry, value);
        byte[] body = body(root, entry, change, STATUSES, status, contact);
        headers.put(UpdateHeaders.ID, id == null
                ? "status:" + digest(body)
                : "status:" + bounded(id) + ':' + bounded(state) + (group && user != null ? ":" + bounded(user) : "")
                        + (delivery ? "" : ':' + digest(write(status))));
        put(headers, UpdateHeaders.MESSAGE_ID, id);
        put(headers, UpdateHeaders.USER, user);
        put(headers, UpdateHeaders.GROUP_ID, group ? text(status, "recipient_id") : null);
        timestamp(headers, status);
        conversation(headers, group ? text(status, "recipient_id") : user);
        return new Update(headers, body);
    }

    private Update error(ObjectNode root, JsonNode entry, JsonNode change, JsonNode error) {
        Map<String, Object> headers = headers("error", first(text(error, "code"), "unknown"), entry, change.path("value"));
        byte[] body = body(root, entry, change, ERRORS, error, json.missingNode());
        headers.put(UpdateHeaders.ID, "error:" + digest(body));
        conversation(headers, null);
        return new Update(headers, body);
    }

    private Update change(ObjectNode root, JsonNode entry, JsonNode change) {
        Map<String, Object> headers = headers("change", first(text(change, "field"), "unknown"), entry, change.path("value"));
        byte[] body = change.isMissingNode() ? write(envelope(root, entry)) : write(envelope(root, entry, change));
        headers.put(UpdateHeaders.ID, "change:" + digest(body));
        conversation(headers, null);
        return new Update(headers, body);
    }

    private static Map<String, Object> headers(String kind, String type, JsonNode entry, JsonNode value) {
        Map<String, Object> headers = new LinkedHashMap<>();
        headers.put(UpdateHeaders.KIND, kind);
        put(headers, UpdateHeaders.TYPE, type);
        put(headers, UpdateHeaders.ACCOUNT_ID, text(entry, "id"));
        put(headers, UpdateHeaders.PHONE_NUMBER_ID, text(value.path("metadata"), "phone_number_id"));
        return headers;
    }

    private static void conversation(Map<String, Object> headers, String with) {
        String number = first((String) headers.get(UpdateHeaders.PHONE_NUMBER_ID),
                (String) headers.get(UpdateHeaders.ACCOUNT_ID), "unknown");
        headers.put(UpdateHeaders.CONVERSATION, with == null ? number : number + ':' + bounded(with));
    }

    private static void timestamp(Map<String, Object> headers, JsonNode item) {
        long timestamp = item.path("timestamp").asLong(0);
        if (timestamp > 0) {
            headers.put(UpdateHeaders.TIMESTAMP, timestamp >= FIRST_MILLISECOND_TIMESTAMP ? timestamp / 1000 : timestamp);
        }
    }

    /** The contact that an item belongs to; with a single contact and an item that names nobody, that one. */
    private JsonNode contact(JsonNode value, JsonNode item, String userIdKey, String phoneKey) {
        List<JsonNode> contacts = contacts(value);
        String userId = text(item, userIdKey);
        String phone = text(item, phoneKey);
        for (JsonNode contact : contacts) {
            if (userId != null && userId.equals(text(contact, "user_id"))
                    || phone != null && phone.equals(text(contact, "wa_id"))) {
                return contact;
            }
        }
        boolean nobodyElse = contacts.size() == 1 && value.path(MESSAGES).size() + value.path(STATUSES).size() == 1;
        return nobodyElse ? contacts.get(0) : json.missingNode();
    }

    private static List<JsonNode> contacts(JsonNode value) {
        List<JsonNode> contacts = new ArrayList<>();
        items(value, "contacts").forEach(contacts::add);
        if (value.path("contacts").isObject()) {
            contacts.add(value.path("contacts"));
        }
        return contacts;
    }

    private byte[] body(ObjectNode root, JsonNode entry, JsonNode change, String array, JsonNode item, JsonNode contact) {
        ObjectNode value = around(change.path("value"));
        if (contact.isObject()) {
            value.set("contacts", json.createArrayNode().add(contact));
        }
        value.set(array, json.createArrayNode().add(item));
        ObjectNode one = shallowCopy(change);
        one.set("value", value);
        return write(envelope(root, entry, one));
    }

    /** What the items of a change share. */
    private ObjectNode around(JsonNode value) {
        return shallowCopy(value).remove(List.of(MESSAGES, STATUSES, ERRORS, "contacts"));
    }

    private ObjectNode envelope(ObjectNode root, JsonNode entry, JsonNode change) {
        ObjectNode oneEntry = shallowCopy(entry);
        oneEntry.set("changes", json.createArrayNode().add(change));
        return envelope(root, oneEntry);
    }

    private ObjectNode envelope(ObjectNode root, JsonNode oneEntry) {
        ObjectNode copy = shallowCopy(root);
        ArrayNode entries = json.createArrayNode().add(oneEntry);
        copy.set("entry", entries);
        return copy;
    }

    private ObjectNode shallowCopy(JsonNode object) {
        ObjectNode copy = json.createObjectNode();
        object.fields().forEachRemaining(field -> copy.set(field.getKey(), field.getValue()));
        return copy;
    }

    private byte[] write(JsonNode node) {
        try {
            return json.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String digest(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void put(Map<String, Object> headers, String name, String value) {
        if (value != null) {
            headers.put(name, bounded(value));
        }
    }

    /** A header stays small; what is cut is still whole in the body. An id that is cut stays distinct by its digest. */
    private static String bounded(String value) {
        return value.length() <= MAX_HEADER
                ? value
                : value.substring(0, MAX_HEADER - 64) + digest(value.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(JsonNode node, String key) {
        JsonNode value = node.path(key);
        return value.isTextual() || value.isNumber() ? blankToNull(value.asText()) : null;
    }

    private static String blankToNull(String text) {
        return text.isBlank() ? null : text;
    }

    private static String first(String... candidates) {
        for (String candidate : candidates) {
            if (candidate != null) {
                return candidate;
            }
        }
        return null;
    }
}
