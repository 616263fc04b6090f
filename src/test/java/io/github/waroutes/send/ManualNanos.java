package io.github.waroutes.send;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A monotonic time that stands still until it is moved; it begins below zero, as {@link System#nanoTime} may. */
final class ManualNanos implements LongSupplier {

    private long now = -5_000_000_000L;

    void move(Duration time) {
        now += time.toNanos();
    }

    @Override
    public long getAsLong() {
        return now;
    }
}
