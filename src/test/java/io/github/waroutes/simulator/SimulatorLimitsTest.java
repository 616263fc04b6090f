package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SimulatorLimitsTest {

    private Instant now = Instant.parse("2026-11-23T10:00:00Z");
    private final SimulatorLimits limits = new SimulatorLimits(new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    });

    @Test
    void noSecondHoldsMoreThanTheNumberMaySend() {
        for (int user = 0; user < 80; user++) {
            assertThat(limits.refuse("u" + user, false, 80, 1)).isEmpty();
        }
        assertThat(limits.refuse("late", false, 80, 1)).isEqualTo(OptionalInt.of(130429));
        now = now.plusMillis(999);
        assertThat(limits.refuse("late", false, 80, 1)).isEqualTo(OptionalInt.of(130429));
        now = now.plusMillis(1);
        assertThat(limits.refuse("late", false, 80, 1)).isEmpty();
    }

    @Test
    void aPairGetsOneMoreEverySixSeconds() {
        for (int message = 0; message < 45; message++) {
            assertThat(limits.refuse("u", false, 1000, 1)).isEmpty();
        }
        now = now.plusMillis(5_999);
        assertThat(limits.refuse("u", false, 1000, 1)).isEqualTo(OptionalInt.of(131056));
        assertThat(limits.refuse("other", false, 1000, 1)).isEmpty();
        now = now.plusMillis(1);
        assertThat(limits.refuse("u", false, 1000, 1)).isEmpty();
        assertThat(limits.refuse("u", false, 1000, 1)).isEqualTo(OptionalInt.of(131056));
    }

    @Test
    void theTierForgetsAUserAfterADay() {
        assertThat(limits.refuse("a", true, 80, 1)).isEmpty();
        assertThat(limits.refuse("a", true, 80, 1)).isEmpty();
        assertThat(limits.refuse("b", true, 80, 1)).isEqualTo(OptionalInt.of(131048));
        now = now.plus(Duration.ofHours(24));
        assertThat(limits.refuse("b", true, 80, 1)).isEmpty();
    }
}
