package io.github.waroutes.send;

import java.time.Instant;
import java.util.Optional;

/**
 * Stores attempts to send and their outcomes durably. Keys are hashes of our ids. Entries change by compare-and-set, so that of two nodes that
 * hold one message only one sends it.
 */
public interface OutcomeJournal extends AutoCloseable {

    Optional<Outcome> find(String key);

    /**
     * Changes an entry by compare-and-set, and returns when the change is durable.
     *
     * @param before the expected entry; null: none
     * @param after  the new entry; null: none
     * @return false if there was another entry, which stays
     * @throws IllegalStateException if the journal is full, or cannot be written
     */
    boolean replace(String key, Outcome before, Outcome after);

    /** As {@link #replace}, without waiting until it is durable. */
    void note(String key, Outcome before, Outcome after);

    /** How many attempts from before a moment have no outcome; negative: this process cannot know. Reads the whole index. */
    default long unsettled(Instant before) {
        return -1;
    }

    /** Removes an entry that is not needed any more; it may stay for a while. */
    void forget(String key, Outcome before);

    @Override
    void close();
}
