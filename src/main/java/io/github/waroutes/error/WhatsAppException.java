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
public class WhatsAppException extends RuntimeException implements HasRetryClass {

    private static final ObjectWriter JSON = new ObjectMapper().writer();

    private final ErrorDetails details;

    public WhatsAppException(ErrorDetails details) {
        super(details.message(), details.cause());
        this.details = details;
    }

    /** The HTTP status of the answer, 0 if there was none (no connection, or the error came by webhook). */
    public int getStatusCode() {
        return details.statusCode();
    }

    /** Graph's error code, null if the answer had none. */
    public Integer getErrorCode() {
        return details.errorCode();
    }

    /** Graph's error subcode, null if the answer had none; Meta no longer promises it. */
    public Integer getErrorSubcode() {
        return details.errorSubcode();
    }

    /** Graph's {@code fbtrace_id}, which Meta's support asks for; null if there was none. */
    public String getTraceId() {
        return details.traceId();
    }

    /** What is known about the call, in the order it was added; unmodifiable, and made of JSON types only. */
    public Map<String, Object> getContext() {
        return details.context();
    }

    /** What a sender must do. */
    @Override
    public RetryClass getRetryClass() {
        return details.retryClass();
    }

    /** What else the same error will hit. */
    public ErrorScope getScope() {
        return details.scope();
    }

    /** No retry before this has passed: what the server asked for, or what Meta documents for the code; null if unknown. */
    @Override
    public Duration getMinimumWait() {
        return details.minimumWait();
    }

    /** No more retries than this for this error, whatever the general limit; null leaves it to the sender. */
    @Override
    public Integer getMaximumRetries() {
        return details.maximumRetries();
    }

    /** True if the same request may be sent again soon: {@link RetryClass#THROTTLE} or {@link RetryClass#TRANSIENT}. */
    public boolean isRetryable() {
        return details.retryClass() == RetryClass.THROTTLE || details.retryClass() == RetryClass.TRANSIENT;
    }

    /** True if the request may have been carried out although it failed here: repeating it may send a message twice. */
    public boolean isOutcomeUnknown() {
        return details.outcomeUnknown();
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
        map.put("status_code", details.statusCode());
        map.put("error_code", details.errorCode());
        map.put("error_subcode", details.errorSubcode());
        map.put("trace_id", details.traceId());
        map.put("retry_class", details.retryClass().name());
        map.put("scope", details.scope().name());
        map.put("minimum_wait_seconds", seconds(details.minimumWait()));
        map.put("maximum_retries", details.maximumRetries());
        map.put("outcome_unknown", details.outcomeUnknown() ? Boolean.TRUE : null);
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
