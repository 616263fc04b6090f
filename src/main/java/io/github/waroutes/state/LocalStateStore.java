package io.github.waroutes.state;

import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;

/** In this process: a restart forgets it, and beyond its size what was used longest ago goes first. */
public final class LocalStateStore implements StateStore {

    private final RecentValues<String> values;

    public LocalStateStore(long size, Duration timeToLive) {
        this(size, timeToLive, System::nanoTime);
    }

    public LocalStateStore(long size, Duration timeToLive, LongSupplier nanos) {
        values = new RecentValues<>(size, timeToLive, nanos);
    }

    @Override
    public String get(String key) {
        return values.get(key);
    }

    @Override
    public void put(String key, String value) {
        values.put(key, value);
    }

    @Override
    public boolean replace(String key, String before, String after) {
        synchronized (values) {
            if (!Objects.equals(values.get(key), before)) {
                return false;
            }
            if (after == null) {
                values.remove(key);
            } else {
                values.put(key, after);
            }
            return true;
        }
    }

    @Override
    public String take(String key) {
        return values.remove(key);
    }
}
