package io.github.waroutes.send;

import java.time.Duration;

import io.github.waroutes.error.Causes;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.Retries;
import org.apache.camel.Exchange;

/**
 * How long a queue rests ({@link QueueConstants#REST}) after Meta refused a message because of its number, its account or the app, as
 * {@link FailedSend} says. No message is given up for that.
 */
public class SendRetries {

    /** How often the message has given up its place, for any reason. */
    public static final String POSTPONED = "WhatsAppPostponed";

    /** A messaging limit that a webhook raises is noticed within this. */
    private static final long LIMIT_RECHECK_MILLIS = 60_000;

    private NumberGate numbers;
    private long throttleDelay = 1000;
    private long transientDelay = 1000;
    private long longWait = Duration.ofHours(1).toMillis();

    public void setNumbers(NumberGate numbers) {
        this.numbers = numbers;
    }

    /** @param throttleDelay the first rest after a throttle, in milliseconds; each further one is four times as long */
    public void setThrottleDelay(long throttleDelay) {
        this.throttleDelay = throttleDelay;
    }

    /** @param transientDelay the first rest after a transient failure, in milliseconds; each further one is twice as long */
    public void setTransientDelay(long transientDelay) {
        this.transientDelay = transientDelay;
    }

    /** @param longWait the rest of the class WAIT_LONG where its code names none, in milliseconds */
    public void setLongWait(long longWait) {
        this.longWait = longWait;
    }

    /** Lets the message's queue rest, and the others of the same scope. */
    public void restQueue(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        exchange.setProperty(QueueConstants.REST, FailedSend.isOurMessagingLimit(failure)
                // only bulk rests: replies do not count against it
                ? Math.min(LIMIT_RECHECK_MILLIS, longWait(failure))
                : rest(exchange, failure));
    }

    private long rest(Exchange exchange, WhatsAppException failure) {
        ErrorScope scope = failure.getScope();
        return switch (failure.getRetryClass()) {
            case ALARM -> numbers.stop(exchange, failure);
            case WAIT_LONG -> numbers.close(exchange, scope, failure, times -> longWait(failure));
            case THROTTLE -> numbers.close(exchange, scope, failure, times -> Retries.throttled(throttleDelay, times, failure));
            default -> numbers.close(exchange, scope, failure, times -> Retries.passing(transientDelay, times, failure));
        };
    }

    private long longWait(WhatsAppException failure) {
        return failure.getMinimumWait() != null ? failure.getMinimumWait().toMillis() : longWait;
    }

    private static WhatsAppException failure(Exchange exchange) {
        return Causes.find(WhatsAppException.class, Causes.thrown(exchange));
    }
}
