package io.github.waroutes.send;

import io.github.waroutes.state.RedisStateStore;
import io.github.waroutes.state.StateStore;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import org.redisson.api.RedissonClient;
import org.redisson.api.options.KeysScanOptions;

/** In Redis, for all nodes; an entry expires by itself. As durable as that Redis is. */
final class RedisOutcomeJournal implements OutcomeJournal {

    private static final String PREFIX = "whatsapp:outcome:";

    private final Supplier<RedissonClient> redis;
    private final StateStore store;

    RedisOutcomeJournal(Supplier<RedissonClient> redis, Duration timeToLive) {
        this.redis = redis;
        store = new RedisStateStore(redis, PREFIX, timeToLive);
    }

    @Override
    public void append(String key, Outcome outcome) {
        store.put(key, outcome.toJson());
    }

    @Override
    public Optional<Outcome> find(String key) {
        return Optional.ofNullable(store.get(key)).map(Outcome::fromJson);
    }

    @Override
    public void remove(String key) {
        store.take(key);
    }

    @Override
    public Map<String, Outcome> load() {
        Map<String, Outcome> all = new HashMap<>();
        for (String name : redis.get().getKeys().getKeys(KeysScanOptions.defaults().pattern(PREFIX + '*'))) {
            String key = name.substring(PREFIX.length());
            find(key).ifPresent(outcome -> all.put(key, outcome));
        }
        return all;
    }
}
