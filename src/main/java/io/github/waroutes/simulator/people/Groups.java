package io.github.waroutes.simulator.people;

import io.github.waroutes.simulator.common.KeyedInstances;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.SimulatedNumber;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The last writer of each group. Bounded; the oldest is evicted first. Thread-safe. */
public class Groups {

    private final Map<String, Recipient> speakers;
    private final KeyedInstances<Groups> numbers;

    /** @param most how many groups to keep */
    public Groups(int most) {
        numbers = new KeyedInstances<>(this, key -> new Groups(most));
        speakers = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Recipient> eldest) {
                return size() > most;
            }
        };
    }

    /** The instance for this number; that for the first is this one. */
    public Groups of(SimulatedNumber number) {
        return numbers.of(number.key());
    }

    /** The user wrote in a group. */
    synchronized void spokeIn(String group, Recipient user) {
        speakers.remove(group);
        speakers.put(group, user);
    }

    /** Who wrote last in a group; empty for a group without messages. */
    public synchronized Optional<Recipient> speakerIn(String group) {
        return Optional.ofNullable(speakers.get(group));
    }

    /** A user's id has changed. */
    synchronized void rename(String key, Recipient user) {
        speakers.replaceAll((group, speaker) -> speaker.key().equals(key) ? user : speaker);
    }

    /** Forgets all groups. */
    synchronized void reset() {
        speakers.clear();
        numbers.clear();
    }
}
