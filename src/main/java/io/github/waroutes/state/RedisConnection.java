package io.github.waroutes.state;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.Codec;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;
import org.redisson.config.ConstantDelay;

/**
 * The Redis client of the bundle, made when it is first asked for. Without an address there is none, and state is kept in
 * this process.
 *
 * <p>Whoever needs Redis asks for the client each time, and is refused at once while Redis is known to be away: a thread that waits
 * for Redis is one that webhooks lack. A call that finds out itself fails after {@linkplain #setTimeout the time-out}, and is not repeated.
 */
public class RedisConnection implements AutoCloseable {

    private static final int CONNECT_MILLIS = 10_000;
    private static final Duration RECONNECT_EVERY = Duration.ofMillis(250);

    private String url = "";
    private int timeout = 1000;
    private volatile RedissonClient client;
    private volatile RedisWatch watch;
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

    /** @param milliseconds how long a call waits for Redis, and for a connection to it: 1000 */
    public void setTimeout(int milliseconds) {
        if (milliseconds < 1) {
            throw new IllegalArgumentException("whatsapp.redis.timeout must be at least 1 millisecond, and is " + milliseconds);
        }
        timeout = milliseconds;
    }

    /** Whether state is shared in Redis. */
    public boolean isConfigured() {
        return !url.isEmpty();
    }

    /**
     * The client; strings are its keys and values, so Redis never holds a Java object of ours.
     *
     * @throws RedisAwayException    if Redis was there and is away now
     * @throws IllegalStateException if none is configured, or Redis has not answered yet
     */
    public RedissonClient client() {
        RedissonClient known = client;
        if (known == null) {
            return connect();
        }
        requireAnswers();
        return known;
    }

    private synchronized RedissonClient connect() {
        if (client == null) {
            RedissonClient made = create(StringCodec.INSTANCE, 32);
            watch = new RedisWatch(made, timeout);
            client = made;
        }
        return client;
    }

    /**
     * For whoever holds something that was made from a client.
     *
     * @throws RedisAwayException if Redis is known to be away
     */
    public void requireAnswers() {
        RedisWatch current = watch;
        if (current != null && current.isAway()) {
            throw new RedisAwayException();
        }
    }

    /** For how long Redis has been away; zero: it answers, or nobody has needed it. */
    public Duration awayFor() {
        RedisWatch current = watch;
        return current == null ? Duration.ZERO : current.awayFor();
    }

    /**
     * A further client, for a component of Camel's that keeps other things than strings; it is closed with this connection. Ask
     * {@link #requireAnswers()} before each use.
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
        config.useSingleServer().setAddress(url).setConnectionMinimumIdleSize(1).setConnectionPoolSize(connections)
                .setTimeout(timeout).setSubscriptionTimeout(timeout)
                // at the start; a call waits no longer for a connection than the retry delay
                .setConnectTimeout(CONNECT_MILLIS)
                // whoever is refused comes again later; Redisson's own tries would hold the thread for seconds
                .setRetryAttempts(0).setRetryDelay(new ConstantDelay(Duration.ofMillis(timeout)))
                .setReconnectionDelay(new ConstantDelay(RECONNECT_EVERY));
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
            watch.close();
            watch = null;
            client.shutdown();
            client = null;
        }
        others.forEach(RedissonClient::shutdown);
        others.clear();
    }
}
