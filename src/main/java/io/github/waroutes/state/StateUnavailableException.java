package io.github.waroutes.state;

/** What is kept in Redis could not be read or written: Redis does not answer, was known not to answer and was not asked, or refused. */
public class StateUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StateUnavailableException(String message) {
        super(message);
    }

    public StateUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
