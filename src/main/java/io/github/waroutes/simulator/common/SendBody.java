package io.github.waroutes.simulator.common;

import com.fasterxml.jackson.databind.JsonNode;

/** Reads the body of {@code POST /{phone_number_id}/messages} before it is validated. */
public final class SendBody {

    private SendBody() {
    }

    /** Whether this is a read receipt, not a message. */
    public static boolean isReadMark(JsonNode body) {
        return body.has("status");
    }

    /** Meta treats a message without {@code type} as text. */
    public static String typeOf(JsonNode body) {
        return body.has("type") ? body.path("type").asText() : "text";
    }

    /** The value of {@code to}, or of {@code recipient} when there is no {@code to}. */
    public static String inputOf(JsonNode body) {
        return body.path(body.hasNonNull("to") ? "to" : "recipient").asText();
    }
}
