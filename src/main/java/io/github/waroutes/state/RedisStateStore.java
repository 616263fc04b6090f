package io.github.waroutes.state;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import org.redisson.api.RBucket;
import org.redisson.api.RScript;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;

/** In Redis, for all nodes: plain strings that expire. */
public final class RedisStateStore implements StateStore {

    /** No value of ours is empty, so an empty text stands for none. */
    private static final String REPLACE = """
            if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
              return 0
            end
            if ARGV[2] == '' then
              redis.call('DEL', KEYS[1])
            else
              redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
            end
            return 1""";

    private final Supplier<RedissonClient> redis;
    private final String prefix;
    private final Duration timeToLive;

    /** @param prefix before every key, with its colon */
    public RedisStateStore(Supplier<RedissonClient> redis, String prefix, Duration timeToLive) {
        this.redis = redis;
        this.prefix = prefix;
        this.timeToLive = timeToLive;
    }

    @Override
    public String get(String key) {
        return bucket(key).get();
    }

    @Override
    public void put(String key, String value) {
        bucket(key).set(value, timeToLive);
    }

    @Override
    public boolean replace(String key, String before, String after) {
        return redis.get().getScript(StringCodec.INSTANCE).eval(RScript.Mode.READ_WRITE, REPLACE, RScript.ReturnType.BOOLEAN,
                List.of(prefix + key), before == null ? "" : before, after == null ? "" : after,
                String.valueOf(timeToLive.toMillis()));
    }

    @Override
    public String take(String key) {
        return bucket(key).getAndDelete();
    }

    private RBucket<String> bucket(String key) {
        return redis.get().getBucket(prefix + key, StringCodec.INSTANCE);
    }
}
