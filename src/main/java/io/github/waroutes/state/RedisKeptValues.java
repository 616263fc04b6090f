package io.github.waroutes.state;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.redisson.api.RMap;
import org.redisson.client.codec.StringCodec;

/** In a hash of Redis, for all nodes. */
public final class RedisKeptValues implements KeptValues {

    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RedisConnection redis;
    private final String name;
    private volatile boolean empty;
    private volatile long lookedAt = System.nanoTime() - LOOK_NANOS;

    /** @param name of the hash */
    public RedisKeptValues(RedisConnection redis, String name) {
        this.redis = redis;
        this.name = name;
    }

    @Override
    public String get(String key) {
        return ask(map -> map.get(key));
    }

    @Override
    public void put(String key, String value) {
        ask(map -> map.fastPut(key, value));
        empty = false;
        lookedAt = System.nanoTime();
    }

    @Override
    public String remove(String key) {
        return ask(map -> map.remove(key));
    }

    @Override
    public boolean isEmpty() {
        if (System.nanoTime() - lookedAt >= LOOK_NANOS) {
            empty = size() == 0;
            lookedAt = System.nanoTime();
        }
        return empty;
    }

    @Override
    public int size() {
        return ask(RMap::size);
    }

    @Override
    public List<String> values() {
        return ask(map -> map.readAllEntrySet().stream().sorted(Map.Entry.comparingByKey()).map(Map.Entry::getValue).toList());
    }

    private <T> T ask(Function<RMap<String, String>, T> question) {
        return redis.ask(client -> question.apply(client.getMap(name, StringCodec.INSTANCE)));
    }
}
