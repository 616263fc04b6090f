package io.github.waroutes.burst;

import io.github.waroutes.state.RedisConnection;
import org.apache.camel.processor.aggregate.MemoryAggregationRepository;
import org.apache.camel.spi.AggregationRepository;

/** Makes the place where open bursts are kept. */
public final class BurstRepositories {

    private BurstRepositories() {
    }

    /**
     * @param redis  the connection; it is not asked while bursts are off
     * @param window milliseconds without a text after which a burst ends; 0: bursts are off, and nothing is ever kept
     * @throws IllegalArgumentException if the window is negative
     * @throws IllegalStateException    if bursts are on and there is no Redis
     */
    public static AggregationRepository create(RedisConnection redis, long window) {
        if (window < 0) {
            throw new IllegalArgumentException("whatsapp.burst.window is " + window + ". Give milliseconds, or 0 for no bursts.");
        }
        if (window == 0) {
            return new MemoryAggregationRepository();
        }
        if (!redis.isConfigured()) {
            throw new IllegalStateException("whatsapp.burst.window is " + window + ", and whatsapp.redis.url is not set. An open burst"
                    + " is kept in Redis, so that a crash does not lose it: give the address of one, or set the window to 0.");
        }
        return new BurstRepository(redis, window);
    }
}
