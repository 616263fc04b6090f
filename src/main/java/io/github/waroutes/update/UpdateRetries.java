package io.github.waroutes.update;

import java.util.Map;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;

/**
 * What a failed hop of an update leads to: it is handled again after a while, a few times, or given up. A wait is a property of the
 * exchange ({@link QueueConstants#AGAIN_AFTER}); it holds the conversation and no thread, and a stop in the middle leaves the update in
 * its queue, with no try counted.
 */
public class UpdateRetries {

    private static final int THROTTLE_FACTOR = 4;
    private static final int TRANSIENT_FACTOR = 2;
    /** The longest wait, in first waits of a throttle: 4 to the power of 4. */
    private static final int LONGEST_THROTTLE = 256;
    private static final long LONGEST_TRANSIENT_MILLIS = 60_000;

    private int throttleAttempts = 5;
    private long throttleDelay = 1000;
    private int transientAttempts = 2;
    private long transientDelay = 1000;

    public void setThrottleAttempts(int throttleAttempts) {
        this.throttleAttempts = throttleAttempts;
    }

    /** @param throttleDelay the first wait, in milliseconds; each further one is four times as long */
    public void setThrottleDelay(long throttleDelay) {
        this.throttleDelay = throttleDelay;
    }

    public void setTransientAttempts(int transientAttempts) {
        this.transientAttempts = transientAttempts;
    }

    /** @param transientDelay the first wait, in milliseconds; each further one is twice as long */
    public void setTransientDelay(long transientDelay) {
        this.transientDelay = transientDelay;
    }

    /** Lets the update wait for its next try; without a wait on the exchange afterwards it is given up. */
    public void decide(Exchange exchange) {
        Throwable thrown = Causes.thrown(exchange);
        // inside an expression Camel wraps what was thrown
        WhatsAppException failure = Causes.find(WhatsAppException.class, thrown);
        boolean throttled = failure != null && failure.getRetryClass() == RetryClass.THROTTLE;
        boolean passing = failure != null ? failure.getRetryClass() == RetryClass.TRANSIENT
                : Causes.find(CallNotPermittedException.class, thrown) != null;
        if (throttled) {
            again(exchange, Tries.count(exchange, "throttled", failure, throttleAttempts), throttleDelay, THROTTLE_FACTOR,
                    LONGEST_THROTTLE * throttleDelay, failure);
        } else if (passing) {
            again(exchange, Tries.count(exchange, "transient", failure, transientAttempts), transientDelay, TRANSIENT_FACTOR,
                    Math.max(transientDelay, LONGEST_TRANSIENT_MILLIS), failure);
        }
    }

    private static void again(Exchange exchange, int before, long delay, int factor, long longest, WhatsAppException failure) {
        if (before >= 0) {
            exchange.setProperty(QueueConstants.AGAIN_AFTER, Tries.delay(delay, factor, before, longest, failure));
        }
    }

    /** True once for an update, however often it is handled again: what is done for it then is not done with each try. */
    public boolean first(String what, Exchange exchange) {
        @SuppressWarnings("unchecked")
        Map<String, Object> memo = exchange.getProperty(QueueConstants.MEMO, Map.class);
        return memo == null || memo.put(what, true) == null;
    }
}
