package io.github.waroutes.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;

import io.github.waroutes.TestRedis;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Against a real Redis server. */
class RedisKeptValuesTest extends KeptValuesContract {

    @RegisterExtension
    static final TestRedis redis = new TestRedis();

    @BeforeEach
    void empty() {
        redis.empty();
    }

    @Override
    KeptValues opened() {
        return KeptValues.create(redis.connection(), "made-up", "unused");
    }

    @Test
    void anotherNodeNoticesWithinASecondOrTwo() {
        KeptValues one = opened();
        KeptValues other = opened();
        assertThat(other.isEmpty()).isTrue();
        one.put("a", "1");
        await().atMost(Duration.ofSeconds(5)).until(() -> !other.isEmpty());
        assertThat(other.get("a")).isEqualTo("1");
        assertThat(redis.client().getKeys().getKeys()).containsExactly("whatsapp:made-up");
    }
}
