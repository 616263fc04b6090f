package io.github.waroutes.limit;

import java.time.Duration;

import io.github.bucket4j.TimeMeter;

/** A clock that the test moves. */
public class ManualTime implements TimeMeter {

    private long nanos = 1_800_000_000_000_000_000L;

    @Override
    public long currentTimeNanos() {
        return nanos;
    }

    @Override
    public boolean isWallClockBased() {
        return true;
    }

    public void pass(Duration time) {
        nanos += time.toNanos();
    }

    public void set(long value) {
        nanos = Math.max(nanos, value);
    }
}
