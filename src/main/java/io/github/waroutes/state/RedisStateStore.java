package io.github.waroutes.state;

import java.time.Duration;
import java.util.function.Supplier;

import org.redisson.api.RBucket;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;

/** In Redis, for all nodes: plain strings that expire. */
public final class RedisStateStore implements StateStore {

    private final Supplier<RedisConnection> redis;
    private final String prefix;
    private final Duration timeToLive;

    /** @param prefix before every key, with its colon */
    public RedisStateStore(Supplier<RedisConnection> redis, String prefix, Duration timeToLive) {
        this.redis = redis;
        this.prefix = prefix;
        this.timeToLive = timeToLive;
    }

    @Override
    public String get(String key) {
        return redis.get().ask(client -> bucket(client, key).get());
    }

    @Override
    public void put(String key, String value) {
        redis.get().tell(client -> bucket(client, key).set(value, timeToLive));
    }

    @Override
    public boolean replace(String key, String before, String after) {
        return redis.get().ask(client -> new CompareAndSet(prefix + key, before, after, timeToLive).run(client));
    }

    @Override
    public String take(String key) {
        return redis.get().ask(client -> bucket(client, key).getAndDelete());
    }

    private RBucket<String> bucket(RedissonClient client, String key) {
        return client.getBucket(prefix + key, StringCodec.INSTANCE);
    }
}
