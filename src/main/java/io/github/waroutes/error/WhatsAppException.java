package io.github.waroutes.error;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Anything that went wrong between WhatsApp, its users and this channel. The subclass says what kind of trouble it is,
 * {@link #getRetryClass()} what to do about it and {@link #getScope()} what else it will hit. The getters can be read
 * from routes, as in {@code ${exception.retryClass}}.
 *
 * <p>The message holds no phone number, user id, token or message text.
 */
public class WhatsAppException extends RuntimeException {

    private static final ObjectWriter JSON = new ObjectMapper().writer();

    private final int statusCode;
    private final Integer errorCode;
    private final Integer errorSubcode;
    private final String traceId;
    private final Map<String, Object> context;
    private final RetryClass retryClass;
    private final ErrorScope scope;
    private final Duration minimumWait;
    private final Integer maximumRetries;
    private final boolean outcomeUnknown;

    public WhatsAppException(ErrorDetails details) {
        super(details.message(), details.cause());
        statusCode = details.statusCode();
        errorCode = details.errorCode();
        errorSubcode = details.errorSubcode();
        traceId = details.traceId();
        context = details.context();
        retryClass = details.retryClass();
        scope = details.scope();
        minimumWait = details.minimumWait();
        maximumRetries = details.maximumRetries();
        outcomeUnknown = details.outcomeUnknown();
    }

    /** The HTTP status of the answer, 0 if there was none (no connection, or the error came by webhook). */
    public int getStatusCode() {
        return statusCode;
    }

    /** Graph's error code, null if the answer had none. */
    public Integer getErrorCode() {
        return errorCode;
    }

    /** Graph's error subcode, null if the answer had none; Meta no longer promises it. */
    public Integer getErrorSubcode() {
        return errorSubcode;
    }

    /** Graph's {@code fbtrace_id}, which Meta's support asks for; null if there was none. */
    public String getTraceId() {
        return traceId;
    }

    /** What is known about the call, in the order it was added; unmodifiable, and made of JSON types only. */
    public Map<String, Object> getContext() {
        return context;
    }

    /** What a sender must do. */
    public RetryClass getRetryClass() {
        return retryClass;
    }

    /** What else the same error will hit. */
    public ErrorScope getScope() {
        return scope;
    }

    /** No retry before this has passed: what the server asked for, or what Meta documents for the code; null if unknown. */
    public Duration getMinimumWait() {
        return minimumWait;
    }

    /** No more retries than this for this error, whatever the general limit; null leaves it to the sender. */
    public Integer getMaximumRetries() {
        return maximumRetries;
    }

    /** True if the same request may be sent again soon: {@link RetryClass#THROTTLE} or {@link RetryClass#TRANSIENT}. */
    public boolean isRetryable() {
        return retryClass == RetryClass.THROTTLE || retryClass == RetryClass.TRANSIENT;
    }

    /** True if the request may have been carried out although it failed here: repeating it may send a message twice. */
    public boolean isOutcomeUnknown() {
        return outcomeUnknown;
    }

    /**
     * This error as JSON types, without nulls: {@code type} (the simple class name), {@code message},
     * {@code status_code}, {@code error_code}, {@code error_subcode}, {@code trace_id}, {@code retry_class},
     * {@code scope}, {@code minimum_wait_seconds}, {@code maximum_retries}, {@code outcome_unknown} (if true), the
     * fields of the subclass, and {@code context}.
     */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", getClass().getSimpleName());
        map.put("message", getMessage());
        map.put("status_code", statusCode);
        map.put("error_code", errorCode);
        map.put("error_subcode", errorSubcode);
        map.put("trace_id", traceId);
        map.put("retry_class", retryClass.name());
        map.put("scope", scope.name());
        map.put("minimum_wait_seconds", seconds(minimumWait));
        map.put("maximum_retries", maximumRetries);
        map.put("outcome_unknown", outcomeUnknown ? Boolean.TRUE : null);
        addTo(map);
        map.put("context", getContext());
        map.values().removeIf(Objects::isNull);
        return map;
    }

    /** Adds the fields of a subclass to {@link #toMap()}; null values are left out afterwards. */
    protected void addTo(Map<String, Object> map) {
    }

    /** {@link #toMap()} as one line of JSON. */
    public String toJson() {
        try {
            return JSON.writeValueAsString(toMap());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The error cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    static Long seconds(Duration duration) {
        return duration == null ? null : duration.toSeconds();
    }
}
