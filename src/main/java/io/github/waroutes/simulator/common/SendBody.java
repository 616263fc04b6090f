package io.github.waroutes.simulator.common;

import com.fasterxml.jackson.databind.JsonNode;

/** What the body of {@code POST /{phone_number_id}/messages} is, read before it is checked. */
public final class SendBody {

    private SendBody() {
    }

    /** Whether this is a read mark rather than a message. */
    public static boolean isReadMark(JsonNode body) {
        return body.has("status");
    }

    /** Meta takes a message without {@code type} as text. */
    public static String typeOf(JsonNode body) {
        return body.has("type") ? body.path("type").asText() : "text";
    }

    /** What the caller wrote in {@code to}, or in {@code recipient} when there is no {@code to}. */
    public static String inputOf(JsonNode body) {
        return body.path(body.hasNonNull("to") ? "to" : "recipient").asText();
    }
}
