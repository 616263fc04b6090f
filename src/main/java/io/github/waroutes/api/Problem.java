package io.github.waroutes.api;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppMediaException;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.error.WhatsAppRateLimitException;
import io.github.waroutes.error.WhatsAppRouteException;
import io.github.waroutes.error.WhatsAppTemplateException;
import io.github.waroutes.queue.QueueOutcomeUnknownException;
import io.github.waroutes.queue.QueueUnavailableException;
import io.github.waroutes.state.StateUnavailableException;

/**
 * What went wrong, as RFC 9457 writes it: {@code type}, {@code title}, {@code status}, {@code detail}, and beside them {@code error}
 * (the typed exception's name), {@code code}, {@code subcode} and {@code trace_id} (Graph's), {@code field} and {@code fields}.
 *
 * @param status     the HTTP status
 * @param members    the members of the JSON object
 * @param retryAfter when it is worth trying again; null if nothing is known
 */
public record Problem(int status, Map<String, Object> members, Duration retryAfter) {

    /** RFC 9457, 3.1.1, and RFC 4151: a type that cannot be looked up is a tag. */
    static final String TYPE = "tag:waroutes.github.io,2026:";
    /** Graph's subcode of an object that is not there. */
    private static final int MISSING = 33;
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Set<Integer> PASSED_ON = Set.of(400, 413, 415, 422);

    static final Map<String, String> TITLES = Map.ofEntries(
            Map.entry("unauthorized", "The bearer token is missing or unknown"),
            Map.entry("method", "This address does not take the method"),
            Map.entry("media-type", "This address does not take the content type"),
            Map.entry("bad-request", "The request is not as the API takes it"),
            Map.entry("too-large", "The body is too large"),
            Map.entry("too-slow", "The body did not arrive in time"),
            Map.entry("other-body", "The idempotency key belongs to another request"),
            Map.entry("in-progress", "The same request is being read"),
            Map.entry("not-found", "There is no such thing"),
            Map.entry("too-busy", "Too many requests at once"),
            Map.entry("message", "The message is refused"),
            Map.entry("refused", "The request is refused"),
            Map.entry("rate-limit", "Meta asks for patience"),
            Map.entry("upstream", "The call to Meta failed"),
            Map.entry("unavailable", "It cannot be stored now"),
            Map.entry("internal", "Something went wrong here"));

    /** The problem that a failure of a request about a message is. */
    public static Problem of(Throwable failure) {
        return of(failure, false);
    }

    /** The problem that a failure is; of a failure that is not ours nothing is told, as its message may hold anything.
     *
     * @param manages whether the request is about the number or its account, and no message
     */
    public static Problem of(Throwable failure, boolean manages) {
        WhatsAppException known = Causes.find(WhatsAppException.class, failure);
        if (known instanceof ApiException refused) {
            return typed(refused.getKind(), refused.getStatusCode(), refused);
        }
        if (known instanceof WhatsAppRateLimitException) {
            return typed("rate-limit", 429, known);
        }
        if (known instanceof WhatsAppMessageException || known instanceof WhatsAppTemplateException
                || known instanceof WhatsAppMediaException) {
            return ofRefused(known, manages);
        }
        if (known != null && !(known instanceof WhatsAppRouteException)) {
            return typed("upstream", 502, known);
        }
        if (Causes.find(QueueOutcomeUnknownException.class, failure) != null) {
            return plain("unavailable", 503, "It may have been taken, or not. Send the request again in a few seconds with the same"
                    + " Idempotency-Key; one that had none may be taken twice.", SOON);
        }
        if (Causes.find(QueueUnavailableException.class, failure) != null
                || Causes.find(StateUnavailableException.class, failure) != null
                || Causes.find(CallNotPermittedException.class, failure) != null) {
            return plain("unavailable", 503, "Nothing was taken. Send the request again in a few seconds.", SOON);
        }
        return plain("internal", 500, "It is in the log. Send the request again, with the same idempotency key.", null);
    }

    private static Problem ofRefused(WhatsAppException known, boolean manages) {
        int status = known.getStatusCode();
        if (status >= 500) {
            return typed("upstream", 502, known);
        }
        if (manages) {
            return status == 404 || Integer.valueOf(MISSING).equals(known.getErrorSubcode()) ? typed("not-found", 404, known) : typed("refused", PASSED_ON.contains(status) ? status : 422, known);
        }
        // what our own checks refuse has no status; the other ones of Graph say something about its caller, who is not ours
        return typed("message", PASSED_ON.contains(status) ? status : 422, known);
    }

    private static Problem plain(String kind, int status, String detail, Duration retryAfter) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("type", TYPE + kind);
        members.put("title", TITLES.get(kind));
        members.put("status", status);
        members.put("detail", detail);
        return new Problem(status, members, retryAfter);
    }

    private static Problem typed(String kind, int status, WhatsAppException known) {
        Duration wait = known.getMinimumWait() == null && status == 503 ? SOON : known.getMinimumWait();
        Problem problem = plain(kind, status, known.getMessage(), wait);
        Map<String, Object> map = known.toMap();
        Map<?, ?> context = map.get("context") instanceof Map<?, ?> found ? found : Map.of();
        put(problem.members, "error", map.get("type"));
        put(problem.members, "code", map.get("error_code"));
        put(problem.members, "subcode", map.get("error_subcode"));
        put(problem.members, "trace_id", map.get("trace_id"));
        Object fields = context.get("fields");
        Object field = map.get("field") != null ? map.get("field") : context.get("field");
        put(problem.members, "field", field == null && fields instanceof List<?> list && !list.isEmpty() ? list.get(0) : field);
        put(problem.members, "fields", fields);
        return problem;
    }

    private static void put(Map<String, Object> members, String name, Object value) {
        if (value != null) {
            members.put(name, value);
        }
    }
}
