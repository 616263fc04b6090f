package io.github.waroutes.api;

import io.github.waroutes.state.StateStore;
import io.github.waroutes.error.Causes;
import io.github.waroutes.queue.QueueOutcomeUnknownException;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Idempotency keys: the same key with the same body is the same request, done once; with another body it is refused. Of two at the
 * same moment both may reach the queue, with one id, and the queue drops the second; so nobody waits, and a crash leaves nothing
 * locked.
 */
public class ApiRepeats {

    private static final Logger LOG = LoggerFactory.getLogger(ApiRepeats.class);
    private static final String BEGUN = "begun ";
    private static final String DONE = "done ";

    private final StateStore known;

    /** @param known what is known of keys; for as long as a key is honoured */
    public ApiRepeats(StateStore known) {
        this.known = known;
    }

    /**
     * Whether the current request has to be carried out.
     *
     * @return false if it was, under the same key
     * @throws ApiException 422 if the key belongs to a request with another body
     */
    public boolean isNew(Exchange exchange) {
        ApiCall call = ApiCall.of(exchange);
        if (call.idempotencyKey == null) {
            return true;
        }
        String key = call.storeKey();
        String begun = BEGUN + call.fingerprint;
        if (known.replace(key, null, begun)) {
            return true;
        }
        String before = known.get(key);
        if ((DONE + call.fingerprint).equals(before)) {
            return false;
        }
        if (before == null || before.equals(begun)) {
            return true;
        }
        throw new ApiException(422, "other-body", "This idempotency key was used with another body in the last 24 hours."
                + " Use a new key for a new request.", "Idempotency-Key");
    }

    /** Notes that the request was carried out; never fails, as it was. Without the note a repeat reaches the queue, which knows its id. */
    public void done(Exchange exchange) {
        ApiCall call = ApiCall.of(exchange);
        if (call.idempotencyKey != null) {
            String key = call.storeKey();
            String done = DONE + call.fingerprint;
            try {
                // the other of two at once may have been refused, and have taken the note away
                if (!known.replace(key, BEGUN + call.fingerprint, done)) {
                    known.replace(key, null, done);
                }
            } catch (RuntimeException e) {
                LOG.warn("It could not be noted that an idempotency key is used: {}", e.getClass().getName());
            }
        }
    }

    /**
     * Lets the key of a request that failed be used again, for a corrected one; never fails. A request that may have been carried out
     * keeps its key: another body would be another message, and the first may go out as well.
     */
    public void release(Exchange exchange) {
        ApiCall call = ApiCall.of(exchange);
        if (call != null && call.idempotencyKey != null && call.fingerprint != null
                && Causes.caught(QueueOutcomeUnknownException.class, exchange) == null) {
            try {
                known.replace(call.storeKey(), BEGUN + call.fingerprint, null);
            } catch (RuntimeException e) {
                LOG.warn("An idempotency key could not be released: {}", e.getClass().getName());
            }
        }
    }
}
