package io.github.waroutes.simulator.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.waroutes.TestClock;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class LimitsTest {

    private final TestClock clock = new TestClock();
    private final Limits limits = new Limits(clock);

    @Test
    void noSecondHoldsMoreThanTheNumberMaySend() {
        for (int user = 0; user < 80; user++) {
            assertThat(limits.refuse("u" + user, false, 80, 1)).isEmpty();
        }
        assertThat(limits.refuse("late", false, 80, 1)).isEqualTo(OptionalInt.of(130429));
        clock.move(Duration.ofMillis(999));
        assertThat(limits.refuse("late", false, 80, 1)).isEqualTo(OptionalInt.of(130429));
        clock.move(Duration.ofMillis(1));
        assertThat(limits.refuse("late", false, 80, 1)).isEmpty();
    }

    @Test
    void aPairGetsOneMoreEverySixSeconds() {
        for (int message = 0; message < 45; message++) {
            assertThat(limits.refuse("u", false, 1000, 1)).isEmpty();
        }
        clock.move(Duration.ofMillis(5_999));
        assertThat(limits.refuse("u", false, 1000, 1)).isEqualTo(OptionalInt.of(131056));
        assertThat(limits.refuse("other", false, 1000, 1)).isEmpty();
        clock.move(Duration.ofMillis(1));
        assertThat(limits.refuse("u", false, 1000, 1)).isEmpty();
        assertThat(limits.refuse("u", false, 1000, 1)).isEqualTo(OptionalInt.of(131056));
    }

    @Test
    void theTierForgetsAUserAfterADay() {
        assertThat(limits.refuse("a", true, 80, 1)).isEmpty();
        assertThat(limits.refuse("a", true, 80, 1)).isEmpty();
        assertThat(limits.refuse("b", true, 80, 1)).isEqualTo(OptionalInt.of(131048));
        clock.move(Duration.ofHours(24));
        assertThat(limits.refuse("b", true, 80, 1)).isEmpty();
    }
}
