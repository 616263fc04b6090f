package io.github.waroutes.limit;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CallBudgetsTest {

    private final ManualTime time = new ManualTime();
    private final LimitState state = new LocalLimitState(time);
    private final CallBudgets budgets = new CallBudgets(state, new LimitSettings());

    private long pause(String accountId) {
        SendRequest request = new SendRequest("1", "user", accountId, false, true, false);
        return Math.max(0, budgets.pausedUntil(request, state.read(budgets.keys(request))) - state.nowMillis());
    }

    @Test
    void theFullerABudgetTheLongerItsAccountWaits() {
        budgets.observe(new CallUsage("a", 94, Duration.ZERO), LimitSettings.FIRST_APP);
        assertThat(pause("a")).isZero();

        budgets.observe(new CallUsage("a", 95, Duration.ZERO), LimitSettings.FIRST_APP);
        assertThat(pause("a")).isEqualTo(1_000);

        budgets.observe(new CallUsage("a", 100, Duration.ZERO), LimitSettings.FIRST_APP);
        assertThat(pause("a")).isEqualTo(60_000);
        assertThat(pause("b")).as("another account").isZero();
    }

    @Test
    void theBudgetOfTheAppHoldsAllAccounts() {
        budgets.observe(new CallUsage(null, 98, Duration.ofMinutes(5)), LimitSettings.FIRST_APP);

        assertThat(pause("a")).isEqualTo(300_000);
        assertThat(pause("b")).isEqualTo(300_000);
        assertThat(budgets.remaining("other")).isEqualTo(100);
        assertThat(budgets.remaining(LimitSettings.FIRST_APP)).isEqualTo(2);
    }

    @Test
    void theBudgetOfAnotherAppHoldsNobodyElse() {
        budgets.observe(new CallUsage(null, 98, Duration.ofMinutes(5)), "other");

        assertThat(pause("a")).isZero();
    }
}
