package io.github.waroutes.limit;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets messages of a business number pass, or wait. A number is paused for a while when Meta throttles it, and stopped when
 * an error says that a person must act: its token, its account, a payment. A stopped number tries one message at intervals,
 * and goes on with the first that Meta takes. Other numbers notice nothing.
 */
public class NumberGate {

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    private static final long SHORTEST_WAIT_MILLIS = 50;

    private final Map<String, Stop> stops = new ConcurrentHashMap<>();
    private final Clock clock;
    private Duration tryAgainAfter = Duration.ofMinutes(5);

    public NumberGate() {
        this(Clock.systemUTC());
    }

    NumberGate(Clock clock) {
        this.clock = clock;
    }

    /** @param millis how long a stopped number waits before it tries one message again */
    public void setTryAgainAfterMillis(long millis) {
        if (millis < 1) {
            throw new IllegalArgumentException("whatsapp.alarm.try-again-after must be at least 1, and is " + millis);
        }
        tryAgainAfter = Duration.ofMillis(millis);
    }

    /** Makes the message in hand wait if its number is paused or stopped. */
    public void ask(Exchange exchange) {
        String number = number(exchange);
        long wait = waitMillis(number);
        if (wait > 0) {
            exchange.setProperty(QueueConstants.AGAIN_AFTER, wait);
        }
    }

    /** How long a message of the number must wait; 0: it may go. Of a stopped number whose time has come, one may go. */
    long waitMillis(String number) {
        Stop stop = stops.get(number);
        return stop == null ? 0 : stop.waitMillis(clock.millis(), tryAgainAfter.toMillis());
    }

    /** Pauses a number. */
    public void pause(String number, Duration time) {
        stops.compute(number, (key, stop) -> {
            long until = clock.millis() + time.toMillis();
            return stop != null && (stop.alarm || stop.next > until) ? stop : new Stop(false, until);
        });
    }

    /** Stops a number until Meta takes a message of it again. */
    public void stop(String number, String error) {
        Stop before = stops.put(number, new Stop(true, clock.millis() + tryAgainAfter.toMillis()));
        if (before == null || !before.alarm) {
            LOG.atError().addKeyValue("event", "whatsapp.number.stopped").addKeyValue("phone_number_id", number)
                    .addKeyValue("error", error).log("whatsapp.number.stopped");
        }
    }

    /** Meta took a message of the number. */
    public void sent(Exchange exchange) {
        Stop stop = stops.isEmpty() ? null : stops.remove(number(exchange));
        if (stop != null && stop.alarm) {
            LOG.atInfo().addKeyValue("event", "whatsapp.number.resumed").addKeyValue("phone_number_id", number(exchange))
                    .log("whatsapp.number.resumed");
        }
    }

    /** How many numbers are stopped. */
    public long stopped() {
        return stops.values().stream().filter(stop -> stop.alarm).count();
    }

    /** The longest that a message of a stopped number waits. */
    public Duration tryAgainAfter() {
        return tryAgainAfter;
    }

    private static String number(Exchange exchange) {
        return exchange.getMessage().getHeader(UpdateHeaders.PHONE_NUMBER_ID, "", String.class);
    }

    private static final class Stop {

        private final boolean alarm;
        private long next;

        private Stop(boolean alarm, long next) {
            this.alarm = alarm;
            this.next = next;
        }

        private synchronized long waitMillis(long now, long interval) {
            if (now < next) {
                return Math.max(SHORTEST_WAIT_MILLIS, next - now);
            }
            if (alarm) {
                next = now + interval;
            }
            return 0;
        }
    }
}
