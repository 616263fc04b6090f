package io.github.waroutes.simulator.common;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * One instance for each number, account or app: that of the first, whose key is empty, and those of the others, created on first use.
 * Thread-safe.
 */
public final class KeyedInstances<T> {

    private final T first;
    private final Function<String, T> others;
    private final Map<String, T> created = new ConcurrentHashMap<>();

    /** @param others creates the one of another number, account or app, by its key */
    public KeyedInstances(T first, Function<String, T> others) {
        this.first = first;
        this.others = others;
    }

    public T of(String key) {
        return key.isEmpty() ? first : created.computeIfAbsent(key, others);
    }

    /** Those that were created, without the first. */
    public Collection<T> others() {
        return created.values();
    }

    /** Forgets all but the first. */
    public void clear() {
        created.clear();
    }
}
