package io.github.waroutes.queue;

/**
 * The queue could not take a message: it is full, stopping, or the broker does not answer. The sender must try again. Nothing was
 * stored, unless it is a {@link QueueOutcomeUnknownException}.
 */
public class QueueUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public QueueUnavailableException(String message) {
        super(message);
    }

    public QueueUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
