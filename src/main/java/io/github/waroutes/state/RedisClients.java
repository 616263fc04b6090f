package io.github.waroutes.state;

import java.time.Duration;
import java.util.function.Function;

import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.client.RedisException;
import org.redisson.client.codec.Codec;
import org.redisson.config.Config;
import org.redisson.config.ConstantDelay;

/** What {@link RedisConnection} does with Redisson's classes; loaded only where a Redis is configured, so that others need not have them. */
public final class RedisClients {

    private static final int CONNECT_MILLIS = 10_000;
    private static final Duration RECONNECT_EVERY = Duration.ofMillis(250);

    private RedisClients() {
    }

    /**
     * A further client, for a component of Camel's that keeps other things than strings; it is closed with the connection. It is used
     * inside {@link RedisConnection#ask}.
     *
     * @param codec how keys and values are written; one that reads Java objects must name the classes that it reads
     * @throws IllegalStateException if no Redis is configured, or it does not answer
     */
    public static RedissonClient further(RedisConnection connection, Codec codec) {
        return connection.newClient(codec);
    }

    static <T> T ask(RedissonClient client, Function<RedissonClient, T> question) {
        try {
            return question.apply(client);
        } catch (RedisException e) {
            throw new StateUnavailableException("Redis failed (whatsapp.redis.url): " + e.getClass().getSimpleName(), e);
        }
    }

    static RedissonClient create(String url, int timeout, Codec codec, int connections) {
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
}
