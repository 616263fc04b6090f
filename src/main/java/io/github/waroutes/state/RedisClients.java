package io.github.waroutes.state;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.client.RedisException;
import org.redisson.client.codec.Codec;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;
import org.redisson.config.ConstantDelay;

/**
 * The clients of a {@link RedisConnection}, connected. Redisson's classes are here and not there, as Camel looks at all methods of a bean,
 * and a host without Redis need not have Redisson.
 */
public final class RedisClients implements AutoCloseable {

    private static final int CONNECT_MILLIS = 10_000;
    private static final Duration RECONNECT_EVERY = Duration.ofMillis(250);

    private final String url;
    private final int timeout;
    private final RedissonClient client;
    private final RedisWatch watch;
    private final List<RedissonClient> others = new ArrayList<>();

    /** @throws IllegalStateException if Redis does not answer */
    RedisClients(String url, int timeout) {
        this.url = url;
        this.timeout = timeout;
        client = create(StringCodec.INSTANCE, 32);
        watch = new RedisWatch(client, timeout);
    }

    /**
     * A further client, for a component of Camel's that keeps other things than strings; it is closed with the connection. It is used
     * inside {@link RedisConnection#ask}.
     *
     * @param codec how keys and values are written; one that reads Java objects must name the classes that it reads
     * @throws IllegalStateException if no Redis is configured, or it does not answer
     */
    public static RedissonClient further(RedisConnection connection, Codec codec) {
        return connection.clients().further(codec);
    }

    private synchronized RedissonClient further(Codec codec) {
        RedissonClient other = create(codec, 8);
        others.add(other);
        return other;
    }

    <T> T ask(Function<RedissonClient, T> question) {
        if (watch.isAway()) {
            throw new StateUnavailableException("Redis does not answer (whatsapp.redis.url); it is asked again as soon as it does");
        }
        try {
            return question.apply(client);
        } catch (RedisException e) {
            throw new StateUnavailableException("Redis failed (whatsapp.redis.url): " + e.getClass().getSimpleName(), e);
        }
    }

    void tell(Consumer<RedissonClient> task) {
        ask(redis -> {
            task.accept(redis);
            return null;
        });
    }

    Duration awayFor() {
        return watch.awayFor();
    }

    private RedissonClient create(Codec codec, int connections) {
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
        watch.close();
        client.shutdown();
        others.forEach(RedissonClient::shutdown);
        others.clear();
    }
}
