package io.github.waroutes.simulator.common;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;

/** Reads request bodies of the simulator's own endpoints. Refusals are {@link Refusal}s that say what is wrong. */
public final class ControlRequest {

    private ControlRequest() {
    }

    /**
     * @param example a valid one
     * @throws Refusal 415 unless it is JSON, 400 unless it is an object
     */
    public static JsonNode object(String contentType, byte[] body, String example) {
        if (!Json.isJson(contentType)) {
            throw Refusal.plain(415, "Content-Type must be application/json");
        }
        return Json.object(body).orElseThrow(() -> Refusal.plain(400, "The body must be a JSON object, such as " + example));
    }

    /** @throws Refusal 400 with this message when there is another field */
    public static void only(JsonNode request, Collection<String> fields, String message) {
        request.fieldNames().forEachRemaining(field -> {
            if (!fields.contains(field)) {
                throw Refusal.plain(400, message);
            }
        });
    }

    /** @throws Refusal 400 unless the field is a text of 1 to {@code most} characters */
    public static String text(JsonNode parent, String field, int most) {
        String text = parent.path(field).textValue();
        if (text == null || text.isBlank() || text.codePointCount(0, text.length()) > most) {
            throw Refusal.plain(400, field + " must be a string of 1 to " + most + " characters");
        }
        return text;
    }
}
