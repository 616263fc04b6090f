package io.github.waroutes.update;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.setting.Settings;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;

/** Reads the one update that a queued body holds (see {@link Update#body()}). */
public class UpdateReader {

    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() { };
    private static final Set<String> STATUSES = Set.of("sent", "delivered", "read", "played", "failed", "payment");

    /** Meta's message types, and what of them may become a metric's label. */
    private final Set<String> types = Set.copyOf(Settings.load().messageTypes());
    private final ObjectMapper json = new ObjectMapper();

    /** Meta's message object, empty if the update has something else in its place; of a burst the last one, with the texts of all in order, a line each. */
    public Map<String, Object> message(byte[] body) {
        JsonNode messages = value(body).path("messages");
        return object(messages.size() > 1 ? joined(messages) : messages.path(0));
    }

    private static JsonNode joined(JsonNode messages) {
        StringJoiner lines = new StringJoiner("\n");
        messages.forEach(message -> lines.add(message.path("text").path("body").asText("")));
        ObjectNode last = messages.path(messages.size() - 1).deepCopy();
        last.putObject("text").put("body", lines.toString());
        return last;
    }

    /**
     * Whether the object is there that a message's type names, so that a route for the type can look into it. A message of a type that Meta
     * does not document, and one that Meta could not pass on, need none.
     */
    public boolean isReadable(@Header(UpdateHeaders.TYPE) String type, @Body Map<String, Object> message) {
        Object content = message.get(type);
        return content instanceof Map<?, ?> || content instanceof List<?> && "contacts".equals(type)
                || "unsupported".equals(type) || !types.contains(String.valueOf(type));
    }

    /**
     * The body is Meta's message object still, after a route of the user's that may change it.
     *
     * @throws WhatsAppMessageException if it is something else
     */
    public void requireObject(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (!(body instanceof Map<?, ?>)) {
            throw new WhatsAppMessageException(ErrorDetails.builder("The route that whatsapp.on.message names has left "
                    + (body == null ? "nothing" : "a " + body.getClass().getSimpleName()) + " as the body. It must leave Meta's message object, a map, or stop; to answer"
                    + " and go on, call direct:whatsapp-reply with variableSend and variableReceive").build());
        }
    }

    /** Whether a text, a button, an answer to an interactive message or a voice message holds what our own routes make of it. */
    public boolean isComplete(@Body Map<String, Object> message) {
        String type = String.valueOf(message.get("type"));
        Object content = message.get(type);
        return switch (type) {
            case "text" -> says(content, "body");
            case "button" -> says(content, "text");
            case "interactive" -> says(content, "type") && isAnswered((Map<?, ?>) content);
            case "audio" -> says(content, "id") || at(content, "id") instanceof Number;
            default -> true;
        };
    }

    private static boolean isAnswered(Map<?, ?> interactive) {
        Object type = interactive.get("type");
        return !Set.of("button_reply", "list_reply").contains(type) || says(interactive.get(type), "title");
    }

    private static boolean says(Object object, String key) {
        return at(object, key) instanceof String text && !text.isBlank();
    }

    private static Object at(Object object, String key) {
        return object instanceof Map<?, ?> map ? map.get(key) : null;
    }

    /** Meta's status object, empty if there is none. */
    public Map<String, Object> status(byte[] body) {
        return object(value(body).path("statuses").path(0));
    }

    /**
     * Whether a status says how far a message has come, and not what became of a payment.
     *
     * @param status Meta's status object
     */
    public boolean isDelivery(@Body Map<String, Object> status) {
        Object type = status.get("type");
        return type == null || type.toString().isBlank() || "message".equals(type);
    }

    /** The first of the {@code errors} of a failed status, of an unsupported message, or of the account; empty if there is none. */
    public Map<String, Object> error(byte[] body) {
        JsonNode value = value(body);
        for (JsonNode owner : List.of(value.path("statuses").path(0), value.path("messages").path(0), value)) {
            if (owner.path("errors").isArray()) {
                return objects(owner.path("errors")).stream().findFirst().orElse(Map.of());
            }
        }
        return Map.of();
    }

    /** The call objects of a change of the field {@code calls}; empty if there are none. */
    public List<Map<String, Object>> calls(byte[] body) {
        return objects(value(body).path("calls"));
    }

    private List<Map<String, Object>> objects(JsonNode list) {
        List<Map<String, Object>> objects = new ArrayList<>();
        if (list.isArray()) {
            list.forEach(item -> {
                if (item.isObject()) {
                    objects.add(object(item));
                }
            });
        }
        return objects;
    }

    /** The message type or status if Meta's documentation has it, else {@code other}: a stranger names no label. */
    public String knownType(@Header(UpdateHeaders.TYPE) String type) {
        return type != null && (types.contains(type) || STATUSES.contains(type)) ? type : "other";
    }

    private Map<String, Object> object(JsonNode node) {
        try {
            return node.isObject() ? json.readerFor(OBJECT).readValue(node) : Map.of();
        } catch (IOException e) {
            throw new IllegalStateException(e);
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
