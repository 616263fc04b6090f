package io.github.waroutes.api;

import java.time.Duration;

import io.github.waroutes.state.RedisConnection;

/** Keeps values in this process, or shared in Redis. */
public final class ExpiringValuesFactory {

    private ExpiringValuesFactory() {
    }

    /**
     * @param redis  the connection; not configured: in this process
     * @param prefix what keys in Redis begin with
     * @param size   how many values this process keeps
     * @param hours  how long a value is kept after it was written
     */
    public static ExpiringValues create(RedisConnection redis, String prefix, long size, long hours) {
        return redis.isConfigured()
                ? new RedisExpiringValues(redis, prefix, Duration.ofHours(hours))
                : new LocalExpiringValues(size, Duration.ofHours(hours));
    }
}
