package io.github.waroutes.error;

/** Meta does not accept the token, or the token does not permit the call: HTTP 401 and 403, codes 0, 3, 10, 104, 190, 200 to 299. */
public class WhatsAppAuthException extends WhatsAppException {

    public WhatsAppAuthException(ErrorDetails details) {
        super(details);
    }
}
