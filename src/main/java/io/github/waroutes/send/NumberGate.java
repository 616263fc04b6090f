package io.github.waroutes.send;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToLongFunction;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

import io.github.waroutes.error.Causes;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.limit.SendRequest;
import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets messages pass, or lets their queue rest. What Meta throttles or restricts, a number, an account or the whole app, rests together; a
 * number is stopped when an error says that a person must act: its token, its account, a payment. When the time is over one message tries.
 * The gate opens if Meta takes it, and also if Meta refuses it for a reason of its own. Other numbers notice nothing. Time is monotonic: a
 * step of the clock neither opens nor holds anything.
 */
public class NumberGate {

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    /** Exchange property, a Long: when the message passed, in this gate's own counting of what happened. */
    private static final String PASSED = "WhatsAppGatePassed";
    private static final Set<ErrorScope> GATES = Set.of(ErrorScope.NUMBER, ErrorScope.ACCOUNT, ErrorScope.APP, ErrorScope.TOKEN);
    private static final long SHORTEST_WAIT_MILLIS = 50;
    /** While one tries, the others look again this soon: they must not sleep through the next interval when it went well. */
    private static final long LOOK_AGAIN_MILLIS = 2_000;
    /** A try of which nothing is heard for so long is lost, and another may try. */
    private static final long TRY_TAKES_NANOS = TimeUnit.SECONDS.toNanos(60);
    /** A throttle so long after the last one is a first one again. */
    private static final long FORGET_NANOS = TimeUnit.MINUTES.toNanos(10);

    /** The error of a number that is no longer configured. */
    private static final String REMOVED = "removed from the configuration";

    private final Map<String, Closed> closed = new HashMap<>();
    /** Numbers whose messages wait for them to be configured again, and since when. */
    private final Map<String, Long> removed = new HashMap<>();
    private final LongSupplier nanoTime;
    private final NumberLookup numbers = new NumberLookup();
    private long counter;
    private Duration tryAgainAfter = Duration.ofMinutes(5);

    /**
     * What rests.
     *
     * @param phoneNumberId the number that was refused
     * @param scope         number, account or app
     * @param stopped       whether a person must act
     * @param since         how long ago it was refused first
     * @param left          how long until one message tries again; zero or less: one may, or does
     * @param error         Meta's code, or the type of the failure
     */
    public record Rest(String phoneNumberId, String scope, boolean stopped, Duration since, Duration left, String error) {
    }

    public NumberGate() {
        this(System::nanoTime);
    }

