package io.github.waroutes.simulator.common;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.cloud.Usage;
import java.util.Locale;

/**
 * A refusal, with the HTTP status and the JSON body it is answered with. The exception's own message never holds what
 * the caller sent; the body may.
 */
public final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;
    /** The subcode of an object that is not there. */
    private static final int MISSING = 33;
    private static final String METHOD = "GraphMethodException";

    private final int httpStatus;
    private final String contentType;
    private final String body;
    private final String location;
    private Integer retryAfter;
    private String usage;

    private Refusal(int httpStatus, String message, ObjectNode body) {
        this(httpStatus, message, "application/json", body.toString(), null);
    }

    private Refusal(int httpStatus, String message, String contentType, String body, String location) {
        super(message, null, false, false);
        this.httpStatus = httpStatus;
        this.contentType = contentType;
        this.body = body;
        this.location = location;
    }

    /**
     * An error in Graph's shape:
     * {@code {"error":{"message","type","code","error_subcode"?,"error_data"?:{"messaging_product","details"},"fbtrace_id"}}}.
     * Source: WhatsApp Cloud API, "Error codes".
     *
     * @param subcode the error_subcode, or null to leave it out
     * @param details what is wrong and what to do, or null to leave error_data out
     */
    public static Refusal graph(int httpStatus, int code, Integer subcode, String message, String details) {
        return graph(httpStatus, subcode != null && subcode == MISSING ? METHOD : "OAuthException", code, subcode, message, details);
    }

    private static Refusal graph(int httpStatus, String type, int code, Integer subcode, String message, String details) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode error = body.putObject("error");
        error.put("message", message);
        error.put("type", type);
        error.put("code", code);
        if (subcode != null) {
            error.put("error_subcode", subcode);
        }
        if (details != null) {
            error.putObject("error_data").put("messaging_product", "whatsapp").put("details", details);
        }
        error.put("fbtrace_id", Ids.trace());
        return new Refusal(httpStatus, "Graph error " + code + ", HTTP " + httpStatus, body);
    }

    /** HTTP 400 with an error in Graph's shape beside what was done all the same. */
    public static Refusal partly(ObjectNode done, int code, String message, String details) {
        done.putObject("error").put("message", message).put("type", "OAuthException").put("code", code).put("fbtrace_id", Ids.trace())
                .putObject("error_data").put("messaging_product", "whatsapp").put("details", details);
        return new Refusal(400, "Graph error " + code + ", HTTP 400", done);
    }

    /** Code 100, HTTP 400: the proof of the app secret is missing or wrong. */
    public static Refusal appSecretProof(String message) {
        return graph(400, METHOD, 100, null, message, null);
    }

    /** Code 100, HTTP 400; {@code details} names the field. */
    public static Refusal invalidParameter(String details) {
        return graph(400, 100, null, "(#100) Invalid parameter", details);
    }

    /** Code 131008, HTTP 400; {@code details} names the field. */
    public static Refusal missingParameter(String details) {
        return graph(400, 131008, null, "(#131008) Required parameter is missing", details);
    }

    /** Code 131009, HTTP 400; {@code details} names the field. */
    public static Refusal wrongValue(String details) {
        return graph(400, 131009, null, "(#131009) Parameter value is not valid", details);
    }

    /** Code 100 with subcode 33, HTTP 400: the object is not there, or takes no such method. */
    public static Refusal unsupported(String method, String id) {
        return unsupported(method, id, null);
    }

    /** As {@link #unsupported(String, String)}, with details. */
    public static Refusal unsupported(String method, String id, String details) {
        return graph(400, 100, MISSING, "Unsupported " + method.toLowerCase(Locale.ROOT) + " request. Object with ID '" + id
                + "' does not exist, cannot be loaded due to missing permissions, or does not support this operation", details);
    }

    /** Code 2500, HTTP 400: this part of the path names nothing. */
    public static Refusal unknownPath(String components, String details) {
        return graph(400, 2500, null, "Unknown path components: " + components, details);
    }

    /** Code 100, HTTP 400: an object of this kind has no such field or edge. */
    public static Refusal noSuchField(String field, String kind, String details) {
        return graph(400, 100, null, "(#100) Tried accessing nonexisting field (" + field + ") on node type (" + kind + ")",
                details);
    }

    /** Code 190, HTTP 401. */
    public static Refusal badToken() {
        return graph(401, 190, null, "Invalid OAuth access token - Cannot parse access token",
                "Send 'Authorization: Bearer' with the value of whatsapp.access-token");
    }

    /** Code 190, HTTP 400: an app's token whose secret is not that app's. */
    public static Refusal badAppToken() {
        return graph(400, 190, null, "Invalid OAuth access token signature.", null);
    }

    /** Code 10, HTTP 403: the token has not this permission. */
    public static Refusal notPermitted(String scope) {
        return graph(403, 10, null, "(#10) Application does not have permission for this action", "The token has not the permission " + scope);
    }

    /** Code 15, HTTP 403: only an app's own token will do. */
    public static Refusal appTokenOnly() {
        return graph(403, 15, null, "(#15) This method must be called with an app access_token.", null);
    }

    /** Code 2500, HTTP 400: who asks about the owner of a token must send one. */
    public static Refusal noToken() {
        return graph(400, 2500, null, "An active access token must be used to query information about the current user.",
                null);
    }

    /** Code 2200, HTTP 400: the callback did not answer the handshake with the challenge. */
    public static Refusal callbackRefused(String why) {
        return graph(400, 2200, null, "(#2200) Callback verification failed with the following errors: " + why, null);
    }

    /** An error in the shape of OpenAI's API: {@code {"error":{"message","type","param","code":null}}}. */
    public static Refusal openAi(int httpStatus, String message, String param) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("error").put("message", message).put("type", "invalid_request_error").put("param", param)
                .putNull("code");
        return new Refusal(httpStatus, "Transcription refused, HTTP " + httpStatus, body);
    }

    /** An error of the simulator's own endpoints: {@code {"error":"…"}}. */
    public static Refusal plain(int httpStatus, String message) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("error", message);
        return new Refusal(httpStatus, "Simulator request refused, HTTP " + httpStatus, body);
    }

    /** An HTML page, as a proxy in front of Graph answers when Graph does not. */
    public static Refusal html(int httpStatus) {
        return new Refusal(httpStatus, "HTML page, HTTP " + httpStatus, "text/html; charset=utf-8",
                "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Sorry, something went wrong.</h1></body></html>",
                null);
    }

    /** HTTP 404: the media URL is older than 5 minutes, or was never handed out. */
    public static Refusal expiredUrl() {
        return plain(404, "This media URL has expired or is wrong: ask for a new one by the media id");
    }

    /** HTTP 302. */
    public static Refusal redirect(String location) {
        return new Refusal(302, "Redirect", "text/plain", "", location);
    }

    /** Adds a {@code Retry-After} header of these seconds, unless null. */
    public Refusal after(Integer seconds) {
        retryAfter = seconds;
        return this;
    }

    /** Adds an {@code X-Business-Use-Case-Usage} header. */
    public Refusal withUsage(String json) {
        usage = json;
        return this;
    }

    /** The value of {@code X-Business-Use-Case-Usage}, or null. */
    public String getUsage() {
        return usage;
    }

    /** Seconds, or null. */
    public Integer getRetryAfter() {
        return retryAfter;
    }

    /** Where a redirect points, or null. */
    public String getLocation() {
        return location;
    }

    public String getContentType() {
        return contentType;
    }

    public int getHttpStatus() {
        return httpStatus;
    }

    public String getBody() {
        return body;
    }
}
