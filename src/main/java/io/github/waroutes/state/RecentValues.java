package io.github.waroutes.state;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A bounded map in which what was used longest ago goes first. Not a Caffeine cache: when that is full it keeps what was used often, and a new
 * value, such as the state of the message just sent, is dropped at once for one that nobody will ask for again. Its methods lock it, so
 * who locks it makes one step of several.
 */
public final class RecentValues<V> {

    private final long timeToLive;
    private final LongSupplier nanos;
    private final Map<String, Timed<V>> values;

    private record Timed<V>(V value, long since) {
    }

    /**
     * @param size       how many values at the most
     * @param timeToLive after its last change a value is not given out any more
     * @param nanos      as {@link System#nanoTime}
     */
    public RecentValues(long size, Duration timeToLive, LongSupplier nanos) {
        this.timeToLive = timeToLive.toNanos();
        this.nanos = nanos;
        this.values = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Timed<V>> eldest) {
                return size() > size;
            }
        };
    }

    /** Null if there is none. */
    public synchronized V get(String key) {
        Timed<V> found = values.get(key);
        if (found != null && nanos.getAsLong() - found.since >= timeToLive) {
            values.remove(key);
            return null;
        }
        return found == null ? null : found.value;
    }

    public synchronized void put(String key, V value) {
        values.put(key, new Timed<>(value, nanos.getAsLong()));
    }

    /** Removes and returns it; null if there is none. */
    public synchronized V remove(String key) {
        V found = get(key);
        values.remove(key);
        return found;
    }
}
