package io.github.waroutes.send;

import io.github.waroutes.state.RedisStateStore;
import io.github.waroutes.state.StateStore;
import io.github.waroutes.delivery.Statuses;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import io.github.waroutes.TestClock;
import io.github.waroutes.TestRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Against a real Redis server. */
class RedisServiceWindowTest extends ServiceWindowContract {

    @RegisterExtension
    static final TestRedis redis = new TestRedis();

    @Override
    StateStore emptyStore() {
        redis.empty();
        return new RedisStateStore(redis::connection, "whatsapp:window:", Duration.ofHours(720));
    }

    @Test
    void whatIsKeptShowsNobodyAndExpires() {
        new ServiceWindow(emptyStore(), new TestClock()).userWrote("1", Statuses.USER, Statuses.PHONE, TestClock.START);
        assertThat(redis.client().getKeys().getKeysStream()).hasSize(4).allSatisfy(key -> {
            assertThat(key).matches("whatsapp:window:(last|same):[0-9a-f]{32}");
            assertThat(redis.client().getBucket(key).get().toString()).doesNotContain(Statuses.PHONE).doesNotContain(Statuses.USER);
            assertThat(redis.client().getBucket(key).remainTimeToLive()).isPositive();
        });
    }
}
