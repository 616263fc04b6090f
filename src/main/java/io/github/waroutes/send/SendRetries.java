package io.github.waroutes.send;

import java.time.Duration;

import io.github.waroutes.error.Causes;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.Tries;
import org.apache.camel.Exchange;

/**
 * How long a message waits that Meta did not take, where {@link FailedSend} says that it waits. A wait is a property of the exchange
 * ({@link QueueConstants#AGAIN_AFTER}, or {@link QueueConstants#REST} for the whole queue) and holds no thread; a crash in the middle
 * brings the message back at once. Without a wait after a call, the message is given up.
 */
public class SendRetries {

    /** How often the message has given up its place, for whatever. */
    public static final String POSTPONED = "WhatsAppPostponed";

    /** Back-off that Meta asks for: 4 to the power of the number of tries, in seconds ("Cloud API › Throughput"). */
    private static final int THROTTLE_FACTOR = 4;
    private static final int LONGEST_THROTTLE = 256;
    private static final int TRANSIENT_FACTOR = 2;
    private static final long LONGEST_TRANSIENT_MILLIS = 60_000;
    /** A messaging limit that a webhook raises meanwhile is noticed within this. */
    private static final long LIMIT_LOOK_MILLIS = 60_000;

    private NumberGate numbers;
    private int throttleAttempts = 5;
    private long throttleDelay = 1000;
    private int transientAttempts = 2;
    private long transientDelay = 1000;
    private long longWait = Duration.ofHours(1).toMillis();

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

    /** @param longWait the wait of the class WAIT_LONG where its code names none, in milliseconds */
    public void setLongWait(long longWait) {
        this.longWait = longWait;
    }

    /** The message waits in its place: 1, 4, 16 … seconds for a throttle, else 1, 2 …, or as long as Meta asks; a few times. */
    public void waitHere(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        boolean throttled = failure.getRetryClass() == RetryClass.THROTTLE;
        int before = throttled ? Tries.count(exchange, "throttled", failure, throttleAttempts)
                : Tries.count(exchange, "transient", failure, transientAttempts);
        if (before >= 0) {
            exchange.setProperty(QueueConstants.AGAIN_AFTER, throttled ? throttle(failure, before) : passing(failure, before));
        }
    }

    /**
     * The message's queue rests, as the number, its account or the app is refused, and so do the other queues that this concerns. It is
     * nobody's fault, so no message is given up for it.
     */
    public void restQueue(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        exchange.setProperty(QueueConstants.REST, FailedSend.isOurMessagingLimit(failure)
                // of bulk alone: replies need no room under it
                ? Math.min(LIMIT_LOOK_MILLIS, longWait(failure))
                : rest(exchange, failure));
    }

    private long rest(Exchange exchange, WhatsAppException failure) {
        ErrorScope scope = failure.getScope();
        return switch (failure.getRetryClass()) {
            case ALARM -> numbers.stop(exchange, failure);
            case WAIT_LONG -> numbers.close(exchange, scope, failure, times -> longWait(failure));
            case THROTTLE -> numbers.close(exchange, scope, failure, times -> throttle(failure, times));
            default -> numbers.close(exchange, scope, failure, times -> passing(failure, times));
        };
    }

    private long throttle(WhatsAppException failure, int before) {
        return Tries.delay(throttleDelay, THROTTLE_FACTOR, before, LONGEST_THROTTLE * throttleDelay, failure);
    }

    private long passing(WhatsAppException failure, int before) {
        return Tries.delay(transientDelay, TRANSIENT_FACTOR, before, Math.max(transientDelay, LONGEST_TRANSIENT_MILLIS), failure);
    }

    private long longWait(WhatsAppException failure) {
        return failure.getMinimumWait() != null ? failure.getMinimumWait().toMillis() : longWait;
    }

    private static WhatsAppException failure(Exchange exchange) {
        return Causes.find(WhatsAppException.class, Causes.thrown(exchange));
    }
}
