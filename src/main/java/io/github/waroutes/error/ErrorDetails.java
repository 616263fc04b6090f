package io.github.waroutes.error;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What every {@link WhatsAppException} knows; immutable. Made by {@link #builder(String)}.
 *
 * <p>The message and the context must hold no phone number, user id, token or message text: use {@link Masking}.
 */
public record ErrorDetails(String message, Throwable cause, int statusCode, Integer errorCode, Integer errorSubcode, String traceId,
        Map<String, Object> context, RetryClass retryClass, ErrorScope scope, Duration minimumWait, Integer maximumRetries,
        boolean outcomeUnknown) implements Serializable {

    private static final int DEEPEST_CONTEXT = 8;

    /** The context is copied as JSON types; prefer {@link #builder(String)}, which names what it sets. */
    public ErrorDetails {
        Objects.requireNonNull(message, "An error needs a message");
        Objects.requireNonNull(retryClass, "An error needs a retry class");
        Objects.requireNonNull(scope, "An error needs a scope");
        context = Collections.unmodifiableMap(plainMap(context, 0));
    }

    /** Details of an error that is never retried and concerns this message only, until the builder is told otherwise. */
    public static Builder builder(String message) {
        return new Builder(message);
    }

    // a copy that JSON can hold and nobody can change: an exception outlives the exchange it came from
    private static Map<String, Object> plainMap(Map<?, ?> map, int depth) {
        Map<String, Object> plain = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            if (key != null && value != null) {
                plain.put(key.toString(), plain(value, depth + 1));
            }
        });
        return plain;
    }

    private static Object plain(Object value, int depth) {
        if (value instanceof String || value instanceof Boolean || value instanceof Number) {
            return value;
        }
        if (depth < DEEPEST_CONTEXT && value instanceof Map<?, ?> map) {
            return Collections.unmodifiableMap(plainMap(map, depth));
        }
        if (depth < DEEPEST_CONTEXT && value instanceof Collection<?> collection) {
            List<Object> plain = new ArrayList<>();
            collection.stream().filter(Objects::nonNull).forEach(element -> plain.add(plain(element, depth + 1)));
            return Collections.unmodifiableList(plain);
        }
        return value instanceof Map || value instanceof Collection ? "…" : value.toString();
    }

    /** Collects the details; every setter may be left out. */
    public static final class Builder {

        private final String message;
        private final Map<String, Object> context = new LinkedHashMap<>();
        private Throwable cause;
        private int statusCode;
        private Integer errorCode;
        private Integer errorSubcode;
        private String traceId;
        private RetryClass retryClass = RetryClass.NEVER;
        private ErrorScope scope = ErrorScope.MESSAGE;
        private Duration minimumWait;
        private Integer maximumRetries;
        private boolean outcomeUnknown;

        private Builder(String message) {
            this.message = Objects.requireNonNull(message, "An error needs a message");
        }

        /** The failure behind this one; its own message shows in stack traces, so it must be free of private data too. */
        public Builder cause(Throwable value) {
            cause = value;
            return this;
        }

        /** The HTTP status, 0 if there was none. */
        public Builder statusCode(int value) {
            statusCode = value;
            return this;
        }

        /** Graph's {@code error.code}. */
        public Builder errorCode(Integer value) {
            errorCode = value;
            return this;
        }

        /** Graph's {@code error.error_subcode}. */
        public Builder errorSubcode(Integer value) {
            errorSubcode = value;
            return this;
        }

        /** Graph's {@code fbtrace_id}, which Meta's support asks for. */
        public Builder traceId(String value) {
            traceId = value;
            return this;
        }

        /** Adds what is known about the call; keys in snake case, null values are left out. */
        public Builder context(Map<String, ?> values) {
            if (values != null) {
                context.putAll(values);
            }
            return this;
        }

        /** Adds one fact about the call. */
        public Builder context(String key, Object value) {
            context.put(key, value);
            return this;
        }

        /** What a sender must do. */
        public Builder retryClass(RetryClass value) {
            retryClass = Objects.requireNonNull(value, "An error needs a retry class");
            return this;
        }

        /** What else the same error will hit. */
        public Builder scope(ErrorScope value) {
            scope = Objects.requireNonNull(value, "An error needs a scope");
            return this;
        }

        /** No retry before this has passed; null if nothing is known. */
        public Builder minimumWait(Duration value) {
            minimumWait = value;
            return this;
        }

        /** No more retries than this; null leaves the number to the sender. */
        public Builder maximumRetries(Integer value) {
            maximumRetries = value;
            return this;
        }

        /** True if the request may have been carried out although it failed here. */
        public Builder outcomeUnknown(boolean value) {
            outcomeUnknown = value;
            return this;
        }

        public ErrorDetails build() {
            return new ErrorDetails(message, cause, statusCode, errorCode, errorSubcode, traceId, context, retryClass, scope,
                    minimumWait, maximumRetries, outcomeUnknown);
        }
    }
}
