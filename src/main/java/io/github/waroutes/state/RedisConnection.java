package io.github.waroutes.state;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;

import io.github.waroutes.setting.Libraries;
import org.redisson.api.RedissonClient;

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
    private volatile RedisClients clients;

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
        return clients().ask(question);
    }

    /** As {@link #ask}, for who needs no answer. */
    public void tell(Consumer<RedissonClient> task) {
        clients().tell(task);
    }

    /** Connects, so that a Redis that is not there stops the start. */
    public void requireConnection() {
        clients();
    }

    RedisClients clients() {
        RedisClients known = clients;
        return known == null ? connect() : known;
    }

    private synchronized RedisClients connect() {
        if (clients == null) {
            if (url.isEmpty()) {
                throw new IllegalStateException("whatsapp.redis.url is not set");
            }
            clients = new RedisClients(url, timeout);
        }
        return clients;
    }

    /** For how long Redis has been away; zero: it answers, or nobody has needed it. */
    public Duration awayFor() {
        RedisClients known = clients;
        return known == null ? Duration.ZERO : known.awayFor();
    }

    @Override
    public synchronized void close() {
        if (clients != null) {
            clients.close();
            clients = null;
        }
    }
}
