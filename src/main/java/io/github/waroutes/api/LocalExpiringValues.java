package io.github.waroutes.api;

import java.time.Duration;
import java.util.concurrent.ConcurrentMap;

import com.github.benmanes.caffeine.cache.Caffeine;

/** Values in this process, bounded in number; the ones used least give way first. */
final class LocalExpiringValues implements ExpiringValues {

    private final ConcurrentMap<String, String> values;

    LocalExpiringValues(long size, Duration timeToLive) {
        values = Caffeine.newBuilder().maximumSize(size).expireAfterWrite(timeToLive).<String, String>build().asMap();
    }

    @Override
    public String get(String key) {
        return values.get(key);
    }

    @Override
    public boolean replace(String key, String expected, String next) {
        if (expected == null) {
            return next == null ? !values.containsKey(key) : values.putIfAbsent(key, next) == null;
        }
        return next == null ? values.remove(key, expected) : values.replace(key, expected, next);
    }
}
