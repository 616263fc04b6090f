package io.github.waroutes.limit;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The call budgets of the app and of its accounts: sends wait while one is nearly used up. */
final class CallBudgets {

    private static final Logger LOG = LoggerFactory.getLogger(CallBudgets.class);
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    private final LimitState state;
    private final LimitSettings settings;
    private volatile double appUsage;

    CallBudgets(LimitState state, LimitSettings settings) {
        this.state = state;
        this.settings = settings;
    }

    /** What must be read to know how long an account's sends wait. */
    List<String> keys(String accountId) {
        return List.of(LimitKeys.pause(null), LimitKeys.pause(accountId));
    }

    /** Until when an account's sends wait, in milliseconds since 1970; 0 if they do not. */
    long pausedUntil(String accountId, Map<String, String> known) {
        return Math.max(until(known, LimitKeys.pause(null)), until(known, LimitKeys.pause(accountId)));
    }

    /** What an answer of Graph told. */
    void observe(CallUsage usage) {
        if (usage.accountId() == null) {
            appUsage = usage.percent();
        }
        Duration pause = pause(usage);
        if (!pause.isZero()) {
            pause(usage.accountId(), pause);
        }
    }

    /** Percent of the app's budget, as the last answer told it to this process. */
    double remaining() {
        return Math.max(0, 100 - appUsage);
    }

    private Duration pause(CallUsage usage) {
        if (!usage.regain().isZero()) {
            return usage.regain();
        }
        double limit = settings.callBudgetPercent();
        if (usage.percent() < limit) {
            return Duration.ZERO;
        }
        double over = limit >= 100 ? 1 : Math.min(1, (usage.percent() - limit) / (100 - limit));
        return SHORTEST_PAUSE.plusMillis((long) (over * LONGEST_PAUSE.minus(SHORTEST_PAUSE).toMillis()));
    }

    private void pause(String accountId, Duration pause) {
        String key = LimitKeys.pause(accountId);
        long until = state.nowMillis() + pause.toMillis();
        if (until > until(state.read(List.of(key)), key)) {
            state.write(key, String.valueOf(until), pause);
            LOG.warn("The call budget of {} is nearly used up: sends wait {} s", accountId == null ? "the app" : "account " + accountId,
                    pause.toSeconds());
        }
    }

    private static long until(Map<String, String> known, String key) {
        String text = known.get(key);
        return text == null ? 0 : Long.parseLong(text);
    }
}
