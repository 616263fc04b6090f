package io.github.waroutes.send;

import io.github.waroutes.delivery.Delivery;
import io.github.waroutes.delivery.DeliveryState;
import io.github.waroutes.delivery.DeliveryTracker;
import io.github.waroutes.state.Keys;
import io.github.waroutes.state.StateStores;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/**
 * Attempts to send, and what became of them. An attempt is noted before it is made, so that whatever ends without an answer, a lost
 * connection or a crash, leaves an unknown outcome: the message may have been sent, or not. A status that carries our id settles it, whether
 * it comes before or after the send gave up waiting; only silence for a time says that it was not sent. Silence is what this process hears: it
 * begins when the answer was lost, or when this process first asks, is measured by a clock that nobody sets, and does not end before the
 * statuses that have come are looked at.
 */
public class Outcomes implements AutoCloseable {

    private final OutcomeJournal journal;
    private final DeliveryTracker tracker;
    private final Duration silence;
    private final Clock clock;
    private final LongSupplier nanos;
    /** Since when this process hears nothing of an attempt; one that is forgotten here begins anew. */
    private final Cache<String, Silence> silences = Caffeine.newBuilder().maximumSize(100_000).executor(Runnable::run).build();
    private Predicate<Instant> backlog;

    private record Silence(Instant attempt, long from) {
    }

    /**
     * @param verdict what may be done with the message now
     * @param outcome what is written down of it, or null
     */
    public record Answer(Verdict verdict, Outcome outcome) {
    }

    /**
     * @param directory      where this process writes entries down when there is no Redis
     * @param size           how many entries at the most
     * @param days           how long an entry is kept that nobody asks for
     * @param silenceSeconds how long nothing must have been heard, by this process, for {@link Verdict#SILENT}
     */
    public Outcomes(StateStores stores, DeliveryTracker tracker, String directory, int size, long days, long silenceSeconds) {
        this(journal(stores, directory, size, Duration.ofDays(DeliveryTracker.positive(days, "whatsapp.outcome.days"))), tracker,
                Duration.ofSeconds(DeliveryTracker.positive(silenceSeconds, "whatsapp.outcome.silence-seconds")),
                Clock.systemUTC(), System::nanoTime);
    }

    Outcomes(OutcomeJournal journal, DeliveryTracker tracker, Duration silence, Clock clock, LongSupplier nanos) {
        this.journal = journal;
        this.tracker = tracker;
        this.silence = silence;
        this.clock = clock;
        this.nanos = nanos;
    }

    private static OutcomeJournal journal(StateStores stores, String directory, int size, Duration timeToLive) {
        return stores.isShared()
                ? new RedisOutcomeJournal(stores::redis, timeToLive)
                : new FileOutcomeJournal(Path.of(directory), Math.toIntExact(DeliveryTracker.positive(size, "whatsapp.outcome.size")), timeToLive);
    }

    /** @param backlog whether there may be statuses from before a moment that nobody has looked at; without it there are none */
    public void setBacklog(Predicate<Instant> backlog) {
        this.backlog = backlog;
    }

    /**
     * An attempt that is about to be made.
     *
     * @param before what is written down of the message, or null
     * @param resend whether silence lets it be sent again
     * @param number the phone number id that sends it
     */
    public Outcome attempt(Outcome before, boolean resend, String number) {
        return new Outcome(clock.instant(), Verdict.WAITING, before == null ? 0 : before.resends() + (resend ? 1 : 0), number, null);
    }

    /**
     * Notes an attempt, durably, before it is made.
     *
     * @param before what {@link #ask} found, or null
     * @return false if something else is written down by now: then the message must not be sent, but asked for again
     * @throws IllegalStateException if it could not be noted; then the message must not be sent either
     */
    public boolean begin(String outboundId, Outcome before, Outcome attempt) {
        return journal.replace(Keys.hash(outboundId), before, attempt);
    }

    /**
     * Meta has taken the message. Does not wait for the note of it.
     *
     * @return what is written down now, unless a status came first
     */
    public Outcome accepted(String outboundId, Outcome attempt) {
        Outcome accepted = attempt.with(Verdict.SETTLED_SENT);
        journal.note(Keys.hash(outboundId), attempt, accepted);
        return accepted;
    }

    /** Meta did not take the message, and said so, or was not asked: what was written down before the attempt holds. Does not wait. */
    public void refused(String outboundId, Outcome attempt, Outcome before) {
        journal.note(Keys.hash(outboundId), attempt, before);
    }

    /** As {@link #refused}, and a crash does not forget it. */
    public void notMade(String outboundId, Outcome attempt, Outcome before) {
        journal.replace(Keys.hash(outboundId), attempt, before);
    }

    /**
     * The send of a message has ended without an answer; its silence begins. An attempt that was not noted before, of what may be sent twice
     * without harm, is noted now.
     *
     * @param number  the phone number id that sends it
     * @param attempt the attempt that was noted, or null
     */
    public void unknown(String outboundId, String number, Outcome attempt) {
        String key = Keys.hash(outboundId);
        Outcome noted = attempt;
        if (noted == null) {
            Outcome before = journal.find(key).orElse(null);
            noted = before != null && before.verdict() != Verdict.GIVEN_UP ? before : attempt(before, false, number);
            if (noted != before) {
                journal.replace(key, before, noted);
            }
        }
        listen(key, noted);
    }

