package io.github.waroutes.error;

/** The server has trouble of its own: Meta says so, or any HTTP 5xx, or an answer that cannot be read. */
public class WhatsAppServiceException extends WhatsAppException {

    public WhatsAppServiceException(ErrorDetails details) {
        super(details);
    }
}