    NumberGate(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** @param millis how long a stopped number waits before it tries one message again */
    public void setTryAgainAfterMillis(long millis) {
        if (millis < 1) {
            throw new IllegalArgumentException("whatsapp.alarm.try-again-after must be at least 1, and is " + millis);
        }
        tryAgainAfter = Duration.ofMillis(millis);
    }

    /** Lets the queue rest if the current message could not pass now; else nothing is decided yet. */
    public synchronized void look(Exchange exchange) {
        if (isRemoved(exchange)) {
            exchange.setProperty(QueueConstants.REST, LOOK_AGAIN_MILLIS);
            return;
        }
        long wait = waitMillis(inTheWay(exchange));
        if (wait > 0) {
            exchange.setProperty(QueueConstants.REST, wait);
        }
    }

    /** As {@link #look}, but a message that may pass does: if something is closed, it is the one that tries. */
    public synchronized void ask(Exchange exchange) {
        List<Closed> inTheWay = inTheWay(exchange);
        long wait = waitMillis(inTheWay);
        if (wait > 0) {
            exchange.setProperty(QueueConstants.REST, wait);
            return;
        }
        long now = nanoTime.getAsLong();
        inTheWay.forEach(gate -> gate.tried = now);
        exchange.setProperty(PASSED, ++counter);
    }

    /**
     * Meta lets nothing of this scope through.
     *
     * @param scope number, account or app; the service is all that the app sends
     * @param delay milliseconds to rest, by how many refusals came before in a row
     * @return milliseconds that the queue of the current message must rest
     */
    public long close(Exchange exchange, ErrorScope scope, WhatsAppException failure, IntToLongFunction delay) {
        return close(exchange, scope, failure, delay, false);
    }

    /**
     * Stops the number until Meta takes a message of it again.
     *
     * @return milliseconds that the queue of the current message must rest
     */
    public long stop(Exchange exchange, WhatsAppException failure) {
        return close(exchange, ErrorScope.NUMBER, failure, times -> tryAgainAfter.toMillis(), true);
    }

    private synchronized long close(Exchange exchange, ErrorScope scope, WhatsAppException failure, IntToLongFunction delay, boolean stop) {
        String key = key(exchange, scope);
        Closed before = closed.get(key);
        long now = nanoTime.getAsLong();
        if (before != null && wasOnItsWay(before, exchange) && (before.stopped || !stop)) {
            return atMost(Math.max(SHORTEST_WAIT_MILLIS, before.waitMillis(now)));
        }
        boolean again = before != null && now - before.until <= FORGET_NANOS;
        int times = again ? before.times + 1 : 0;
        long until = now + TimeUnit.MILLISECONDS.toNanos(Math.max(SHORTEST_WAIT_MILLIS, delay.applyAsLong(times)));
        Closed next = new Closed(stop || before != null && before.stopped, ++counter, before == null ? now : before.since,
                before == null ? until : Math.max(until, before.until), times, number(exchange), error(failure), token(exchange));
        closed.put(key, next);
        if (stop && (before == null || !before.stopped)) {
            LOG.atError().addKeyValue("event", "whatsapp.number.stopped").addKeyValue("phone_number_id", number(exchange))
                    .addKeyValue("error", failure.getClass().getSimpleName() + ' ' + failure.getErrorCode())
                    .log("whatsapp.number.stopped");
        }
        return atMost(next.waitMillis(now));
    }

    /** Meta took a message. What began before a refusal says nothing about it. */
    public synchronized void sent(Exchange exchange) {
        if (!closed.isEmpty()) {
            keys(exchange).forEach(key -> open(key, exchange));
        }
    }

    /**
     * The message was not taken. An answer of Meta that is about something else shows that what was closed works; without an answer, or with
     * one about Meta's service, nothing is known, and another message may try.
     */
    public synchronized void refused(Exchange exchange) {
        if (closed.isEmpty()) {
            return;
        }
        WhatsAppException failure = Causes.find(WhatsAppException.class, Causes.thrown(exchange));
        boolean answered = failure != null && failure.getErrorCode() != null && failure.getScope() != ErrorScope.SERVICE;
        String about = !answered || !GATES.contains(failure.getScope()) ? null
                : key(exchange, failure.getRetryClass() == RetryClass.ALARM ? ErrorScope.NUMBER : failure.getScope());
        keys(exchange).filter(key -> !key.equals(about)).forEach(key -> {
            if (answered) {
                open(key, exchange);
            } else if (closed.containsKey(key) && !wasOnItsWay(closed.get(key), exchange)) {
                closed.get(key).tried = null;
            }
        });
    }

    private void open(String key, Exchange exchange) {
        Closed gate = closed.get(key);
        if (gate != null && !wasOnItsWay(gate, exchange)) {
            closed.remove(key);
            if (gate.stopped) {
                LOG.atInfo().addKeyValue("event", "whatsapp.number.resumed").addKeyValue("phone_number_id", number(exchange))
                        .log("whatsapp.number.resumed");
            }
        }
    }

    /** How many numbers are stopped. */
    public synchronized long stopped() {
        return closed.values().stream().filter(gate -> gate.stopped).count() + removed.size();
    }

    /** What rests now. */
    public synchronized List<Rest> rests() {
        long now = nanoTime.getAsLong();
        Stream<Rest> refused = closed.entrySet().stream().map(entry -> {
            Closed gate = entry.getValue();
            return new Rest(gate.number, entry.getKey().split(":")[0], gate.stopped, Duration.ofNanos(now - gate.since),
                    Duration.ofNanos(gate.until - now), gate.error);
        });
        return Stream.concat(refused, removed.entrySet().stream().map(number -> new Rest(number.getKey(), "number", true,
                Duration.ofNanos(now - number.getValue()), Duration.ofMillis(LOOK_AGAIN_MILLIS), REMOVED))).toList();
    }

    /** Whether the number is no longer configured; its messages stay until it is again. */
    private boolean isRemoved(Exchange exchange) {
        NumberSettings known = numbers.in(exchange.getContext());
        String number = number(exchange);
        if (known == null || known.of(number) != null) {
            if (!removed.isEmpty()) {
                removed.remove(number);
            }
            return false;
        }
        if (removed.putIfAbsent(number, nanoTime.getAsLong()) == null) {
            LOG.atWarn().addKeyValue("event", "whatsapp.number.removed").addKeyValue("phone_number_id", number).log("whatsapp.number.removed");
        }
        return true;
    }

    /** Of the current message's number; null if nothing is known of it. */
    private BusinessNumber configured(Exchange exchange) {
        NumberSettings known = numbers.in(exchange.getContext());
        return known == null ? null : known.of(number(exchange));
    }

    private String token(Exchange exchange) {
        BusinessNumber number = configured(exchange);
        return number == null ? "" : number.accessToken();
    }

    private List<Closed> inTheWay(Exchange exchange) {
        if (closed.isEmpty()) {
            return List.of();
        }
        String stopped = key(exchange, ErrorScope.NUMBER);
        Closed gate = closed.get(stopped);
        // with another token one may try at once
        if (gate != null && gate.stopped && !gate.token.equals(token(exchange))) {
            closed.put(stopped, new Closed(true, gate.turn, gate.since, nanoTime.getAsLong(), gate.times, gate.number, gate.error, token(exchange)));
        }
        return keys(exchange).map(closed::get).filter(Objects::nonNull).toList();
    }

    private long waitMillis(List<Closed> gates) {
        long now = nanoTime.getAsLong();
        return atMost(gates.stream().mapToLong(gate -> gate.waitMillis(now)).max().orElse(0));
    }

    /** A token that may be renewed is looked for again this soon. */
    private long atMost(long millis) {
        NumberSettings known = numbers.found();
        return known == null || known.registry().servesUnknown() ? millis : Math.min(millis, LOOK_AGAIN_MILLIS);
    }

    /** Whether the message was on its way already when the refusal came, or has never passed. */
    private static boolean wasOnItsWay(Closed gate, Exchange exchange) {
        return exchange.getProperty(PASSED, 0L, Long.class) < gate.turn;
    }

    private Stream<String> keys(Exchange exchange) {
        return Stream.of(ErrorScope.NUMBER, ErrorScope.ACCOUNT, ErrorScope.APP).map(scope -> key(exchange, scope));
    }

    private String key(Exchange exchange, ErrorScope scope) {
        return switch (scope) {
            case APP, TOKEN, SERVICE -> {
                BusinessNumber number = configured(exchange);
                yield number == null ? "app" : "app:" + number.app();
            }
            case ACCOUNT -> "account:" + exchange.getProperty(SendLimits.ACCOUNT, SendRequest.ONE_ACCOUNT, String.class);
            default -> "number:" + number(exchange);
        };
    }

    private static String number(Exchange exchange) {
        return exchange.getMessage().getHeader(UpdateHeaders.PHONE_NUMBER_ID, "", String.class);
    }

    private static String error(WhatsAppException failure) {
        return failure.getErrorCode() == null ? failure.getClass().getSimpleName() : String.valueOf(failure.getErrorCode());
    }

    private static final class Closed {

        private final boolean stopped;
        private final long turn;
        private final long since;
        private final long until;
        private final int times;
        private final String number;
        private final String error;
        /** With which it was refused. */
        private final String token;
        /** When a message began to try; null: none does. */
        private Long tried;

        private Closed(boolean stopped, long turn, long since, long until, int times, String number, String error, String token) {
            this.stopped = stopped;
            this.turn = turn;
            this.since = since;
            this.until = until;
            this.times = times;
            this.number = number;
            this.error = error;
            this.token = token;
        }

        private long waitMillis(long now) {
            if (now - until < 0) {
                return Math.max(SHORTEST_WAIT_MILLIS, TimeUnit.NANOSECONDS.toMillis(until - now + 999_999));
            }
            return tried != null && now - tried < TRY_TAKES_NANOS ? LOOK_AGAIN_MILLIS : 0;
        }
    }
}