    /**
     * A status has come for a message. Call it after the tracker knows the status. Only what Meta says settles anything: that the message
     * waits in our queue does not, and nothing that a number is told of another's message.
     *
     * @param number the phone number id that is told
     * @return whether it settled an unknown outcome
     */
    public boolean settle(String outboundId, String number, DeliveryState state) {
        if (outboundId == null || state == null || state.compareTo(DeliveryState.ACCEPTED) < 0) {
            return false;
        }
        String key = Keys.hash(outboundId);
        Outcome outcome = journal.find(key).orElse(null);
        // the one who holds the message may write at the same time
        while (isOpenFor(number, state, outcome)) {
            if (journal.replace(key, outcome, outcome.with(settled(state)))) {
                return true;
            }
            outcome = journal.find(key).orElse(null);
        }
        return false;
    }

    // what was given up and failed at Meta too may be sent again by whoever replays it
    private static boolean isOpenFor(String number, DeliveryState state, Outcome outcome) {
        return outcome != null && (number == null || outcome.number() == null || number.equals(outcome.number()))
                && (outcome.verdict() == Verdict.WAITING || outcome.verdict() == Verdict.GIVEN_UP && state != DeliveryState.FAILED);
    }

    /** What may be done with the message now. What is written down of it stays. */
    public Answer ask(String outboundId, String number) {
        String key = Keys.hash(outboundId);
        Outcome outcome = heard(outboundId, number, key);
        if (outcome == null) {
            return new Answer(Verdict.NOT_UNKNOWN, null);
        }
        if (outcome.verdict() == Verdict.WAITING) {
            long over = nanos.getAsLong() - listen(key, outcome) - silence.toNanos();
            if (over < 0 || backlog != null && backlog.test(clock.instant().minusNanos(over))) {
                return new Answer(Verdict.WAITING, outcome);
            }
            // a status that was in the backlog a moment ago may have been looked at since
            outcome = heard(outboundId, number, key);
            if (outcome != null && outcome.verdict() == Verdict.WAITING) {
                return new Answer(Verdict.SILENT, outcome);
            }
        }
        silences.invalidate(key);
        return new Answer(outcome == null ? Verdict.NOT_UNKNOWN : outcome.verdict(), outcome);
    }

    private long listen(String key, Outcome attempt) {
        return silences.asMap().compute(key, (same, known) -> known != null && known.attempt().equals(attempt.since())
                ? known : new Silence(attempt.since(), nanos.getAsLong())).from();
    }

    /** Whether Meta is known to have a message of which no attempt is written down: a copy of it, stored for later, may have gone. */
    public Verdict askTracker(String outboundId, String number) {
        return tracker.find(outboundId, number).map(delivery -> saidByMeta(delivery) ? settled(delivery.state()) : null).orElse(Verdict.NOT_UNKNOWN);
    }

    /** What is written down of a message. */
    public Optional<Outcome> find(String outboundId) {
        return journal.find(Keys.hash(outboundId));
    }

    /**
     * A message whose outcome is unknown is given up.
     *
     * @param as what it was taken from the queue as; the same message may come again, if a crash forgets that it was given up
     */
    public void giveUp(String outboundId, String as) {
        String key = Keys.hash(outboundId);
        Outcome outcome = journal.find(key).orElse(null);
        while (outcome != null && (outcome.verdict() == Verdict.WAITING || outcome.verdict() == Verdict.GIVEN_UP)
                && !journal.replace(key, outcome, outcome.givenUp(as))) {
            outcome = journal.find(key).orElse(null);
        }
    }

    /** The message is done, and nothing brings it back. */
    public void forget(String outboundId, Outcome settled) {
        journal.forget(Keys.hash(outboundId), settled);
    }

    // a status may have come while the send was still waiting for its answer, and on another node
    private Outcome heard(String outboundId, String number, String key) {
        Outcome outcome = journal.find(key).orElse(null);
        if (outcome == null || outcome.verdict() != Verdict.WAITING && outcome.verdict() != Verdict.GIVEN_UP) {
            return outcome;
        }
        boolean settled = tracker.find(outboundId, number).map(delivery -> saidByMeta(delivery) && settle(outboundId, number, delivery.state())).orElse(false);
        return settled ? journal.find(key).orElse(null) : outcome;
    }

    private static boolean saidByMeta(Delivery delivery) {
        return delivery.state().compareTo(DeliveryState.ACCEPTED) >= 0 && !delivery.isGivenUp();
    }

    private static Verdict settled(DeliveryState state) {
        return state == DeliveryState.FAILED ? Verdict.SETTLED_FAILED : Verdict.SETTLED_SENT;
    }

    @Override
    public void close() {
        journal.close();
    }
}
