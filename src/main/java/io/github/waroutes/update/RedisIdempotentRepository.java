package io.github.waroutes.update;

import java.time.Duration;

import org.apache.camel.spi.IdempotentRepository;
import org.apache.camel.support.service.ServiceSupport;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/**
 * Remembers handled updates in Redis, each for its time to live. Camel's own repository for Redis, in camel-spring-redis,
 * keeps one set that never forgets.
 */
public class RedisIdempotentRepository extends ServiceSupport implements IdempotentRepository {

    private static final String PREFIX = "whatsapp:handled:";

    private final String url;
    private final Duration timeToLive;
    private RedissonClient redis;

    /**
     * @param url        as in {@code redis://host:6379} or, with TLS, {@code rediss://host:6379}
     * @param timeToLive at least the seven days for which Meta repeats a webhook
     */
    public RedisIdempotentRepository(String url, Duration timeToLive) {
        if (!url.trim().matches("rediss?://[^\\s]+")) {
            throw new IllegalArgumentException("whatsapp.redis.url is not an address. Give one such as redis://localhost:6379,"
                    + " or leave it empty to keep state in this process.");
        }
        this.url = url.trim();
        this.timeToLive = timeToLive;
    }

    @Override
    protected void doStart() {
        Config config = new Config();
        config.setCodec(StringCodec.INSTANCE);
        config.useSingleServer().setAddress(url).setConnectionMinimumIdleSize(1).setConnectionPoolSize(16);
        try {
            redis = Redisson.create(config);
        } catch (RuntimeException e) {
            throw new IllegalStateException("whatsapp.redis.url does not answer. Start Redis there, or leave the property"
                    + " empty to keep state in this process.", e);
        }
    }

    @Override
    protected void doStop() {
        if (redis != null) {
            redis.shutdown();
            redis = null;
        }
    }

    @Override
    public boolean add(String key) {
        return redis.getBucket(PREFIX + key).setIfAbsent("1", timeToLive);
    }

    @Override
    public boolean contains(String key) {
        return redis.getBucket(PREFIX + key).isExists();
    }

    @Override
    public boolean remove(String key) {
        return redis.getBucket(PREFIX + key).delete();
    }

    @Override
    public boolean confirm(String key) {
        return true;
    }

    @Override
    public void clear() {
        redis.getKeys().deleteByPattern(PREFIX + "*");
    }
}
