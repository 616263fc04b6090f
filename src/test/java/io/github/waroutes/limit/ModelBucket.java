package io.github.waroutes.limit;

/** A token bucket in whole numbers: a token is as many parts as its period has nanoseconds. */
class ModelBucket {

    private final long full;
    private final long perNano;
    private final long token;
    private long level;
    private long at;

    ModelBucket(long capacity, long tokens, long periodNanos, long nowNanos) {
        token = periodNanos;
        perNano = tokens;
        full = capacity * periodNanos;
        level = full;
        at = nowNanos;
    }

    /** How long until that many tokens are there. */
    long wait(long tokens, long nowNanos) {
        refill(nowNanos);
        return Math.max(0, (tokens * token - level + perNano - 1) / perNano);
    }

    void take() {
        level -= token;
    }

    /** How many nanoseconds too early one more leaves at that time; nothing may leave from an empty bucket. */
    long tooEarly(long leavesNanos) {
        refill(leavesNanos);
        take();
        return Math.max(0, -level / perNano);
    }

    private void refill(long nowNanos) {
        if (nowNanos > at) {
            level = nowNanos - at > full / perNano + Math.max(0, -level) / perNano + 1 ? full : Math.min(full, level + (nowNanos - at) * perNano);
            at = nowNanos;
        }
    }
}
