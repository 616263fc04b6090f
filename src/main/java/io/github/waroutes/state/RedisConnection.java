package io.github.waroutes.state;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

import org.redisson.api.RedissonClient;
import org.redisson.client.codec.Codec;
import org.redisson.client.codec.StringCodec;

/**
 * The Redis client of the bundle, made when it is first asked for. Without an address there is none, and state is kept in
 * this process.
 *
 * <p>Whoever needs Redis asks for the client each time, and is refused at once while Redis is known to be away: a thread that waits
 * for Redis is one that webhooks lack. A call that finds out itself fails after {@linkplain #setTimeout the time-out}, and is not repeated.
 */
public class RedisConnection implements AutoCloseable {

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
        requireLibraries(this.url);
    }

    /**
     * @param url of Redis; empty: none
     * @throws IllegalStateException if there is one, and what talks to it is not on the class path
     */
    public static void requireLibraries(String url) {
        if (url != null && !url.isBlank()) {
            String setting = "whatsapp.redis.url is set";
            Libraries.require("org.apache.camel.component.redis.processor.aggregate.RedisAggregationRepository", setting,
                    "org.apache.camel:camel-redis");
            Libraries.require("io.github.bucket4j.redis.redisson.Bucket4jRedisson", setting, "com.bucket4j:bucket4j_jdk17-redisson");
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
     * Asks Redis, which all of the bundle does here. Keys and values of the client that the question gets are strings, so Redis never
     * holds a Java object of ours.
     *
     * @throws StateUnavailableException if Redis was there and is away now, or fails
     * @throws IllegalStateException     if none is configured, or Redis has not answered yet
     */
    public <T> T ask(Function<RedissonClient, T> question) {
        return RedisClients.ask(client(), question);
    }

    /** As {@link #ask}, for who needs no answer. */
    public void tell(Consumer<RedissonClient> task) {
        ask(redis -> {
            task.accept(redis);
            return null;
        });
    }

    /** Connects, so that a Redis that is not there stops the start. */
    public void requireConnection() {
        client();
    }

    // not public: Camel looks at the public methods of a bean, and a host without Redis need not have Redisson
    RedissonClient client() {
        RedissonClient known = client;
        if (known == null) {
            return connect();
        }
        requireAnswers();
        return known;
    }

    private synchronized RedissonClient connect() {
        if (client == null) {
            RedissonClient made = RedisClients.create(url, timeout, StringCodec.INSTANCE, 32);
            watch = new RedisWatch(made, timeout);
            client = made;
        }
        return client;
    }

    private void requireAnswers() {
        RedisWatch current = watch;
        if (current != null && current.isAway()) {
            throw new StateUnavailableException("Redis does not answer (whatsapp.redis.url); it is asked again as soon as it does");
        }
    }

    /** For how long Redis has been away; zero: it answers, or nobody has needed it. */
    public Duration awayFor() {
        RedisWatch current = watch;
        return current == null ? Duration.ZERO : current.awayFor();
    }

    synchronized RedissonClient newClient(Codec codec) {
        RedissonClient other = RedisClients.create(url, timeout, codec, 8);
        others.add(other);
        return other;
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
