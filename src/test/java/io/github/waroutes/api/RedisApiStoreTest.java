package io.github.waroutes.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import io.github.waroutes.TestRedis;
import io.github.waroutes.state.RedisStateStore;
import io.github.waroutes.state.StateStore;
import io.github.waroutes.state.StateStores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Against a real Redis server. */
class RedisApiStoreTest extends ApiStoreContract {

    @RegisterExtension
    static final TestRedis redis = new TestRedis();

    @BeforeEach
    void empty() {
        redis.empty();
    }

    @Override
    StateStore values() {
        return StateStores.create(redis.connection(), "whatsapp:idempotency:", 1, 24);
    }

    @Override
    StateStore values(Duration timeToLive) {
        return new RedisStateStore(redis::connection, "whatsapp:idempotency:", timeToLive);
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
        StateStore one = values();
        one.replace("k", null, "one");
        assertThat(values().replace("k", null, "two")).isFalse();
        assertThat(values().get("k")).isEqualTo("one");
    }
}
