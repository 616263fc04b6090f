package io.github.waroutes.send;

import io.github.waroutes.limit.SendRequest;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntToLongFunction;
import java.util.stream.Stream;

import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets messages pass, or wait. What Meta throttles or restricts, a number, an account or the whole app, waits together; a number
 * is stopped when an error says that a person must act: its token, its account, a payment. When a wait is over one message tries,
 * and the first that Meta takes opens the way for the rest. Other numbers notice nothing.
 */
public class NumberGate {

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    /** Exchange property, a Long: when the message passed, in this gate's own counting of what happened. */
    private static final String PASSED = "WhatsAppGatePassed";
    private static final long SHORTEST_WAIT_MILLIS = 50;
    /** While one tries, the others look again this soon: they must not sleep through the next interval when it went well. */
    private static final long LOOK_AGAIN_MILLIS = 2_000;
    private static final long TRY_TAKES_MILLIS = 60_000;
    /** A throttle so long after the last one is a first one again. */
    private static final long FORGET_MILLIS = Duration.ofMinutes(10).toMillis();

    private final Map<String, Stop> stops = new HashMap<>();
    private final Clock clock;
    private long counter;
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

    /** Makes the message in hand wait if its number, or all of its account or app, is paused or stopped. */
    public synchronized void ask(Exchange exchange) {
        if (!stops.isEmpty()) {
            List<Stop> inTheWay = keys(exchange).map(stops::get).filter(Objects::nonNull).toList();
            long now = clock.millis();
            long wait = inTheWay.stream().mapToLong(stop -> stop.waitMillis(now)).max().orElse(0);
            if (wait > 0) {
                exchange.setProperty(QueueConstants.AGAIN_AFTER, wait);
                return;
            }
            inTheWay.forEach(stop -> stop.tries(now));
        }
        exchange.setProperty(PASSED, ++counter);
    }

    /**
     * Meta throttles all that is in this scope.
     *
     * @param scope number, account or app
     * @param delay milliseconds to wait, by how many throttles came before in a row
     * @return milliseconds that the message in hand must wait
     */
    public synchronized long throttled(Exchange exchange, ErrorScope scope, IntToLongFunction delay, long interval) {
        String key = key(exchange, scope);
        Stop before = stops.get(key);
        long now = clock.millis();
        if (isKnown(before, exchange) || before != null && before.alarm) {
            return Math.max(SHORTEST_WAIT_MILLIS, before.next - now);
        }
        int times = before == null || now - before.next > FORGET_MILLIS ? 0 : before.times + 1;
        long wait = delay.applyAsLong(times);
        stops.put(key, new Stop(false, ++counter, now + wait, interval, times));
        return wait;
    }

    /**
     * Meta lets nothing of this scope through for long.
     *
     * @return milliseconds that the message in hand must wait
     */
    public long restricted(Exchange exchange, ErrorScope scope, long wait) {
        return throttled(exchange, scope, times -> wait, wait);
    }

    /** Stops the number until Meta takes a message of it again. */
    public synchronized void stop(Exchange exchange, String error) {
        String key = key(exchange, ErrorScope.NUMBER);
        Stop before = stops.get(key);
        if (before != null && before.alarm && isKnown(before, exchange)) {
            return;
        }
        long interval = tryAgainAfter.toMillis();
        stops.put(key, new Stop(true, ++counter, clock.millis() + interval, interval, 0));
        if (before == null || !before.alarm) {
            LOG.atError().addKeyValue("event", "whatsapp.number.stopped").addKeyValue("phone_number_id", number(exchange))
                    .addKeyValue("error", error).log("whatsapp.number.stopped");
        }
    }

    /** Meta took a message. What began before a stop says nothing about it. */
    public synchronized void sent(Exchange exchange) {
        if (stops.isEmpty()) {
            return;
        }
        keys(exchange).forEach(key -> {
            Stop stop = stops.get(key);
            if (stop != null && !isKnown(stop, exchange)) {
                stops.remove(key);
                if (stop.alarm) {
                    LOG.atInfo().addKeyValue("event", "whatsapp.number.resumed").addKeyValue("phone_number_id", number(exchange))
                            .log("whatsapp.number.resumed");
                }
            }
        });
    }

    /** How many numbers are stopped. */
    public synchronized long stopped() {
        return stops.values().stream().filter(stop -> stop.alarm).count();
    }

    /** The longest that a message of a stopped number waits. */
    public Duration tryAgainAfter() {
        return tryAgainAfter;
    }

    /** Whether the message was on its way already when the stop came. */
    private static boolean isKnown(Stop stop, Exchange exchange) {
        return stop != null && exchange.getProperty(PASSED, 0L, Long.class) < stop.since;
    }

    private static Stream<String> keys(Exchange exchange) {
        return Stream.of(ErrorScope.NUMBER, ErrorScope.ACCOUNT, ErrorScope.APP).map(scope -> key(exchange, scope));
    }

    private static String key(Exchange exchange, ErrorScope scope) {
        return switch (scope) {
            case APP, TOKEN -> "app";
            case ACCOUNT -> "account:" + exchange.getProperty(SendLimits.ACCOUNT, SendRequest.ONE_ACCOUNT, String.class);
            default -> "number:" + number(exchange);
        };
    }

    private static String number(Exchange exchange) {
        return exchange.getMessage().getHeader(UpdateHeaders.PHONE_NUMBER_ID, "", String.class);
    }

    private static final class Stop {

        private final boolean alarm;
        private final long since;
        private final long interval;
        private final int times;
        private long next;
        private long tried = Long.MIN_VALUE;

        private Stop(boolean alarm, long since, long next, long interval, int times) {
            this.alarm = alarm;
            this.since = since;
            this.next = next;
            this.interval = interval;
            this.times = times;
        }

        private long waitMillis(long now) {
            if (now >= next) {
                return 0;
            }
            long wait = Math.max(SHORTEST_WAIT_MILLIS, next - now);
            return tried != Long.MIN_VALUE && now - tried < TRY_TAKES_MILLIS ? Math.min(LOOK_AGAIN_MILLIS, wait) : wait;
        }

        private void tries(long now) {
            tried = now;
            next = now + interval;
        }
    }
}
