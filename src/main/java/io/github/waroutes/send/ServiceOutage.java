package io.github.waroutes.send;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import io.github.waroutes.error.Causes;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;

/**
 * How long a message waits while Graph fails as a whole: it was not reached, or answered 500 and above, or with a code whose scope is the
 * service. Such a failure is not the message's fault, so the message keeps its place and is given up by time, not by count: after a long
 * outage, or when this message kept getting a Graph error code while Graph accepted others.
 */
public class ServiceOutage {

    private static final String BEGAN = "outage-began";
    private static final String WAITS = "outage-waits";
    private static final String FAILED_AT = "outage-failed-at";
    private static final String ACCEPTED_THEN = "outage-accepted-then";
    private static final String ALONE = "outage-alone";

    private final LongSupplier nanoTime;
    private final AtomicLong accepted = new AtomicLong();
    private long delay = 1000;
    private long longestDelay = 2000;
    private Duration giveUpAfter = Duration.ofHours(24);
    private Duration giveUpAloneAfter = Duration.ofMinutes(15);

    public ServiceOutage() {
        this(System::nanoTime);
    }

    ServiceOutage(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** @param delay the first wait, in milliseconds; each further one is twice as long */
    public void setDelay(long delay) {
        this.delay = delay;
    }

    /** @param longestDelay the longest wait, in milliseconds, unless the first is longer */
    public void setLongestDelay(long longestDelay) {
        this.longestDelay = longestDelay;
    }

    /** @param millis how long after its first failure in this process a message is given up; 0: never */
    public void setGiveUpAfterMillis(long millis) {
        giveUpAfter = notNegative("whatsapp.retry.outage.give-up-after", millis);
    }

    /** @param millis how long a message may get codes of the service while Graph accepts others; 0: no limit */
    public void setGiveUpAloneAfterMillis(long millis) {
        giveUpAloneAfter = notNegative("whatsapp.retry.alone.give-up-after", millis);
    }

    private static Duration notNegative(String property, long millis) {
        if (millis < 0) {
            throw new IllegalArgumentException(property + " must be 0 (never) or more milliseconds, and is " + millis);
        }
        return Duration.ofMillis(millis);
    }

    /** Graph accepted a message. */
    public void taken() {
        accepted.incrementAndGet();
    }

    /** Lets the message wait in its place; if it is to be given up, no wait is set on the exchange. */
    public void hold(Exchange exchange) {
        @SuppressWarnings("unchecked")
        Map<String, Object> memo = exchange.getProperty(QueueConstants.MEMO, Map.class);
        if (memo == null) {
            return;
        }
        WhatsAppException failure = Causes.find(WhatsAppException.class, Causes.thrown(exchange));
        long now = nanoTime.getAsLong();
        long began = (Long) memo.computeIfAbsent(BEGAN, first -> now);
        if (isOver(giveUpAfter, now - began) || isOver(giveUpAloneAfter, alone(memo, failure, now))) {
            return;
        }
        if (failure == null) {
            // the circuit breaker is open: no attempt was made
            exchange.setProperty(QueueConstants.AGAIN_AFTER, longestDelay);
            return;
        }
        int waits = (Integer) memo.merge(WAITS, 1, (one, more) -> (Integer) one + (Integer) more) - 1;
        long wait = Math.min(delay << Math.min(waits, 16), Math.max(delay, longestDelay));
        Duration asked = failure.getMinimumWait();
        exchange.setProperty(QueueConstants.AGAIN_AFTER, asked == null ? wait : Math.max(wait, asked.toMillis()));
    }

    private static boolean isOver(Duration limit, long nanos) {
        return !limit.isZero() && nanos >= limit.toNanos();
    }

    /** For how long this message has got codes while others were accepted; time in which Graph accepted nothing does not count. */
    private long alone(Map<String, Object> memo, WhatsAppException failure, long now) {
        if (failure == null || failure.getErrorCode() == null) {
            return 0;
        }
        long acceptedNow = accepted.get();
        Long failedAt = (Long) memo.put(FAILED_AT, now);
        Long acceptedThen = (Long) memo.put(ACCEPTED_THEN, acceptedNow);
        long more = failedAt != null && acceptedNow > acceptedThen ? now - failedAt : 0;
        return (Long) memo.merge(ALONE, more, (one, other) -> (Long) one + (Long) other);
    }
}
