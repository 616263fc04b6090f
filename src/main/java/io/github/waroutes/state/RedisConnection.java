package io.github.waroutes.state;

import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/**
 * The one Redis client of the bundle, made when it is first asked for. Without an address there is none, and state is kept in
 * this process.
 */
public class RedisConnection implements AutoCloseable {

    private String url = "";
    private RedissonClient client;

    /**
     * @param url {@code redis://host:6379} or, with TLS, {@code rediss://host:6379}; a user and a password may stand before the
     *            host; empty for none
     * @throws IllegalArgumentException if it is no such address
     */
    public void setUrl(String url) {
        this.url = url == null ? "" : url.trim();
        if (!this.url.isEmpty() && !this.url.matches("rediss?://[^\\s]+")) {
            throw new IllegalArgumentException("whatsapp.redis.url is not an address. Give one such as redis://localhost:6379,"
                    + " or leave it empty to keep state in this process.");
        }
    }

    /** Whether state is shared in Redis. */
    public boolean isConfigured() {
        return !url.isEmpty();
    }

    /**
     * The client; strings are its keys and values, so Redis never holds a Java object of ours.
     *
     * @throws IllegalStateException if none is configured, or Redis does not answer
     */
    public synchronized RedissonClient client() {
        if (client == null) {
            if (url.isEmpty()) {
                throw new IllegalStateException("whatsapp.redis.url is not set");
            }
            Config config = new Config();
            config.setCodec(StringCodec.INSTANCE);
            config.useSingleServer().setAddress(url).setConnectionMinimumIdleSize(1).setConnectionPoolSize(32);
            try {
                client = Redisson.create(config);
            } catch (RuntimeException e) {
                throw new IllegalStateException("whatsapp.redis.url does not answer. Start Redis there, or leave the property"
                        + " empty to keep state in this process.", e);
            }
        }
        return client;
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.shutdown();
            client = null;
        }
    }
}
