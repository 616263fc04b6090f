package io.github.waroutes.state;

import java.util.ArrayList;
import java.util.List;

import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.Codec;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/**
 * The Redis client of the bundle, made when it is first asked for. Without an address there is none, and state is kept in
 * this process.
 */
public class RedisConnection implements AutoCloseable {

    private String url = "";
    private RedissonClient client;
    private final List<RedissonClient> others = new ArrayList<>();

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
            client = create(StringCodec.INSTANCE, 32);
        }
        return client;
    }

    /**
     * A further client, for a component of Camel's that keeps other things than strings; it is closed with this connection.
     *
     * @param codec how keys and values are written; one that reads Java objects must name the classes that it reads
     * @throws IllegalStateException if no Redis is configured, or it does not answer
     */
    public synchronized RedissonClient newClient(Codec codec) {
        RedissonClient other = create(codec, 8);
        others.add(other);
        return other;
    }

    private RedissonClient create(Codec codec, int connections) {
        if (url.isEmpty()) {
            throw new IllegalStateException("whatsapp.redis.url is not set");
        }
        Config config = new Config();
        config.setCodec(codec);
        config.useSingleServer().setAddress(url).setConnectionMinimumIdleSize(1).setConnectionPoolSize(connections);
        try {
            return Redisson.create(config);
        } catch (RuntimeException e) {
            throw new IllegalStateException("whatsapp.redis.url does not answer. Start Redis there, or leave the property"
                    + " empty to keep state in this process.", e);
        }
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.shutdown();
            client = null;
        }
        others.forEach(RedissonClient::shutdown);
        others.clear();
    }
}
