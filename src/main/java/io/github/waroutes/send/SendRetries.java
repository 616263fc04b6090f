package io.github.waroutes.send;

import io.github.waroutes.message.OutboundHeaders;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

import io.github.waroutes.error.Causes;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;

/**
 * How long a message waits that Meta did not take. A wait is a property of the exchange ({@link QueueConstants#AGAIN_AFTER}):
 * the message keeps its place in its conversation and holds no thread, and a crash in the middle brings it back at once.
 * Without the property after a call, the message is given up.
 */
public class SendRetries {

    /** Back-off that Meta asks for: 4 to the power of the number of tries, in seconds ("Cloud API › Throughput"). */
    private static final int THROTTLE_FACTOR = 4;
    private static final long LONGEST_THROTTLE_SECONDS = 256;
    private static final Set<ErrorScope> WHOLE_NUMBER = Set.of(ErrorScope.NUMBER, ErrorScope.ACCOUNT, ErrorScope.APP,
            ErrorScope.TOKEN);
    /** So that thousands that wait for the same moment do not come at once. */
    private static final long SPREAD_MILLIS = Duration.ofMinutes(15).toMillis();
    /** When a message that must wait long is delivered again, in milliseconds since 1970. */
    public static final String DELIVER_AT = "WhatsAppDeliverAt";
    /** How often the message has waited long. */
    private static final String LONG_WAITS = "WhatsAppLongWaits";
    /** How often the message has given up its place, for whatever. */
    public static final String POSTPONED = "WhatsAppPostponed";

    private NumberGate numbers;
    private int throttleAttempts = 5;
    private long throttleDelay = 1000;
    private int transientAttempts = 2;
    private long transientDelay = 1000;
    private long holdDelay = 2000;
    private long longWait = Duration.ofHours(1).toMillis();
    private int longWaits = 3;

    public void setNumbers(NumberGate numbers) {
        this.numbers = numbers;
    }

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

    /** @param holdDelay the wait while Graph as a whole is down, in milliseconds */
    public void setHoldDelay(long holdDelay) {
        this.holdDelay = holdDelay;
    }

    /** @param longWait the wait of the class WAIT_LONG where its code names none, in milliseconds */
    public void setLongWait(long longWait) {
        this.longWait = longWait;
    }

    /** @param longWaits how often a message may wait long */
    public void setLongWaits(int longWaits) {
        this.longWaits = longWaits;
    }

    /** An alarm about the number, its account or its token: a person must act. */
    public boolean isAlarm(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        return failure != null && failure.getRetryClass() == RetryClass.ALARM && WHOLE_NUMBER.contains(failure.getScope());
    }

    /** Meta lets nothing of the number, or of its account, through for hours. */
    public boolean isRestricted(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        return failure != null && failure.getRetryClass() == RetryClass.WAIT_LONG && WHOLE_NUMBER.contains(failure.getScope())
                && failure.getErrorCode() != null;
    }

    /** Waiting for hours may help. */
    public boolean isLongWait(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        return failure != null && failure.getRetryClass() == RetryClass.WAIT_LONG;
    }

    /**
     * 1, 4, 16 … seconds, or as long as Meta asks. A throttle of the whole number, account or app lets all of it wait; it is
     * nobody's fault, so no message is given up for it.
     */
    public void waitThrottled(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        if (failure != null && WHOLE_NUMBER.contains(failure.getScope())) {
            again(exchange, numbers.throttled(exchange, failure.getScope(), times -> throttle(failure, times), throttleDelay));
            return;
        }
        int before = count(exchange, "throttled", failure, throttleAttempts);
        if (before >= 0) {
            again(exchange, throttle(failure, before));
        }
    }

    private long throttle(WhatsAppException failure, int times) {
        double longest = LONGEST_THROTTLE_SECONDS * (double) throttleDelay;
        return atLeast(failure, (long) Math.min(longest, throttleDelay * Math.pow(THROTTLE_FACTOR, times)));
    }

    /** All of the number, or of its account, waits in its place, and one message tries after each wait, each only a few times. */
    public void waitRestricted(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        if (count(exchange, "restricted", failure, longWaits) >= 0) {
            again(exchange, numbers.restricted(exchange, failure.getScope(), longWait(failure)));
        }
    }

    /** 1, 2, 4 … seconds, a few times. */
    public void waitPassing(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        int before = count(exchange, "transient", failure, transientAttempts);
        if (before >= 0) {
            again(exchange, atLeast(failure, transientDelay << Math.min(before, 16)));
        }
    }

    /** Graph as a whole is down: however long it takes. */
    public void waitForGraph(Exchange exchange) {
        again(exchange, holdDelay);
    }

    /** Stops the number; the message waits with it. */
    public void waitForPerson(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        numbers.stop(exchange, failure == null ? "unknown"
                : failure.getClass().getSimpleName() + ' ' + failure.getErrorCode());
        again(exchange, numbers.tryAgainAfter().toMillis());
    }

    /**
     * Notes in a header when the message may be delivered again. It gives up its place: a marketing message that must wait a
     * day does not hold back the answer to a question.
     *
     * @return false if it has waited often enough
     */
    public boolean postpone(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        int waits = exchange.getMessage().getHeader(LONG_WAITS, 0, Integer.class);
        // our own limit, which Meta was not asked about, is not the message's fault
        boolean ours = failure != null && failure.getErrorCode() == null;
        if (waits >= longWaits && !ours) {
            return false;
        }
        long delay = longWait(failure) + (ours ? ThreadLocalRandom.current().nextLong(SPREAD_MILLIS) : 0);
        int further = exchange.getMessage().getHeader(POSTPONED, 0, Integer.class) + 1;
        exchange.getMessage().setHeader(POSTPONED, further);
        exchange.getMessage().setHeader(LONG_WAITS, ours ? waits : waits + 1);
        exchange.getMessage().setHeader(DELIVER_AT, System.currentTimeMillis() + delay);
        // the queue knows the message by its old id already
        String id = exchange.getMessage().getHeader(OutboundHeaders.ID, "", String.class);
        exchange.getMessage().setHeader("WhatsAppPostponedId", id + ":later:" + further);
        return true;
    }

    private long longWait(WhatsAppException failure) {
        return failure != null && failure.getMinimumWait() != null ? failure.getMinimumWait().toMillis() : longWait;
    }

    private static long atLeast(WhatsAppException failure, long delay) {
        return failure == null || failure.getMinimumWait() == null
                ? delay
                : Math.max(delay, failure.getMinimumWait().toMillis());
    }

    /** How often it was counted before, or -1 if that was often enough. */
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

    private static void again(Exchange exchange, long delay) {
        exchange.setProperty(QueueConstants.AGAIN_AFTER, delay);
    }

    private static WhatsAppException failure(Exchange exchange) {
        return Causes.find(WhatsAppException.class, Causes.thrown(exchange));
    }
}
