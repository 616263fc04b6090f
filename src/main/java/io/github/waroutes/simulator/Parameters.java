package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The parameters of a Graph request whose body may be JSON or missing. */
final class Parameters {

    private Parameters() {
    }

    /**
     * @return an object; an empty one for a missing body
     * @throws SimulatorFault code 100 when the body is there and is no JSON object
     */
    static JsonNode read(String contentType, byte[] body) {
        if (body == null || body.length == 0) {
            return JsonNodeFactory.instance.objectNode();
        }
        return object(contentType, body);
    }

    /** @throws SimulatorFault code 100 when the body is no JSON object */
    static ObjectNode object(String contentType, byte[] body) {
        if (!Json.isJson(contentType)) {
            throw SimulatorFault.invalidParameter("Content-Type must be application/json");
        }
        return (ObjectNode) Json.object(body)
                .orElseThrow(() -> SimulatorFault.invalidParameter("The body must be a JSON object"));
    }

    /** A text, or null if the field is missing. */
    static String text(JsonNode request, String field) {
        JsonNode value = request.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw SimulatorFault.invalidParameter(field + " must be of type string");
        }
        return value.textValue();
    }
}
