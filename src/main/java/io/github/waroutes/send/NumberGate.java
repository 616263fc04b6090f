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
 * Circuit breakers by number, account and app: a closed gate lets the queues behind it rest. One closes when Meta throttles or restricts its
 * scope, and stops a number when an error says that a person must act (its token, its account, a payment). When its time is over one message
 * probes. The gate opens if Meta accepts the probe, or refuses it for an unrelated reason. Other numbers are not affected. Time is monotonic,
 * so that a change of the system clock has no effect.
 */
public class NumberGate {

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    /** Exchange property, a Long: the sequence number at which the message passed. */
    private static final String PASSED = "WhatsAppGatePassed";
    private static final Set<ErrorScope> GATES = Set.of(ErrorScope.NUMBER, ErrorScope.ACCOUNT, ErrorScope.APP, ErrorScope.TOKEN);
    private static final long MIN_WAIT_MILLIS = 50;
    /** While one message probes, the others check again this soon, so that they follow without a further interval when it succeeds. */
    private static final long RECHECK_MILLIS = 2_000;
    /** A probe without a result for this long is lost, and another message may probe. */
    private static final long PROBE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);
    /** A throttle this long after the last one restarts the back-off. */
    private static final long BACKOFF_RESET_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final String REMOVED = "removed from the configuration";

    private final Map<String, ClosedGate> closed = new HashMap<>();
    /** Numbers whose messages wait for them to be configured again, and since when. */
    private final Map<String, Long> removed = new HashMap<>();
    private final LongSupplier nanoTime;
    private final NumberLookup numbers = new NumberLookup();
    private long sequence;
    private Duration tryAgainAfter = Duration.ofMinutes(5);

    /**
     * A closed gate.
     *
     * @param phoneNumberId the number that was refused
     * @param scope         number, account or app
     * @param stopped       whether a person must act
     * @param since         how long ago it was first refused
     * @param left          how long until the next probe; zero or less: it is due, or under way
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

    /** @param millis how long a stopped number waits before a message probes */
    public void setTryAgainAfterMillis(long millis) {
        if (millis < 1) {
            throw new IllegalArgumentException("whatsapp.alarm.try-again-after must be at least 1, and is " + millis);
        }
        tryAgainAfter = Duration.ofMillis(millis);
    }

    /** Lets the queue rest if the current message could not pass now; otherwise nothing is decided yet. */
    public synchronized void look(Exchange exchange) {
        if (isRemoved(exchange)) {
            rest(exchange, RECHECK_MILLIS, "removed");
            return;
        }
        long wait = waitMillis(closedGates(exchange));
        if (wait > 0) {
            rest(exchange, wait, "number");
        }
    }

    private static void rest(Exchange exchange, long millis, String reason) {
        exchange.setProperty(QueueConstants.REST, millis);
        exchange.setProperty(QueueConstants.WAIT_REASON, reason);
    }

    /** As {@link #look}, but a message that may pass does so; if a gate is closed, the message is its probe. */
    public synchronized void ask(Exchange exchange) {
        List<ClosedGate> closedGates = closedGates(exchange);
        long wait = waitMillis(closedGates);
        if (wait > 0) {
            rest(exchange, wait, "number");
            return;
        }
        long now = nanoTime.getAsLong();
        closedGates.forEach(gate -> gate.probedAt = now);
        exchange.setProperty(PASSED, ++sequence);
    }

    /**
     * Closes the gate of a scope that Meta throttles or restricts.
     *
     * @param scope number, account or app; service means the app
     * @param delay milliseconds to rest, by the number of consecutive refusals before
     * @return milliseconds that the queue of the current message must rest
     */
    public long close(Exchange exchange, ErrorScope scope, WhatsAppException failure, IntToLongFunction delay) {
        return close(exchange, scope, failure, delay, false);
    }

    /**
     * Stops the number until Meta accepts a message of it again.
     *
     * @return milliseconds that the queue of the current message must rest
     */
    public long stop(Exchange exchange, WhatsAppException failure) {
        return close(exchange, ErrorScope.NUMBER, failure, times -> tryAgainAfter.toMillis(), true);
    }

    private synchronized long close(Exchange exchange, ErrorScope scope, WhatsAppException failure, IntToLongFunction delay, boolean stop) {
        String key = key(exchange, scope);
        ClosedGate before = closed.get(key);
        long now = nanoTime.getAsLong();
        if (before != null && wasInFlight(before, exchange) && (before.stopped || !stop)) {
            return atMost(Math.max(MIN_WAIT_MILLIS, before.waitMillis(now)));
        }
        boolean consecutive = before != null && now - before.until <= BACKOFF_RESET_NANOS;
        int times = consecutive ? before.times + 1 : 0;
        long until = now + TimeUnit.MILLISECONDS.toNanos(Math.max(MIN_WAIT_MILLIS, delay.applyAsLong(times)));
        ClosedGate next = new ClosedGate(stop || before != null && before.stopped, ++sequence, before == null ? now : before.since,
                before == null ? until : Math.max(until, before.until), times, number(exchange), error(failure), token(exchange));
        closed.put(key, next);
        if (stop && (before == null || !before.stopped)) {
            LOG.atError().addKeyValue("event", "whatsapp.number.stopped").addKeyValue("phone_number_id", number(exchange))
                    .addKeyValue("error", failure.getClass().getSimpleName() + ' ' + failure.getErrorCode())
                    .log("whatsapp.number.stopped");
        }
        return atMost(next.waitMillis(now));
    }

    /** Meta accepted a message; one that passed before the refusal proves nothing. */
    public synchronized void sent(Exchange exchange) {
        if (!closed.isEmpty()) {
            keys(exchange).forEach(key -> open(key, exchange));
        }
    }

    /**
     * The message was not accepted. An answer about something else shows that the closed scope works again, and opens its gate; without an
     * answer, or with one about Meta's service, nothing is known, and another message may probe.
     */
    public synchronized void refused(Exchange exchange) {
        if (closed.isEmpty()) {
            return;
        }
        WhatsAppException failure = Causes.find(WhatsAppException.class, Causes.thrown(exchange));
        // what was refused here, without asking, shows nothing
        boolean answered = failure != null && failure.getErrorCode() != null && failure.getScope() != ErrorScope.SERVICE
                && !failure.getContext().containsKey("refused_by");
        String about = !answered || !GATES.contains(failure.getScope()) ? null
                : key(exchange, failure.getRetryClass() == RetryClass.ALARM ? ErrorScope.NUMBER : failure.getScope());
        keys(exchange).filter(key -> !key.equals(about)).forEach(key -> {
            if (answered) {
                open(key, exchange);
            } else if (closed.containsKey(key) && !wasInFlight(closed.get(key), exchange)) {
                closed.get(key).probedAt = null;
            }
        });
    }

    private void open(String key, Exchange exchange) {
        ClosedGate gate = closed.get(key);
        if (gate != null && !wasInFlight(gate, exchange)) {
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

    /** The closed gates. */
    public synchronized List<Rest> rests() {
        long now = nanoTime.getAsLong();
        Stream<Rest> refused = closed.entrySet().stream().map(entry -> {
            ClosedGate gate = entry.getValue();
            return new Rest(gate.number, entry.getKey().split(":")[0], gate.stopped, Duration.ofNanos(now - gate.since),
                    Duration.ofNanos(gate.until - now), gate.error);
        });
        return Stream.concat(refused, removed.entrySet().stream().map(number -> new Rest(number.getKey(), "number", true,
                Duration.ofNanos(now - number.getValue()), Duration.ofMillis(RECHECK_MILLIS), REMOVED))).toList();
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

    /** The settings of the current message's number, or null. */
    private BusinessNumber configured(Exchange exchange) {
        NumberSettings known = numbers.in(exchange.getContext());
        return known == null ? null : known.of(number(exchange));
    }

    private String token(Exchange exchange) {
        BusinessNumber number = configured(exchange);
        return number == null ? "" : number.accessToken();
    }

    private List<ClosedGate> closedGates(Exchange exchange) {
        if (closed.isEmpty()) {
            return List.of();
        }
        if (exchange.getProperty(QueueConstants.RELEASED) != null) {
            long now = nanoTime.getAsLong();
            keys(exchange).forEach(key -> closed.computeIfPresent(key, (same, gate) -> gate.due(now)));
        }
        String stopped = key(exchange, ErrorScope.NUMBER);
        ClosedGate gate = closed.get(stopped);
        // with a new token a probe is due at once
        if (gate != null && gate.stopped && !gate.token.equals(token(exchange))) {
            closed.put(stopped, new ClosedGate(true, gate.closedAt, gate.since, nanoTime.getAsLong(), gate.times, gate.number, gate.error,
                    token(exchange)));
        }
        return keys(exchange).map(closed::get).filter(Objects::nonNull).toList();
    }

    private long waitMillis(List<ClosedGate> gates) {
        long now = nanoTime.getAsLong();
        return atMost(gates.stream().mapToLong(gate -> gate.waitMillis(now)).max().orElse(0));
    }

    /** Where a token may be renewed at any time, waits are short, so that a new one is noticed. */
    private long atMost(long millis) {
        NumberSettings known = numbers.found();
        return known == null || known.registry().servesUnknown() ? millis : Math.min(millis, RECHECK_MILLIS);
    }

    /** Whether the message was in flight already when the gate closed, or has never passed. */
    private static boolean wasInFlight(ClosedGate gate, Exchange exchange) {
        return exchange.getProperty(PASSED, 0L, Long.class) < gate.closedAt;
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

    private static final class ClosedGate {

        private final boolean stopped;
        /** A sequence number. */
        private final long closedAt;
        private final long since;
        private final long until;
        private final int times;
        private final String number;
        private final String error;
        /** The access token that was refused. */
        private final String token;
        /** When the probe under way began; null: there is none. */
        private Long probedAt;

        private ClosedGate(boolean stopped, long closedAt, long since, long until, int times, String number, String error, String token) {
            this.stopped = stopped;
            this.closedAt = closedAt;
            this.since = since;
            this.until = until;
            this.times = times;
            this.number = number;
            this.error = error;
            this.token = token;
        }

        /** The same, but a probe is due now. */
        private ClosedGate due(long now) {
            ClosedGate due = new ClosedGate(stopped, closedAt, since, Math.min(until, now), times, number, error, token);
            due.probedAt = probedAt;
            return due;
        }

        private long waitMillis(long now) {
            if (now - until < 0) {
                return Math.max(MIN_WAIT_MILLIS, TimeUnit.NANOSECONDS.toMillis(until - now + 999_999));
            }
            return probedAt != null && now - probedAt < PROBE_TIMEOUT_NANOS ? RECHECK_MILLIS : 0;
        }
    }
}
