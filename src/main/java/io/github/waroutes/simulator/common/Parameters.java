package io.github.waroutes.simulator.common;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * The parameters of a Graph request whose body may be JSON, a form, or missing. Source: Graph API, "Overview": parameters are accepted as
 * JSON or form-encoded, and an object or a list also as a string that holds its JSON.
 */
public class Parameters {

    private static final String FORM = "application/x-www-form-urlencoded";
    /** Fields that are objects or lists; others may be strings that happen to look like JSON. */
    private static final Set<String> NESTED = Set.of("text", "template", "interactive", "image", "audio", "video", "document", "sticker",
            "location", "contacts", "reaction", "context", "typing_indicator", "pin", "components", "webhook_configuration");

    /** Makes one JSON object of a form, and of objects that are given as strings; any other body is left as it is. */
    public void normalize(@Header("Content-Type") String contentType, Exchange exchange) {
        boolean form = contentType != null && contentType.split(";", 2)[0].strip().equalsIgnoreCase(FORM);
        // the body of an upload is a file: it is not read
        ObjectNode given = form && exchange.getMessage() instanceof HttpMessage message ? fields(message.getRequest().formAttributes())
                : Json.isJson(contentType) ? (ObjectNode) Json.object(exchange.getMessage().getBody(byte[].class)).orElse(null) : null;
        if (given != null && (nest(given) || form)) {
            exchange.getMessage().setHeader("Content-Type", "application/json");
            exchange.getMessage().setBody(given.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private static ObjectNode fields(MultiMap form) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        form.forEach(field -> fields.put(field.getKey(), field.getValue()));
        // it is normalised already
        fields.remove("access_token");
        return fields;
    }

    private static boolean nest(ObjectNode fields) {
        boolean changed = false;
        for (String name : NESTED) {
            String text = fields.path(name).textValue();
            Optional<JsonNode> parsed = text == null ? Optional.empty()
                    : Json.any(text.getBytes(StandardCharsets.UTF_8)).filter(JsonNode::isContainerNode);
            parsed.ifPresent(value -> fields.set(name, value));
            changed |= parsed.isPresent();
        }
        return changed;
    }

    /**
     * @return an object; an empty one for a missing body
     * @throws Refusal code 100 when the body is there and is no JSON object
     */
    public static JsonNode read(String contentType, byte[] body) {
        if (body == null || body.length == 0) {
            return JsonNodeFactory.instance.objectNode();
        }
        return object(contentType, body);
    }

    /** @throws Refusal code 100 when the body is no JSON object */
    public static ObjectNode object(String contentType, byte[] body) {
        if (!Json.isJson(contentType)) {
            throw Refusal.invalidParameter("Content-Type must be application/json");
        }
        return (ObjectNode) Json.object(body)
                .orElseThrow(() -> Refusal.invalidParameter("The body must be a JSON object"));
    }

    /** A text, or null if the field is missing. */
    public static String text(JsonNode request, String field) {
        JsonNode value = request.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw Refusal.invalidParameter(field + " must be of type string");
        }
        return value.textValue();
    }
}
