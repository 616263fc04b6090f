package io.github.waroutes.error;

import java.util.Map;

/** A route that a user wrote has failed with an exception of another type, which is the cause; the message is masked. */
public class WhatsAppRouteException extends WhatsAppException {

    private final String failure;

    /** @param failure the class name of what was thrown */
    public WhatsAppRouteException(ErrorDetails details, String failure) {
        super(details);
        this.failure = failure;
    }

    /** The class name of what was thrown. */
    public String getFailure() {
        return failure;
    }

    @Override
    protected void addTo(Map<String, Object> map) {
        map.put("failure", failure);
    }
}
