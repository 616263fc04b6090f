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
 * Attempts to send, and their outcomes. An attempt is recorded before it is made, so that a lost connection or a crash leaves an unknown
 * outcome: the message may have been sent, or not. A status that carries our id settles it, whether it comes before or after the send gave up
 * waiting; silence, no status for a time, means that it was not sent. Silence is measured in this process by a monotonic clock from when the
 * answer was lost, or from the first {@link #ask}, and is not over before the statuses in the inbound queue have been handled.
 */
public class Outcomes implements AutoCloseable {

    private final OutcomeJournal journal;
    private final DeliveryTracker tracker;
    private final Duration silence;
    private final Clock clock;
    private final LongSupplier nanos;
    /** Since when this process has waited for the status of an attempt; after an eviction the wait starts again. */
    private final Cache<String, Silence> silences = Caffeine.newBuilder().maximumSize(100_000).executor(Runnable::run).build();
    private Predicate<Instant> backlog;

    private record Silence(Instant attempt, long from) {
    }

    /**
     * @param verdict what is known of the message now
     * @param outcome its journal entry, or null
     */
    public record Answer(Verdict verdict, Outcome outcome) {
    }

    /**
     * @param directory      where this process keeps the journal when there is no Redis
     * @param size           how many entries at the most
     * @param days           how long an unused entry is kept
     * @param silenceSeconds how long this process must have waited for a status before {@link Verdict#SILENT}
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

    /** @param backlog whether statuses from before a moment may still be queued; without it there are none */
    public void setBacklog(Predicate<Instant> backlog) {
        this.backlog = backlog;
    }

    /**
     * An attempt that is about to be made.
     *
     * @param before the message's entry, or null
     * @param resend whether it is sent again because no status came
     * @param number the phone number id that sends it
     */
    public Outcome attempt(Outcome before, boolean resend, String number) {
        return new Outcome(clock.instant(), Verdict.WAITING, before == null ? 0 : before.resends() + (resend ? 1 : 0), number, null);
    }

    /**
     * Records an attempt durably, before it is made.
     *
     * @param before what {@link #ask} found, or null
     * @return false if the entry has changed since: the message must not be sent, but asked for again
     * @throws IllegalStateException if it could not be recorded; the message must not be sent either
     */
    public boolean begin(String outboundId, Outcome before, Outcome attempt) {
        return journal.replace(Keys.hash(outboundId), before, attempt);
    }

    /**
     * Meta accepted the message. Does not wait until that is recorded.
     *
     * @return the new entry, unless a status came first
     */
    public Outcome accepted(String outboundId, Outcome attempt) {
        Outcome accepted = attempt.with(Verdict.SETTLED_SENT);
        journal.note(Keys.hash(outboundId), attempt, accepted);
        return accepted;
    }

    /** Meta refused the message, or was not called: restores the entry from before the attempt. Does not wait. */
    public void refused(String outboundId, Outcome attempt, Outcome before) {
        journal.note(Keys.hash(outboundId), attempt, before);
    }

    /** As {@link #refused}, and returns when it is durable. */
    public void notMade(String outboundId, Outcome attempt, Outcome before) {
        journal.replace(Keys.hash(outboundId), attempt, before);
    }

    /**
     * The send of a message has ended without an answer, and the wait for a status begins. An attempt that was not recorded before, of a read
     * receipt, is recorded now.
     *
     * @param number  the phone number id that sends it
     * @param attempt the recorded attempt, or null
     */
    public void unknown(String outboundId, String number, Outcome attempt) {
        String key = Keys.hash(outboundId);
        Outcome recorded = attempt;
        if (recorded == null) {
            Outcome before = journal.find(key).orElse(null);
            recorded = before != null && before.verdict() != Verdict.GIVEN_UP ? before : attempt(before, false, number);
            if (recorded != before) {
                journal.replace(key, before, recorded);
            }
        }
        silentSince(key, recorded);
    }

    /**
     * A status has come for a message; call this after the tracker has it. Only states that Meta reports to the message's own number settle
     * anything: that a message waits in our queue does not.
     *
     * @param number the phone number id of the status
     * @return whether it settled an unknown outcome
     */
    public boolean settle(String outboundId, String number, DeliveryState state) {
        if (outboundId == null || state == null || state.compareTo(DeliveryState.ACCEPTED) < 0) {
            return false;
        }
        String key = Keys.hash(outboundId);
        Outcome outcome = journal.find(key).orElse(null);
        // the sender may write at the same time
        while (isOpenFor(number, state, outcome)) {
            if (journal.replace(key, outcome, outcome.with(settled(state)))) {
                return true;
            }
            outcome = journal.find(key).orElse(null);
        }
        return false;
    }

    // given up here, and failed at Meta too: a replay may send it again
    private static boolean isOpenFor(String number, DeliveryState state, Outcome outcome) {
        return outcome != null && (number == null || outcome.number() == null || number.equals(outcome.number()))
                && (outcome.verdict() == Verdict.WAITING || outcome.verdict() == Verdict.GIVEN_UP && state != DeliveryState.FAILED);
    }

    /** What is known of the message now. Its entry stays. */
    public Answer ask(String outboundId, String number) {
        String key = Keys.hash(outboundId);
        Outcome outcome = settledByTracker(outboundId, number, key);
        if (outcome == null) {
            return new Answer(Verdict.NOT_UNKNOWN, null);
        }
        if (outcome.verdict() == Verdict.WAITING) {
            long over = nanos.getAsLong() - silentSince(key, outcome) - silence.toNanos();
            if (over < 0 || backlog != null && backlog.test(clock.instant().minusNanos(over))) {
                return new Answer(Verdict.WAITING, outcome);
            }
            // a status from the backlog may have been handled in the meantime
            outcome = settledByTracker(outboundId, number, key);
            if (outcome != null && outcome.verdict() == Verdict.WAITING) {
                return new Answer(Verdict.SILENT, outcome);
            }
        }
        silences.invalidate(key);
        return new Answer(outcome == null ? Verdict.NOT_UNKNOWN : outcome.verdict(), outcome);
    }

    private long silentSince(String key, Outcome attempt) {
        return silences.asMap().compute(key, (same, known) -> known != null && known.attempt().equals(attempt.since())
                ? known : new Silence(attempt.since(), nanos.getAsLong())).from();
    }

    /** Whether Meta is known to have a message without an entry here: a copy of it, stored for later, may have been sent. */
    public Verdict askTracker(String outboundId, String number) {
        return tracker.find(outboundId, number).map(delivery -> saidByMeta(delivery) ? settled(delivery.state()) : null).orElse(Verdict.NOT_UNKNOWN);
    }

    /** The journal entry of a message. */
    public Optional<Outcome> find(String outboundId) {
        return journal.find(Keys.hash(outboundId));
    }

    /**
     * A message whose outcome is unknown is given up.
     *
     * @param as its queue and message id there; the same message is redelivered if a crash loses its acknowledgement
     */
    public void giveUp(String outboundId, String as) {
        String key = Keys.hash(outboundId);
        Outcome outcome = journal.find(key).orElse(null);
        while (outcome != null && (outcome.verdict() == Verdict.WAITING || outcome.verdict() == Verdict.GIVEN_UP)
                && !journal.replace(key, outcome, outcome.givenUp(as))) {
            outcome = journal.find(key).orElse(null);
        }
    }

    /**
     * How many attempts that are older than this have no outcome: no answer came for them, and no status has told yet.
     *
     * @return negative: this process cannot know, as the journal is in Redis
     */
    public long unsettled(Duration age) {
        return journal.unsettled(clock.instant().minus(age));
    }

    /** The message is done and acknowledged, so its entry is not needed any more. */
    public void forget(String outboundId, Outcome settled) {
        journal.forget(Keys.hash(outboundId), settled);
    }

    // a status may have come while the send was still waiting for its answer, and on another node
    private Outcome settledByTracker(String outboundId, String number, String key) {
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
