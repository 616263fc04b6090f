package io.github.waroutes.simulator.cloud;

import io.github.waroutes.simulator.common.KeyedInstances;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The calls to the Business Management API within the last hour. Source: WhatsApp Business Platform, "Rate limits". Thread-safe.
 */
public class Quota {

    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final int MAX = 100_000;

    private final Clock clock;
    private final Deque<Long> calls = new ArrayDeque<>();
    private final KeyedInstances<Quota> others;

    public Quota() {
        this(Clock.systemUTC());
    }

    Quota(Clock clock) {
        this.clock = clock;
        others = new KeyedInstances<>(this, key -> new Quota(clock));
    }

    /** The instance for another account or app; that for the first number's is this one. */
    Quota of(String key) {
        return others.of(key);
    }

    /**
     * The usage of the hour.
     *
     * @param calls  within the last hour
     * @param regain minutes until a call is allowed again, 0 while one is
     */
    record Use(int calls, int regain) {
    }

    /** Counts a call, unless there have been {@code most}. */
    synchronized Use count(int most) {
        Use use = use(most);
        if (use.regain() > 0) {
            return use;
        }
        if (calls.size() >= MAX) {
            calls.removeFirst();
        }
        calls.addLast(clock.millis());
        return new Use(calls.size(), 0);
    }

    synchronized Use use(int most) {
        long now = clock.millis();
        while (!calls.isEmpty() && calls.peekFirst() <= now - HOUR) {
            calls.removeFirst();
        }
        if (calls.size() < most) {
            return new Use(calls.size(), 0);
        }
        long wait = calls.peekFirst() + HOUR - now;
        return new Use(calls.size(), (int) Math.max(1, Duration.ofMillis(wait).plusSeconds(59).toMinutes()));
    }

    /** Forgets all calls. */
    synchronized void reset() {
        calls.clear();
        others.clear();
    }
}
