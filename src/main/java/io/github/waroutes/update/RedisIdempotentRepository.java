package io.github.waroutes.update;

import java.time.Duration;

import io.github.waroutes.state.RedisConnection;
import org.apache.camel.spi.IdempotentRepository;
import org.apache.camel.support.service.ServiceSupport;

/**
 * Remembers handled updates in Redis, each for its time to live. Camel's own repository for Redis, in camel-spring-redis,
 * keeps one set that never forgets.
 */
public class RedisIdempotentRepository extends ServiceSupport implements IdempotentRepository {

    private static final String PREFIX = "whatsapp:handled:";

    private final RedisConnection redis;
    private final Duration timeToLive;

    /** @param timeToLive at least the seven days for which Meta repeats a webhook */
    public RedisIdempotentRepository(RedisConnection redis, Duration timeToLive) {
        this.redis = redis;
        this.timeToLive = timeToLive;
    }

    @Override
    protected void doStart() {
        // a Redis that is not there stops the start
        redis.requireConnection();
    }

    @Override
    public boolean add(String key) {
        return redis.ask(client -> client.getBucket(PREFIX + key).setIfAbsent("1", timeToLive));
    }

    @Override
    public boolean contains(String key) {
        return redis.ask(client -> client.getBucket(PREFIX + key).isExists());
    }

    @Override
    public boolean remove(String key) {
        return redis.ask(client -> client.getBucket(PREFIX + key).delete());
    }

    @Override
    public boolean confirm(String key) {
        return true;
    }

    @Override
    public void clear() {
        redis.tell(client -> client.getKeys().deleteByPattern(PREFIX + "*"));
    }
}
