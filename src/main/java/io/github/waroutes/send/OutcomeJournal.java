package io.github.waroutes.send;



import java.util.Map;
import java.util.Optional;

/**
 * Where messages whose outcome is unknown are written down, so that a crash does not forget them. Keys are hashes of our ids. What
 * {@link #append} has returned from is kept.
 */
public interface OutcomeJournal {

    /**
     * Writes an entry, or writes it anew.
     *
     * @throws IllegalStateException if it cannot be kept: the journal is full, or what holds it does not take it
     */
    void append(String key, Outcome outcome);

    Optional<Outcome> find(String key);

    /** Forgets an entry; without one nothing happens. */
    void remove(String key);

    /** Everything that is written down. */
    Map<String, Outcome> load();
}
