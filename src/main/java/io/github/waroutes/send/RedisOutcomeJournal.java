package io.github.waroutes.send;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import org.redisson.api.RScript;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** In Redis, for all nodes; an entry expires by itself. As durable as that Redis is. Each call is one round trip. */
final class RedisOutcomeJournal implements OutcomeJournal {

    private static final Logger LOG = LoggerFactory.getLogger(RedisOutcomeJournal.class);
    private static final String PREFIX = "whatsapp:outcome:";
    /** What is there already counts as written: the client sends a script again whose answer was lost. */
    private static final String REPLACE = """
            local now = redis.call('GET', KEYS[1]) or ''
            if now == ARGV[2] then
              return 1
            end
            if now ~= ARGV[1] then
              return 0
            end
            if ARGV[2] == '' then
              redis.call('DEL', KEYS[1])
            else
              redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
            end
            return 1""";

    private final Supplier<RedissonClient> redis;
    private final Duration timeToLive;

    RedisOutcomeJournal(Supplier<RedissonClient> redis, Duration timeToLive) {
        this.redis = redis;
        this.timeToLive = timeToLive;
    }

    @Override
    public Optional<Outcome> find(String key) {
        return Optional.ofNullable(redis.get().<String>getBucket(PREFIX + key, StringCodec.INSTANCE).get()).map(Outcome::fromJson);
    }

    @Override
    public boolean replace(String key, Outcome before, Outcome after) {
        return script().eval(RScript.Mode.READ_WRITE, REPLACE, RScript.ReturnType.BOOLEAN, List.of(PREFIX + key), values(before, after));
    }

    @Override
    public void note(String key, Outcome before, Outcome after) {
        script().evalAsync(RScript.Mode.READ_WRITE, REPLACE, RScript.ReturnType.BOOLEAN, List.of(PREFIX + key), values(before, after))
                .exceptionally(failure -> {
                    LOG.warn("Redis did not take what became of a send: {}. After a crash its status must tell.", failure.getClass().getName());
                    return null;
                });
    }

    @Override
    public void forget(String key, Outcome before) {
        note(key, before, null);
    }

    private RScript script() {
        return redis.get().getScript(StringCodec.INSTANCE);
    }

    private Object[] values(Outcome before, Outcome after) {
        return new Object[] {json(before), json(after), String.valueOf(timeToLive.toMillis())};
    }

    private static String json(Outcome outcome) {
        return outcome == null ? "" : outcome.toJson();
    }

    @Override
    public void close() {
        // the connection is not ours
    }
}
