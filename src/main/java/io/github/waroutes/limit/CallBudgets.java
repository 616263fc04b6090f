package io.github.waroutes.limit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The call budgets of the apps and of their accounts: sends wait while one is nearly used up. */
final class CallBudgets {

    private static final Logger LOG = LoggerFactory.getLogger(CallBudgets.class);
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    private final LimitState state;
    private final LimitSettings settings;
    private final Map<String, Double> usageOfApps = new ConcurrentHashMap<>();

    CallBudgets(LimitState state, LimitSettings settings) {
        this.state = state;
        this.settings = settings;
    }

    /** What must be read to know how long a message waits. */
    List<String> keys(SendRequest request) {
        return List.of(LimitKeys.pauseOfApp(settings.appOf(request.phoneNumberId())), LimitKeys.pauseOfAccount(request.accountId()));
    }

    /** Until when a message waits, in milliseconds since 1970; 0 if it does not. */
    long pausedUntil(SendRequest request, Map<String, String> known) {
        return Math.max(until(known, LimitKeys.pauseOfApp(settings.appOf(request.phoneNumberId()))),
                until(known, LimitKeys.pauseOfAccount(request.accountId())));
    }

    /** What an answer of Graph told to a call of the app. */
    void observe(CallUsage usage, String app) {
        if (usage.accountId() == null) {
            usageOfApps.put(app, usage.percent());
        }
        Duration pause = pause(usage);
        if (!pause.isZero() && usage.accountId() == null) {
            pause(LimitKeys.pauseOfApp(app), "the app " + app, pause);
        } else if (!pause.isZero()) {
            pause(LimitKeys.pauseOfAccount(usage.accountId()), "account " + usage.accountId(), pause);
        }
    }

    /** Percent of an app's budget, as the last answer told it to this process. */
    double remaining(String app) {
        return Math.max(0, 100 - usageOfApps.getOrDefault(app, 0.0));
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

    private void pause(String key, String whose, Duration pause) {
        long until = state.nowMillis() + pause.toMillis();
        if (until > until(state.read(List.of(key)), key)) {
            state.write(key, String.valueOf(until), pause);
            LOG.warn("The call budget of {} is nearly used up: sends wait {} s", whose, pause.toSeconds());
        }
    }

    private static long until(Map<String, String> known, String key) {
        String text = known.get(key);
        return text == null ? 0 : Long.parseLong(text);
    }
}
