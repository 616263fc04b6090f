package io.github.waroutes.send;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.waroutes.state.CompareAndSet;
import io.github.waroutes.state.RedisConnection;
import org.redisson.client.codec.StringCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A journal in Redis, shared by all nodes and as durable as that Redis. Each call is one round trip; entries expire. */
final class RedisOutcomeJournal implements OutcomeJournal {

    private static final Logger LOG = LoggerFactory.getLogger(RedisOutcomeJournal.class);
    private static final String PREFIX = "whatsapp:outcome:";
    private final Supplier<RedisConnection> redis;
    private final Duration timeToLive;

    RedisOutcomeJournal(Supplier<RedisConnection> redis, Duration timeToLive) {
        this.redis = redis;
        this.timeToLive = timeToLive;
    }

    @Override
    public Optional<Outcome> find(String key) {
        String found = redis.get().ask(client -> client.<String>getBucket(PREFIX + key, StringCodec.INSTANCE).get());
        return Optional.ofNullable(found).map(Outcome::fromJson);
    }

    @Override
    public boolean replace(String key, Outcome before, Outcome after) {
        return redis.get().ask(change(key, before, after)::runOnce);
    }

    @Override
    public void note(String key, Outcome before, Outcome after) {
        redis.get().ask(change(key, before, after)::begin).exceptionally(failure -> {
            LOG.warn("The outcome of a send could not be written to Redis: {}. After a crash its status must tell.", failure.getClass().getName());
            return null;
        });
    }

    @Override
    public void forget(String key, Outcome before) {
        note(key, before, null);
    }

    private CompareAndSet change(String key, Outcome before, Outcome after) {
        return new CompareAndSet(PREFIX + key, json(before), json(after), timeToLive);
    }

    private static String json(Outcome outcome) {
        return outcome == null ? null : outcome.toJson();
    }

    @Override
    public void close() {
        // the connection is shared
    }
}
