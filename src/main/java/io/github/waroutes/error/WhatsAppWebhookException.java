package io.github.waroutes.error;

import java.util.Map;
import java.util.Objects;

/** A webhook request that is not taken. {@link #getStatusCode()} is the HTTP status to answer it with. */
public class WhatsAppWebhookException extends WhatsAppException {

    public WhatsAppWebhookException(ErrorDetails details) {
        super(details);
    }

    /**
     * @param statusCode the HTTP status to answer with: 400, 401, 403, 413 or 415 for a request that will not do, 503 if
     *                   it cannot be stored now and Meta shall send it again
     * @param message    what is wrong, free of private data; the caller is a stranger, so it does not belong in the answer
     */
    public WhatsAppWebhookException(int statusCode, String message) {
        this(statusCode, message, Map.of(), null);
    }

    /** As above, with what is known about the request and the failure behind it (null if there is none). */
    public WhatsAppWebhookException(int statusCode, String message, Map<String, ?> context, Throwable cause) {
        this(details(statusCode, message, context, cause));
    }

    /** What metrics call the refusal: the context's {@code reason}, or the status. */
    public String getReason() {
        return Objects.toString(getContext().get("reason"), Integer.toString(getStatusCode()));
    }

    private static ErrorDetails details(int statusCode, String message, Map<String, ?> context, Throwable cause) {
        if (statusCode < 400 || statusCode > 599) {
            throw new IllegalArgumentException(
                    "A refused webhook is answered with an HTTP status from 400 to 599, not " + statusCode);
        }
        boolean ours = statusCode >= 500;
        return ErrorDetails.builder(message)
                .statusCode(statusCode)
                .context(context)
                .cause(cause)
                .retryClass(ours ? RetryClass.TRANSIENT : RetryClass.NEVER)
                .scope(ours ? ErrorScope.SERVICE : ErrorScope.MESSAGE)
                .build();
    }
}
