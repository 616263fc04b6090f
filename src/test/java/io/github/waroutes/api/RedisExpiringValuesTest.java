package io.github.waroutes.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;

import io.github.waroutes.TestGateway;
import io.github.waroutes.state.RedisConnection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.embedded.RedisServer;

/** Against a real Redis server. */
class RedisExpiringValuesTest extends ExpiringValuesTest {

    private static RedisServer server;
    private static RedisConnection redis;

    @BeforeAll
    static void startRedis() throws IOException {
        int port = TestGateway.freePort();
        server = RedisServer.newRedisServer().port(port).bind("127.0.0.1").setting("save \"\"").build();
        server.start();
        redis = connection(port);
    }

    private static RedisConnection connection(int port) {
        RedisConnection connection = new RedisConnection();
        connection.setUrl("redis://127.0.0.1:" + port);
        return connection;
    }

    @AfterAll
    static void stopRedis() throws IOException {
        redis.close();
        server.stop();
    }

    @BeforeEach
    void empty() {
        redis.client().getKeys().flushall();
    }

    @Override
    ExpiringValues values() {
        return ExpiringValuesFactory.create(redis, "whatsapp:idempotency:", 1, 24);
    }

    @Override
    ExpiringValues values(Duration timeToLive) {
        return new RedisExpiringValues(redis, "whatsapp:idempotency:", timeToLive);
    }

    @Test
    void aKeyHasItsPrefixAndADayToLive() {
        values().replace("k", null, "one");
        values().replace("k", "one", "two");
        assertThat(redis.client().<String>getBucket("whatsapp:idempotency:k").get()).isEqualTo("two");
        assertThat(redis.client().getBucket("whatsapp:idempotency:k").remainTimeToLive())
                .isBetween(Duration.ofHours(23).toMillis(), Duration.ofHours(24).toMillis());
    }

    @Test
    void twoProcessesShareWhatIsKept() {
        ExpiringValues one = values();
        one.replace("k", null, "one");
        assertThat(values().replace("k", null, "two")).isFalse();
        assertThat(values().get("k")).isEqualTo("one");
    }
}
