package io.github.waroutes.update;

import java.util.Map;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;

/**
 * Lets the current message be handled again after a while, in its place, a few times: an update whose hop failed, or a message that Meta did
 * not take for its own sake. A wait is a property of the exchange ({@link QueueConstants#AGAIN_AFTER}); it holds the conversation and no
 * thread, and a stop in the middle leaves the message in its queue, with no try counted. Tries are counted in the message's memo: Camel's own
 * count is in a header, which every route that wipes headers loses, and with it the end of the retries.
 */
public class Retries {

    /** Back-off that Meta asks for: 4 to the power of the number of tries, in seconds ("Cloud API › Throughput"). */
    private static final int THROTTLE_FACTOR = 4;
    /** The longest wait, in first waits. */
    private static final int LONGEST_THROTTLE = 256;
    private static final int TRANSIENT_FACTOR = 2;
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

    /** @throws WhatsAppMessageException if an operator has given the current message up */
    public void obey(Exchange exchange) {
        if (exchange.getProperty(QueueConstants.GIVEN_UP) != null) {
            throw givenUpByOperator();
        }
    }

    /** What a message fails with that an operator has given up before it was tried. */
    public static WhatsAppMessageException givenUpByOperator() {
        return new WhatsAppMessageException(ErrorDetails.builder("An operator gave it up while it waited. The audit log says why.")
                .retryClass(RetryClass.NEVER).build());
    }

    /** Lets the message wait for its next try; without a wait on the exchange afterwards it is given up. */
    public void again(Exchange exchange) {
        Throwable thrown = Causes.thrown(exchange);
        // inside an expression Camel wraps what was thrown
        WhatsAppException failure = Causes.find(WhatsAppException.class, thrown);
        boolean throttled = failure != null && failure.getRetryClass() == RetryClass.THROTTLE;
        boolean passing = failure != null ? failure.getRetryClass() == RetryClass.TRANSIENT
                : Causes.find(CallNotPermittedException.class, thrown) != null;
        int before = throttled ? count(exchange, "throttled", failure, throttleAttempts)
                : passing ? count(exchange, "transient", failure, transientAttempts) : -1;
        if (before >= 0) {
            exchange.setProperty(QueueConstants.AGAIN_AFTER,
                    throttled ? throttled(throttleDelay, before, failure) : passing(transientDelay, before, failure));
        }
    }

    /** How many tries there were before, or -1 if that was often enough. */
    private static int count(Exchange exchange, String kind, WhatsAppException failure, int most) {
        @SuppressWarnings("unchecked")
        Map<String, Object> memo = exchange.getProperty(QueueConstants.MEMO, Map.class);
        int limit = failure != null && failure.getMaximumRetries() != null ? Math.min(most, failure.getMaximumRetries()) : most;
        int before = memo == null ? limit : (Integer) memo.getOrDefault(kind, 0);
        if (before >= limit) {
            return -1;
        }
        memo.put(kind, before + 1);
        return before;
    }

    /**
     * The wait after a throttle, in milliseconds: each four times as long as the one before, or as long as the other side asks.
     *
     * @param before how many there were before in a row
     */
    public static long throttled(long first, int before, WhatsAppException failure) {
        return asked((long) (first * Math.min(LONGEST_THROTTLE, Math.pow(THROTTLE_FACTOR, before))), failure);
    }

    /** As {@link #throttled}, for trouble that passes: each twice as long. */
    public static long passing(long first, int before, WhatsAppException failure) {
        return asked((long) Math.min(Math.max(first, LONGEST_TRANSIENT_MILLIS), first * Math.pow(TRANSIENT_FACTOR, before)), failure);
    }

    private static long asked(long wait, WhatsAppException failure) {
        return failure == null || failure.getMinimumWait() == null ? wait : Math.max(wait, failure.getMinimumWait().toMillis());
    }

    /** True once for a message of a queue, however often it is handled again: what is done for it then is not done with each try. */
    public static boolean first(String what, Exchange exchange) {
        @SuppressWarnings("unchecked")
        Map<String, Object> memo = exchange.getProperty(QueueConstants.MEMO, Map.class);
        return memo == null || memo.put(what, true) == null;
    }
}
