package io.github.waroutes.send;

import io.github.waroutes.delivery.Delivery;
import io.github.waroutes.delivery.DeliveryState;
import io.github.waroutes.delivery.DeliveryTracker;
import io.github.waroutes.state.Keys;
import io.github.waroutes.state.StateStores;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Messages whose send ended without an answer after it was written: they may have been sent, or not. A status that carries our id settles
 * them, whether it comes before or after the send gave up waiting; only silence for a time says that they were not. Silence is what is heard
 * while this process listens: it begins when the process does, at the earliest, and does not end before the statuses that have come are looked at.
 */
public class Outcomes {

    private final OutcomeJournal journal;
    private final DeliveryTracker tracker;
    private final Duration silence;
    private Predicate<Instant> backlog;
    private Instant listening;

    /**
     * @param directory      where this process writes entries down when there is no Redis
     * @param size           how many entries at the most
     * @param days           how long an entry is kept that nobody asks for
     * @param silenceSeconds how long nothing must have been heard, by this process, for {@link Verdict#SILENT}
     */
    public Outcomes(StateStores stores, DeliveryTracker tracker, String directory, int size, long days, long silenceSeconds) {
        this(journal(stores, directory, size, Duration.ofDays(DeliveryTracker.positive(days, "whatsapp.outcome.days"))), tracker,
                Duration.ofSeconds(DeliveryTracker.positive(silenceSeconds, "whatsapp.outcome.silence-seconds")));
    }

    Outcomes(OutcomeJournal journal, DeliveryTracker tracker, Duration silence) {
        this.journal = journal;
        this.tracker = tracker;
        this.silence = silence;
    }

    private static OutcomeJournal journal(StateStores stores, String directory, int size, Duration timeToLive) {
        return stores.isShared()
                ? new RedisOutcomeJournal(stores::client, timeToLive)
                : new FileOutcomeJournal(Path.of(directory), Math.toIntExact(DeliveryTracker.positive(size, "whatsapp.outcome.size")), timeToLive);
    }

    /** @param backlog whether there may be statuses from before a moment that nobody has looked at; without it there are none */
    public void setBacklog(Predicate<Instant> backlog) {
        this.backlog = backlog;
    }

    /**
     * The send of a message has ended without an answer. Written down before this returns; a second call keeps the first time.
     *
     * @throws IllegalStateException if it could not be written down; then a crash would forget that the message may have been sent
     */
    public void unknown(String outboundId, Instant now) {
        listens(now);
        String key = Keys.hash(outboundId);
        Outcome before = journal.find(key).orElse(null);
        if (before == null || before.verdict() == Verdict.GIVEN_UP) {
            journal.append(key, new Outcome(now, Verdict.WAITING));
        }
        heard(outboundId, key);
    }

    /**
     * A status has come for a message. Call it after the tracker knows the status. Only what Meta says settles anything: that the message
     * waits in our queue does not.
     *
     * @return whether it settled an unknown outcome
     */
    public boolean settle(String outboundId, DeliveryState state) {
        if (outboundId == null || state == null || state.compareTo(DeliveryState.ACCEPTED) < 0) {
            return false;
        }
        String key = Keys.hash(outboundId);
        Outcome outcome = journal.find(key).orElse(null);
        boolean failed = state == DeliveryState.FAILED;
        // what was given up and failed at Meta too may be sent again by whoever replays it
        if (outcome == null || outcome.verdict() != Verdict.WAITING && (outcome.verdict() != Verdict.GIVEN_UP || failed)) {
            return false;
        }
        journal.append(key, outcome.with(settled(state)));
        return true;
    }

    /** What may be done with the message now. What is written down of it stays. */
    public Verdict ask(String outboundId, Instant now) {
        listens(now);
        String key = Keys.hash(outboundId);
        Outcome outcome = heard(outboundId, key);
        if (outcome == null) {
            return Verdict.NOT_UNKNOWN;
        }
        if (outcome.verdict() == Verdict.WAITING) {
            Instant end = later(outcome.since(), listening).plus(silence);
            if (now.isBefore(end) || backlog != null && backlog.test(end)) {
                return Verdict.WAITING;
            }
            // a status that was in the backlog a moment ago may have been looked at since
            outcome = heard(outboundId, key);
            return outcome.verdict() == Verdict.WAITING ? Verdict.SILENT : outcome.verdict();
        }
        return outcome.verdict();
    }

    /** Whether Meta is known to have the message, though nobody called its outcome unknown: asked of one that may have been sent before. */
    public Verdict askTracker(String outboundId) {
        return tracker.find(outboundId).map(delivery -> saidByMeta(delivery) ? settled(delivery.state()) : null).orElse(Verdict.NOT_UNKNOWN);
    }

    /** What is written down of a message. */
    public Optional<Outcome> find(String outboundId) {
        return journal.find(Keys.hash(outboundId));
    }

    /** A message of which nothing was heard is about to be sent again; the silence begins anew. */
    public void resent(String outboundId, Instant now) {
        String key = Keys.hash(outboundId);
        journal.find(key).filter(outcome -> outcome.verdict() == Verdict.WAITING).ifPresent(
                outcome -> journal.append(key, new Outcome(now, Verdict.WAITING, outcome.resends() + 1, null)));
    }

    /** The message was not sent again after all: what was written down before {@link #resent} holds, unless a status has come. */
    public void notResent(String outboundId, Outcome before) {
        String key = Keys.hash(outboundId);
        journal.find(key).filter(outcome -> outcome.verdict() == Verdict.WAITING).ifPresent(outcome -> journal.append(key, before));
    }

    /**
     * The message is given up.
     *
     * @param as what it was taken from the queue as; the same message may come again, if a crash forgets that it was given up
     */
    public void giveUp(String outboundId, String as) {
        String key = Keys.hash(outboundId);
        journal.find(key).ifPresent(outcome -> journal.append(key, new Outcome(outcome.since(), Verdict.GIVEN_UP, outcome.resends(), as)));
    }

    /** Somebody wants the message to be sent, whatever became of it. */
    public void forget(String outboundId) {
        journal.remove(Keys.hash(outboundId));
    }

    /** How many messages wait for a status. */
    public int waiting() {
        return (int) journal.load().values().stream().filter(outcome -> outcome.verdict() == Verdict.WAITING).count();
    }

    // a status may have come while the send was still waiting for its answer, and on another node
    private Outcome heard(String outboundId, String key) {
        Outcome outcome = journal.find(key).orElse(null);
        if (outcome == null || outcome.verdict() != Verdict.WAITING && outcome.verdict() != Verdict.GIVEN_UP) {
            return outcome;
        }
        boolean settled = tracker.find(outboundId).map(delivery -> saidByMeta(delivery) && settle(outboundId, delivery.state())).orElse(false);
        return settled ? journal.find(key).orElse(null) : outcome;
    }

    private static boolean saidByMeta(Delivery delivery) {
        return delivery.state().compareTo(DeliveryState.ACCEPTED) >= 0 && !delivery.isGivenUp();
    }

    private static Verdict settled(DeliveryState state) {
        return state == DeliveryState.FAILED ? Verdict.SETTLED_FAILED : Verdict.SETTLED_SENT;
    }

    // while this process was down it heard nothing, which is no silence
    private synchronized void listens(Instant now) {
        if (listening == null) {
            listening = now;
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
