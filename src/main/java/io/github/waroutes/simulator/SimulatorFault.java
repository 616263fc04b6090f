package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A refusal, with the HTTP status and the JSON body it is answered with. The exception's own message never holds what
 * the caller sent; the body may.
 */
public final class SimulatorFault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int httpStatus;
    private final String body;

    private SimulatorFault(int httpStatus, String message, ObjectNode body) {
        super(message, null, false, false);
        this.httpStatus = httpStatus;
        this.body = body.toString();
    }

    /**
     * An error in Graph's shape:
     * {@code {"error":{"message","type","code","error_subcode"?,"error_data"?:{"messaging_product","details"},"fbtrace_id"}}}.
     * Source: WhatsApp Cloud API, "Error codes".
     *
     * @param subcode the error_subcode, or null to leave it out
     * @param details what is wrong and what to do, or null to leave error_data out
     */
    static SimulatorFault graph(int httpStatus, int code, Integer subcode, String message, String details) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode error = body.putObject("error");
        error.put("message", message);
        error.put("type", subcode == null ? "OAuthException" : "GraphMethodException");
        error.put("code", code);
        if (subcode != null) {
            error.put("error_subcode", subcode);
        }
        if (details != null) {
            error.putObject("error_data").put("messaging_product", "whatsapp").put("details", details);
        }
        error.put("fbtrace_id", SimulatorIds.trace());
        return new SimulatorFault(httpStatus, "Graph error " + code + ", HTTP " + httpStatus, body);
    }

    /** Code 100, HTTP 400; {@code details} names the field. */
    static SimulatorFault invalidParameter(String details) {
        return graph(400, 100, null, "(#100) Invalid parameter", details);
    }

    /** Code 100 with subcode 33, HTTP 400: the object named in the path is not there. */
    static SimulatorFault unknownObject() {
        return graph(400, 100, 33, "The object named in the path does not exist or cannot be reached with this token",
                null);
    }

    /** Code 190, HTTP 401. */
    static SimulatorFault badToken() {
        return graph(401, 190, null, "Invalid OAuth access token: send 'Authorization: Bearer' with the value of"
                + " whatsapp.access-token", null);
    }

    /** An error in the shape of OpenAI's API: {@code {"error":{"message","type","param","code":null}}}. */
    static SimulatorFault openAi(int httpStatus, String message, String param) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("error").put("message", message).put("type", "invalid_request_error").put("param", param)
                .putNull("code");
        return new SimulatorFault(httpStatus, "Transcription refused, HTTP " + httpStatus, body);
    }

    /** An error of the simulator's own endpoints: {@code {"error":"…"}}. */
    static SimulatorFault plain(int httpStatus, String message) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("error", message);
        return new SimulatorFault(httpStatus, "Simulator request refused, HTTP " + httpStatus, body);
    }

    public int getHttpStatus() {
        return httpStatus;
    }

    public String getBody() {
        return body;
    }
}
