package io.github.waroutes.understanding;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The JSON of another system's answer, however the route holds it. */
final class JsonBody {

    static final ObjectMapper JSON = new ObjectMapper();

    private JsonBody() {
    }

    /**
     * @param body bytes, String, InputStream, or a Map or List of JSON values
     * @param whose who answered, for the message
     * @throws IllegalArgumentException if it is not JSON; neither message nor cause repeats the body, which is personal
     */
    static JsonNode read(Object body, String whose) {
        try {
            JsonNode node = null;
            if (body instanceof byte[] bytes) {
                node = JSON.readTree(bytes);
            } else if (body instanceof String text) {
                node = JSON.readTree(text);
            } else if (body instanceof InputStream in) {
                node = JSON.readTree(in);
            } else if (body instanceof Map || body instanceof List) {
                node = JSON.valueToTree(body);
            }
            if (node != null && !node.isMissingNode()) {
                return node;
            }
        } catch (IOException | IllegalArgumentException e) {
            // its message may quote the body: not passed on
        }
        throw new IllegalArgumentException("The answer of " + whose + " is not JSON; check its address");
    }
}
