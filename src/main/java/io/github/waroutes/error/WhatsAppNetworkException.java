package io.github.waroutes.error;

import java.util.Map;

/**
 * There was no answer: no connection, a time-out, a broken connection. {@link #isOutcomeUnknown()} tells a request that
 * never left from one that may have been carried out.
 */
public class WhatsAppNetworkException extends WhatsAppException {

    private final boolean timeout;

    public WhatsAppNetworkException(ErrorDetails details, boolean timeout) {
        super(details);
        this.timeout = timeout;
    }

    /** True if a time-out ended the attempt, be it for a connection or for the answer. */
    public boolean isTimeout() {
        return timeout;
    }

    @Override
    protected void addTo(Map<String, Object> map) {
        map.put("timeout", timeout);
        map.put("outcome_unknown", isOutcomeUnknown());
    }
}
