package io.github.waroutes.simulator.common;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What belongs to the first number, account or app, whose key is empty, and the same of the others, each made when it is first asked
 * for. Thread-safe.
 */
public final class Siblings<T> {

    private final T first;
    private final Function<String, T> others;
    private final Map<String, T> made = new ConcurrentHashMap<>();

    /** @param others makes the one of another number, account or app, by its key */
    public Siblings(T first, Function<String, T> others) {
        this.first = first;
        this.others = others;
    }

    public T of(String key) {
        return key.isEmpty() ? first : made.computeIfAbsent(key, others);
    }

    /** Those that were made, without the first. */
    public Collection<T> made() {
        return made.values();
    }

    /** Forgets all but the first. */
    public void clear() {
        made.clear();
    }
}
