package io.github.waroutes.state;

import java.time.Duration;
import java.util.List;

import org.redisson.api.RFuture;
import org.redisson.api.RScript;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;

/**
 * Replaces a value in Redis if it is the one expected, in one round trip.
 *
 * @param key    in Redis
 * @param before the value expected; null: there is none
 * @param after  the new one; null: none
 */
public record CompareAndSet(String key, String before, String after, Duration timeToLive) {

    /** No value of ours is empty, so an empty text stands for none. */
    private static final String SCRIPT = """
            if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
              return 0
            end
            if ARGV[2] == '' then
              redis.call('DEL', KEYS[1])
            else
              redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
            end
            return 1""";
    /** The client sends a script again whose answer was lost. */
    private static final String REPEATABLE = """
            if (redis.call('GET', KEYS[1]) or '') == ARGV[2] then
              return 1
            end
            """ + SCRIPT;

    /** Whether the value was the one expected. */
    public boolean run(RedissonClient client) {
        return script(client).eval(RScript.Mode.READ_WRITE, SCRIPT, RScript.ReturnType.BOOLEAN, List.of(key), values());
    }

    /** As {@link #run}, but what is there already counts as written. */
    public boolean runOnce(RedissonClient client) {
        return script(client).eval(RScript.Mode.READ_WRITE, REPEATABLE, RScript.ReturnType.BOOLEAN, List.of(key), values());
    }

    /** As {@link #runOnce}, without waiting. */
    public RFuture<Boolean> begin(RedissonClient client) {
        return script(client).evalAsync(RScript.Mode.READ_WRITE, REPEATABLE, RScript.ReturnType.BOOLEAN, List.of(key), values());
    }

    private static RScript script(RedissonClient client) {
        return client.getScript(StringCodec.INSTANCE);
    }

    private Object[] values() {
        return new Object[] {before == null ? "" : before, after == null ? "" : after, String.valueOf(timeToLive.toMillis())};
    }
}
