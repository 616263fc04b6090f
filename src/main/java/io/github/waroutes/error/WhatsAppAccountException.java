package io.github.waroutes.error;

/** The account or its number cannot send: blocked, unpaid, not registered, or not entitled to what was asked. */
public class WhatsAppAccountException extends WhatsAppException {

    public WhatsAppAccountException(ErrorDetails details) {
        super(details);
    }
}
