package io.github.waroutes.state;

import java.time.Duration;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;

/** In this process: a restart forgets it, and beyond its size what was used least goes first. */
public final class LocalStateStore implements StateStore {

    private final Cache<String, String> values;

    public LocalStateStore(long size, Duration timeToLive) {
        this(size, timeToLive, Ticker.systemTicker());
    }

    public LocalStateStore(long size, Duration timeToLive, Ticker ticker) {
        values = Caffeine.newBuilder().maximumSize(size).expireAfterWrite(timeToLive).ticker(ticker).executor(Runnable::run).build();
    }

    @Override
    public String get(String key) {
        return values.getIfPresent(key);
    }

    @Override
    public void put(String key, String value) {
        values.put(key, value);
    }

    @Override
    public boolean replace(String key, String before, String after) {
        if (before == null) {
            return after == null ? values.getIfPresent(key) == null : values.asMap().putIfAbsent(key, after) == null;
        }
        return after == null ? values.asMap().remove(key, before) : values.asMap().replace(key, before, after);
    }

    @Override
    public String take(String key) {
        return values.asMap().remove(key);
    }
}
