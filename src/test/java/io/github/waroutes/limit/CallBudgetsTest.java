package io.github.waroutes.limit;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CallBudgetsTest {

    private final ManualTime time = new ManualTime();
    private final LimitState state = new LocalLimitState(time);
    private final CallBudgets budgets = new CallBudgets(state, new LimitSettings());

    private long pause(String accountId) {
        return Math.max(0, budgets.pausedUntil(accountId, state.read(budgets.keys(accountId))) - state.nowMillis());
    }

    @Test
    void theFullerABudgetTheLongerItsAccountWaits() {
        budgets.observe(new CallUsage("a", 94, Duration.ZERO));
        assertThat(pause("a")).isZero();

        budgets.observe(new CallUsage("a", 95, Duration.ZERO));
        assertThat(pause("a")).isEqualTo(1_000);

        budgets.observe(new CallUsage("a", 100, Duration.ZERO));
        assertThat(pause("a")).isEqualTo(60_000);
        assertThat(pause("b")).as("another account").isZero();
    }

    @Test
    void theBudgetOfTheAppHoldsAllAccounts() {
        budgets.observe(new CallUsage(null, 98, Duration.ofMinutes(5)));

        assertThat(pause("a")).isEqualTo(300_000);
        assertThat(pause("b")).isEqualTo(300_000);
        assertThat(budgets.remaining()).isEqualTo(2);
    }
}
