package io.github.waroutes.api;

import java.time.Duration;
import java.util.List;

import io.github.waroutes.state.RedisConnection;
import org.redisson.api.RScript;
import org.redisson.client.codec.StringCodec;

/** Values in Redis. */
final class RedisExpiringValues implements ExpiringValues {

    /** No value of ours is empty, so an empty text stands for none. */
    private static final String REPLACE = """
            local current = redis.call('get', KEYS[1])
            if (current or '') ~= ARGV[1] then
              return 0
            end
            if ARGV[2] == '' then
              redis.call('del', KEYS[1])
            else
              redis.call('set', KEYS[1], ARGV[2], 'px', ARGV[3])
            end
            return 1
            """;

    private final RedisConnection redis;
    private final String prefix;
    private final Duration timeToLive;

    RedisExpiringValues(RedisConnection redis, String prefix, Duration timeToLive) {
        this.redis = redis;
        this.prefix = prefix;
        this.timeToLive = timeToLive;
    }

    @Override
    public String get(String key) {
        return redis.client().<String>getBucket(prefix + key, StringCodec.INSTANCE).get();
    }

    @Override
    public boolean replace(String key, String expected, String next) {
        Long done = redis.client().getScript(StringCodec.INSTANCE).eval(RScript.Mode.READ_WRITE, REPLACE, RScript.ReturnType.INTEGER,
                List.of(prefix + key), expected == null ? "" : expected, next == null ? "" : next,
                Long.toString(timeToLive.toMillis()));
        return done == 1;
    }
}
