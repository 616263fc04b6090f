package io.github.waroutes.limit;

import java.nio.file.Path;

import io.github.waroutes.state.RedisConnection;

/** Makes the state of the limits: in this process, or shared in Redis. */
public final class LimitStates {

    private LimitStates() {
    }

    /**
     * @param redis     the connection; not configured: in this process
     * @param directory where this process then writes down what it must know after a restart
     * @throws IllegalStateException if Redis is configured and does not answer
     */
    public static LimitState create(RedisConnection redis, String directory) {
        return redis.isConfigured()
                ? new RedisLimitState(redis, new RedisTime(redis))
                : new LocalLimitState(new MonotonicTime(), new LimitFiles(Path.of(directory)));
    }
}
