package io.github.waroutes.error;

/** The message or its recipient is refused: a bad parameter, no open service window, an unreachable user, and the like. */
public class WhatsAppMessageException extends WhatsAppException {

    public WhatsAppMessageException(ErrorDetails details) {
        super(details);
    }
}
