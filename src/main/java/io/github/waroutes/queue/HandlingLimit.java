package io.github.waroutes.queue;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Gives storing priority over handling: a webhook must be stored and answered at once, while a queued message can wait. The limit on
 * concurrent handling follows additive increase, multiplicative decrease: it is halved after each window of {@value #WINDOW_MILLIS} ms in
 * which too many stores were in progress at once, and grows by one after each other window.
 */
final class HandlingLimit {

    private static final long WINDOW_MILLIS = 10;
    private static final long WINDOW_NANOS = WINDOW_MILLIS * 1_000_000;

    private final int busy;
    private final int most;
    private final AtomicInteger stores = new AtomicInteger();
    private long windowEnd;
    private int highest;
    private int limit;

    /**
     * @param busy how many stores in progress are too many
     * @param most how many messages may be handled at once when storing is not busy
     */
    HandlingLimit(int busy, int most, long now) {
        this.busy = busy;
        this.most = most;
        this.limit = most;
        this.windowEnd = now + WINDOW_NANOS;
    }

    void storeBegins(long now) {
        int inProgress = stores.incrementAndGet();
        synchronized (this) {
            roll(now);
            highest = Math.max(highest, inProgress);
        }
    }

    void storeEnds() {
        stores.decrementAndGet();
    }

    /** How many messages may be handled now: at least one. */
    synchronized int current(long now) {
        roll(now);
        return limit;
    }

    private void roll(long now) {
        if (now - windowEnd < 0) {
            return;
        }
        if (highest >= busy) {
            limit = Math.max(1, limit / 2);
        } else {
            long quiet = 1 + (now - windowEnd) / WINDOW_NANOS;
            limit = (int) Math.min(most, limit + quiet);
        }
        highest = stores.get();
        windowEnd = now + WINDOW_NANOS;
    }
}
