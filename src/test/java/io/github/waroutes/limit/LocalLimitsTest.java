package io.github.waroutes.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.waroutes.error.WhatsAppRateLimitException;
import io.github.waroutes.state.RedisConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalLimitsTest extends LimitsContract {

    private LocalLimitState state;

    @Override
    LimitState state() {
        state = new LocalLimitState(time);
        return state;
    }

    @Test
    void aPairIsForgottenWhenItsBucketIsFullAgain() {
        limits.settings().setMessagesPerSecond(1000);
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
    void itIsWhatThereIsWithoutRedis(@TempDir Path directory) {
        RedisConnection none = new RedisConnection();
        LimitState made = LimitStates.create(none, directory.toString());
        assertThat(made).isInstanceOf(LocalLimitState.class);
        assertThat(new Limits(made).reserve(reply("a")).reserved()).isTrue();
    }

    @Test
    void aRestartForgetsNeitherWhatMetaToldNorWhomAnAccountWroteTo(@TempDir Path directory) {
        Limits before = new Limits(new LocalLimitState(time, new LimitFiles(directory)));
        before.learnAccount("number", "account");
        before.onChange(Map.of("entry", List.of(Map.of("id", "account", "changes", List.of(Map.of(
                "field", "business_capability_update", "value", Map.of("max_daily_conversations_per_business", 2)))))));
        before.reserve(new SendRequest("number", "a", "account", true, false, false));
        time.pass(Duration.ofHours(1));
        before.reserve(new SendRequest("number", "b", "account", true, false, false));

        Limits after = new Limits(new LocalLimitState(time, new LimitFiles(directory)));
        assertThat(after.accountOf("number")).isEqualTo("account");
        assertThat(after.remaining("account", "account")).isZero();
        assertThatThrownBy(() -> after.reserve(new SendRequest("number", "c", "account", true, false, false)))
                .isInstanceOfSatisfying(WhatsAppRateLimitException.class,
                        e -> assertThat(e.getMinimumWait()).isEqualTo(Duration.ofHours(23)));
        time.pass(Duration.ofHours(23));
        Limits later = new Limits(new LocalLimitState(time, new LimitFiles(directory)));
        assertThat(later.remaining("account", "account")).as("of those counted, one is a day old").isEqualTo(1);
    }

    @Test
    void aLineThatACrashCutIsPassedOver(@TempDir Path directory) throws Exception {
        LimitState before = new LocalLimitState(time, new LimitFiles(directory));
        before.takeUser("account", 1, 250);
        Files.writeString(directory.resolve("users.log"), "account 2", StandardOpenOption.APPEND);
        LimitState after = new LocalLimitState(time, new LimitFiles(directory));
        assertThat(after.users("account")).isEqualTo(1);
        after.takeUser("account", 3, 250);
        assertThat(new LocalLimitState(time, new LimitFiles(directory)).users("account")).isEqualTo(2);
    }
}
