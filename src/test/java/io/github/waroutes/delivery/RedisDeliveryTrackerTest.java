package io.github.waroutes.delivery;

import io.github.waroutes.state.RedisStateStore;
import io.github.waroutes.state.StateStore;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import io.github.waroutes.TestClock;
import io.github.waroutes.TestRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Against a real Redis server. */
class RedisDeliveryTrackerTest extends DeliveryTrackerContract {

    @RegisterExtension
    static final TestRedis redis = new TestRedis();

    @Override
    StateStore emptyStore() {
        redis.empty();
        return sameStore(null);
    }

    @Override
    StateStore sameStore(StateStore store) {
        return new RedisStateStore(redis::connection, "whatsapp:delivery:", Duration.ofDays(1));
    }

    @Test
    void keysShowNeitherIdNorNumberAndExpire() {
        DeliveryTracker tracker = new DeliveryTracker(emptyStore(), new TestClock());
        tracker.accepted("one", Statuses.NUMBER, WAMID, TestClock.START);
        tracker.status(Statuses.status(WAMID + "x", "sent", TestClock.START), Statuses.NUMBER, null);
        assertThat(redis.client().getKeys().getKeysStream()).hasSize(3).allSatisfy(key -> {
            assertThat(key).matches("whatsapp:delivery:(message|wamid|early):[0-9a-f]{32}");
            assertThat(redis.client().getBucket(key).remainTimeToLive()).isBetween(1L, Duration.ofDays(1).toMillis());
            assertThat(redis.client().getBucket(key).get().toString()).doesNotContain(Statuses.PHONE).doesNotContain(Statuses.USER);
        });
    }
}
