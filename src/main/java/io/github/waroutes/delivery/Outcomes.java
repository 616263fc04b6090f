package io.github.waroutes.delivery;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * Messages whose send ended without an answer after it was written: they may have been sent, or not. A status that carries our id settles
 * them, whether it comes before or after the send gave up waiting; only silence for a time says that they were not.
 */
public class Outcomes {

    private final OutcomeJournal journal;
    private final DeliveryTracker tracker;
    private final Duration silence;

    /**
     * @param directory      where this process writes entries down when there is no Redis
     * @param size           how many entries at the most
     * @param days           how long an entry is kept that nobody asks for
     * @param silenceSeconds how long nothing must have been heard for {@link Verdict#SILENT}
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

    /**
     * The send of a message has ended without an answer. Written down before this returns; a second call keeps the first time.
     *
     * @throws IllegalStateException if it could not be written down; then a crash would forget that the message may have been sent
     */
    public void unknown(String outboundId, Instant now) {
        String key = Keys.hash(outboundId);
        if (journal.find(key).isEmpty()) {
            journal.append(key, new Outcome(now, Verdict.WAITING));
        }
        heard(outboundId, key);
    }

    /**
     * A status has come for a message. Call it after the tracker knows the status.
     *
     * @return whether it settled an unknown outcome
     */
    public boolean settle(String outboundId, DeliveryState state) {
        if (outboundId == null || state == null) {
            return false;
        }
        String key = Keys.hash(outboundId);
        Outcome outcome = journal.find(key).orElse(null);
        if (outcome == null || outcome.verdict() != Verdict.WAITING) {
            return false;
        }
        journal.append(key, new Outcome(outcome.since(), state == DeliveryState.FAILED ? Verdict.SETTLED_FAILED : Verdict.SETTLED_SENT));
        return true;
    }

    /** What may be done with the message now. */
    public Verdict ask(String outboundId, Instant now) {
        String key = Keys.hash(outboundId);
        heard(outboundId, key);
        Outcome outcome = journal.find(key).orElse(null);
        if (outcome == null) {
            return Verdict.NOT_UNKNOWN;
        }
        boolean silent = outcome.verdict() == Verdict.WAITING && !now.isBefore(outcome.since().plus(silence));
        return silent ? Verdict.SILENT : outcome.verdict();
    }

    /** The message is done with, or is about to be sent again. */
    public void forget(String outboundId) {
        journal.remove(Keys.hash(outboundId));
    }

    /** How many messages wait for a status. */
    public int waiting() {
        return (int) journal.load().values().stream().filter(outcome -> outcome.verdict() == Verdict.WAITING).count();
    }

    // a status may have come while the send was still waiting for its answer, and on another node
    private void heard(String outboundId, String key) {
        if (journal.find(key).map(Outcome::verdict).orElse(null) == Verdict.WAITING) {
            tracker.find(outboundId).ifPresent(delivery -> settle(outboundId, delivery.state()));
        }
    }
}
