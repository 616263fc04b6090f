package io.github.waroutes.update;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.camel.Header;

/** Reads the one update that a queued body holds (see {@link Update#body()}). */
public class UpdateReader {

    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() { };
    private static final TypeReference<List<Map<String, Object>>> OBJECTS = new TypeReference<>() { };
    /** Meta's message types, and what of them may become a metric's label. */
    private static final Set<String> TYPES = Set.of("text", "image", "video", "audio", "document", "sticker", "location",
            "contacts", "button", "interactive", "order", "reaction", "system", "unsupported", "edit", "revoke");
    private static final Set<String> STATUSES = Set.of("sent", "delivered", "read", "played", "failed");

    private final ObjectMapper json = new ObjectMapper();

    /** Meta's message object; of a burst the last one, with the texts of all in order, a line each. */
    public Map<String, Object> message(byte[] body) {
        JsonNode messages = value(body).path("messages");
        return object(messages.size() > 1 ? joined(messages) : messages.path(0));
    }

    private static JsonNode joined(JsonNode messages) {
        StringJoiner lines = new StringJoiner("\n");
        messages.forEach(message -> lines.add(message.path("text").path("body").asText("")));
        ObjectNode last = messages.path(messages.size() - 1).deepCopy();
        last.withObject("/text").put("body", lines.toString());
        return last;
    }

    /** Meta's status object. */
    public Map<String, Object> status(byte[] body) {
        return object(value(body).path("statuses").path(0));
    }

    /** The {@code errors} of a failed status, of an unsupported message, or of the account; empty if there are none. */
    public List<Map<String, Object>> errors(byte[] body) {
        JsonNode value = value(body);
        for (JsonNode owner : List.of(value.path("statuses").path(0), value.path("messages").path(0), value)) {
            if (owner.path("errors").isArray()) {
                return json.convertValue(owner.path("errors"), OBJECTS);
            }
        }
        return List.of();
    }

    /** The call objects of a change of the field {@code calls}; empty if there are none. */
    public List<Map<String, Object>> calls(byte[] body) {
        JsonNode calls = value(body).path("calls");
        return calls.isArray() ? json.convertValue(calls, OBJECTS) : List.of();
    }

    /** The message type or status if Meta's documentation has it, else {@code other}: a stranger names no label. */
    public String knownType(@Header(UpdateHeaders.TYPE) String type) {
        return type != null && (TYPES.contains(type) || STATUSES.contains(type)) ? type : "other";
    }

    private Map<String, Object> object(JsonNode node) {
        try {
            return node.isMissingNode() ? Map.of() : json.readerFor(OBJECT).readValue(node);
        } catch (IOException e) {
            throw new IllegalArgumentException("The queued update's item is not a JSON object");
        }
    }

    private JsonNode value(byte[] body) {
        try {
            return json.readTree(body).path("entry").path(0).path("changes").path(0).path("value");
        } catch (IOException e) {
            throw new IllegalArgumentException("The queued update is not JSON");
        }
    }
}
