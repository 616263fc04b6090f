package io.github.waroutes.limit;

import io.github.bucket4j.TimeMeter;
import io.github.waroutes.state.RedisConnection;

/** Makes the state of the limits: in this process, or shared in Redis. */
public final class LimitStates {

    private LimitStates() {
    }

    /**
     * @param redis the connection; not configured: in this process
     * @throws IllegalStateException if Redis is configured and does not answer
     */
    public static LimitState create(RedisConnection redis) {
        return redis.isConfigured()
                ? new RedisLimitState(redis.client(), TimeMeter.SYSTEM_MILLISECONDS)
                : new LocalLimitState(new MonotonicTime());
    }
}
