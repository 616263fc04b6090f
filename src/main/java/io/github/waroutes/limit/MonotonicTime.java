package io.github.waroutes.limit;

import java.util.concurrent.TimeUnit;

import io.github.bucket4j.TimeMeter;

/** Time since 1970 that never goes back: a corrected system clock must not stall the buckets of this process. */
final class MonotonicTime implements TimeMeter {

    private final long offset = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - System.nanoTime();

    @Override
    public long currentTimeNanos() {
        return offset + System.nanoTime();
    }

    @Override
    public boolean isWallClockBased() {
        return false;
    }
}
