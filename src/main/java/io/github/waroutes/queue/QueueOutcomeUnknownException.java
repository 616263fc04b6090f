package io.github.waroutes.queue;

/**
 * Nobody heard whether a message was stored: it may be in the queue, or not. Whoever sends it again must give it the id that it had, by
 * which the queue knows it.
 */
public class QueueOutcomeUnknownException extends QueueUnavailableException {

    private static final long serialVersionUID = 1L;

    public QueueOutcomeUnknownException(String message, Throwable cause) {
        super(message, cause);
    }
}
