package io.github.waroutes.limit;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LimitSettingsTest {

    private final LimitSettings settings = new LimitSettings();

    @Test
    void aNumberHasItsRateItsPairsAndTheSharesOfItsBucket() {
        settings.setMessagesPerSecond(20);
        settings.setPairBurst(3);
        settings.setPairInterval(Duration.ofSeconds(2));
        settings.setReplyShare(0.5);

        NumberLimits number = settings.of("1");

        assertThat(number.rate(false)).isEqualTo(20);
        assertThat(number.rate(true)).isEqualTo(1000);
        assertThat(number.pair().getBandwidths()[0].getCapacity()).isEqualTo(3);
        assertThat(number.pair().getBandwidths()[0].getRefillPeriodNanos()).isEqualTo(Duration.ofSeconds(2).toNanos());
        assertThat(number.replyTokens(8)).isEqualTo(4);
        assertThat(number.replyTokens(1)).as("one is left to bulk").isZero();
    }

    @Test
    void anAccountHasTheLimitThatNamesItElseTheOneOfAll() {
        settings.setTier("TIER_2K");
        settings.setTiers("a=unlimited");

        assertThat(settings.tierOf("a")).isEqualTo(Tier.UNLIMITED);
        assertThat(settings.tierOf("b")).isEqualTo(2000);
    }
}
