package io.github.waroutes.simulator.people;

import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Siblings;
import io.github.waroutes.simulator.common.SimulatedNumber;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Who spoke last in which group. Bounded, the oldest goes first. Thread-safe. */
public class Groups {

    private final Map<String, Recipient> speakers;
    private final Siblings<Groups> numbers;

    /** @param most how many groups to keep */
    public Groups(int most) {
        numbers = new Siblings<>(this, key -> new Groups(most));
        speakers = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Recipient> eldest) {
                return size() > most;
            }
        };
    }

    /** The groups of this number; those of the first are in this itself. */
    public Groups of(SimulatedNumber number) {
        return numbers.of(number.key());
    }

    /** The user spoke in a group. */
    synchronized void spokeIn(String group, Recipient user) {
        speakers.remove(group);
        speakers.put(group, user);
    }

    /** Who spoke last in a group; empty for a group nobody has spoken in. */
    public synchronized Optional<Recipient> speakerIn(String group) {
        return Optional.ofNullable(speakers.get(group));
    }

    /** A user goes by another id from now on. */
    synchronized void rename(String key, Recipient user) {
        speakers.replaceAll((group, speaker) -> speaker.key().equals(key) ? user : speaker);
    }

    /** Forgets all groups. */
    synchronized void reset() {
        speakers.clear();
        numbers.clear();
    }
}
