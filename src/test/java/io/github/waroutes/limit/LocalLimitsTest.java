package io.github.waroutes.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import io.github.waroutes.state.RedisConnection;
import org.junit.jupiter.api.Test;

class LocalLimitsTest extends LimitsContract {

    private LocalLimitState state;

    @Override
    LimitState state() {
        state = new LocalLimitState(time);
        return state;
    }

    @Test
    void aPairIsForgottenWhenItsBucketIsFullAgain() {
        limits.setMessagesPerSecond(1000);
        for (int i = 0; i < 500; i++) {
            limits.reserve(reply("user-" + i));
        }
        limits.reserve(reply("user-0"));
        assertThat(state.pairs()).isEqualTo(500);
        time.pass(Duration.ofMillis(6_600));
        assertThat(state.pairs()).isEqualTo(1);
        time.pass(Duration.ofSeconds(6));
        assertThat(state.pairs()).isZero();
    }

    @Test
    void itIsWhatThereIsWithoutRedis() {
        RedisConnection none = new RedisConnection();
        LimitState made = LimitStates.create(none);
        assertThat(made).isInstanceOf(LocalLimitState.class);
        assertThat(new Limits(made).reserve(reply("a")).reserved()).isTrue();
    }
}
