package io.github.waroutes.queue;

/**
 * It is unknown whether a message was stored. A sender that tries again must use the same id, by which duplicate detection recognises the
 * message.
 */
public class QueueOutcomeUnknownException extends QueueUnavailableException {

    private static final long serialVersionUID = 1L;

    public QueueOutcomeUnknownException(String message, Throwable cause) {
        super(message, cause);
    }
}
