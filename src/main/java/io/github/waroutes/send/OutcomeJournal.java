package io.github.waroutes.send;

import java.util.Optional;

/**
 * Where attempts to send and their outcomes are written down, so that a crash does not forget them. Keys are hashes of our ids. An entry
 * changes only from what its writer knows of it, so that of two who hold one message only one sends it.
 */
public interface OutcomeJournal extends AutoCloseable {

    Optional<Outcome> find(String key);

    /**
     * Changes an entry, and returns when a crash cannot forget that.
     *
     * @param before what is there now; null: nothing
     * @param after  what is to be there; null: nothing
     * @return false if something else was there, which stays
     * @throws IllegalStateException if it cannot be kept: the journal is full, or what holds it does not take it
     */
    boolean replace(String key, Outcome before, Outcome after);

    /** As {@link #replace}, without waiting: it is kept a moment later. A failure is logged where it is found. */
    void note(String key, Outcome before, Outcome after);

    /** Nobody will ask for this entry again; it may be kept until there is time. */
    void forget(String key, Outcome before);

    @Override
    void close();
}
