package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.waroutes.simulator.common.Json;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.SendBody;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * A request that the application made: to Graph, for a file, or to the simulated transcription.
 *
 * @param at     when it came
 * @param method GET, POST or DELETE
 * @param path   without the query, such as {@code /graph/v26.0/106540352242922/messages}
 * @param body   the JSON object that came, or a missing node when none did; {@code {"bytes":n}} of one above 1 MiB
 * @param status the HTTP status of the answer, whether or not it arrived; 0 while there is none
 * @param answer the JSON object that was answered, or a missing node
 * @param fault  the fault of the call, as the control API names it ({@code graph-error}, {@code cut}, …), or null
 */
public record GraphCall(Instant at, String method, String path, JsonNode body, int status, JsonNode answer, String fault) {

    static GraphCall begun(Instant at, String method, String path, byte[] body) {
        return new GraphCall(at, method, path, parsed(body), 0, MissingNode.getInstance(), null);
    }

    /** Of a body that is too large to be kept there is only {@code {"bytes":n}}. */
    static GraphCall begunLarge(Instant at, String method, String path, int bytes) {
        return new GraphCall(at, method, path, JsonNodeFactory.instance.objectNode().put("bytes", bytes), 0,
                MissingNode.getInstance(), null);
    }

    GraphCall answered(int httpStatus, String text, String struck) {
        return new GraphCall(at, method, path, body, httpStatus,
                parsed(text == null ? null : text.getBytes(StandardCharsets.UTF_8)), struck);
    }

    private static JsonNode parsed(byte[] bytes) {
        return Json.object(bytes).orElse(MissingNode.getInstance());
    }

    /** Whether it is an attempt to send a message: not a read receipt, nor anything else. */
    public boolean isMessage() {
        return "POST".equals(method) && (path.endsWith("/messages") || path.endsWith("/marketing_messages")) && !isReadMark();
    }

    /** Whether it marks a message as read, with or without a typing indicator. */
    public boolean isReadMark() {
        return "POST".equals(method) && path.endsWith("/messages") && SendBody.isReadMark(body);
    }

    /** Whether it is a message that was accepted. */
    public boolean isSent() {
        return isMessage() && status == 200;
    }

    /** The recipient of a message: digits of a phone number, or a business-scoped user id; empty if the call names none. */
    public Optional<String> user() {
        return isMessage() ? Recipient.of(SendBody.inputOf(body)).map(Recipient::key) : Optional.empty();
    }

    /** Whether it is a call to this number's path. */
    public boolean isOf(String phoneNumberId) {
        return path.contains("/" + phoneNumberId + "/");
    }

    /** The {@code type} of a message, text when it has none; null for other calls. */
    public String type() {
        return isMessage() ? body.path("type").asText("text") : null;
    }

    /** The words of a text message, or null. */
    public String text() {
        return body.at("/text/body").textValue();
    }

    /** The id that an accepted message was given, or null. */
    public String messageId() {
        return answer.at("/messages/0/id").textValue();
    }

    /** The Graph error code it was refused with, or null. */
    public Integer errorCode() {
        JsonNode code = answer.at("/error/code");
        return code.isInt() ? Integer.valueOf(code.intValue()) : null;
    }

    /** One line, without the time: {@code POST messages → 400 (131056)}. */
    @Override
    public String toString() {
        String words = text() == null ? "" : " \"" + text() + "\"";
        String error = errorCode() == null ? "" : " (" + errorCode() + ")";
        String struck = fault == null ? "" : ", by the fault " + fault;
        return method + ' ' + path.replaceFirst("^/graph/[^/]+/", "") + words + " -> "
                + (status == 0 ? "not answered yet" : status + error) + struck;
    }
}
