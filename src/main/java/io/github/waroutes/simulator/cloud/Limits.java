package io.github.waroutes.simulator.cloud;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.github.waroutes.simulator.common.KeyedInstances;
import io.github.waroutes.simulator.common.SimulatedNumber;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Meta's own limits: messages a second of the number, one message per 6 s and pair with a burst of 45, and unique users that
 * the business writes to first within 24 h. Source: WhatsApp Cloud API, "Throughput", "Platform rate limits" and
 * "Messaging limits". Thread-safe; a refused message is not counted.
 */
public class Limits {

    static final int NUMBER_CODE = 130429;
    static final int PAIR_CODE = 131056;
    /** Meta names no code for the messaging limit; this is the one for a number that may not send as much as it would. */
    static final int TIER_CODE = 131048;

    private static final int PAIR_BURST = 45;
    private static final Duration PAIR_REFILL = Duration.ofSeconds(6);
    private static final long SECOND = 1_000;
    private static final long DAY = Duration.ofHours(24).toMillis();
    private static final int MAX_PAIRS = 10_000;

    private final Clock clock;
    private final Deque<Long> sent = new ArrayDeque<>();
    /** The account's, shared by its numbers. */
    private final Map<String, Long> begun;
    private final Map<String, Limits> numbers = new ConcurrentHashMap<>();
    private final KeyedInstances<Map<String, Long>> accounts;
    private final Map<String, Bucket> pairs = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_PAIRS;
        }
    };

    public Limits() {
        this(Clock.systemUTC());
    }

    Limits(Clock clock) {
        this(clock, new LinkedHashMap<>());
    }

    private Limits(Clock clock, Map<String, Long> begun) {
        this.clock = clock;
        this.begun = begun;
        accounts = new KeyedInstances<>(begun, key -> new LinkedHashMap<>());
    }

    /** The state of this number; that of the first is this instance. */
    Limits of(SimulatedNumber number) {
        return number.key().isEmpty() ? this
                : numbers.computeIfAbsent(number.key(), key -> new Limits(clock, accounts.of(number.accountKey())));
    }

    /**
     * Counts a message, or returns the code it must be refused with.
     *
     * @param perSecond messages a second
     * @param tier      unique users in 24 h
     * @param first     whether the business writes outside the user's 24 h window
     */
    OptionalInt refuse(String user, boolean first, int perSecond, int tier) {
        // the numbers of an account share this lock
        synchronized (begun) {
            return judge(user, first, perSecond, tier);
        }
    }

    private OptionalInt judge(String user, boolean first, int perSecond, int tier) {
        long now = clock.millis();
        while (!sent.isEmpty() && sent.peekFirst() <= now - SECOND) {
            sent.removeFirst();
        }
        begun.values().removeIf(at -> at <= now - DAY);
        if (sent.size() >= perSecond) {
            return OptionalInt.of(NUMBER_CODE);
        }
        if (first && !begun.containsKey(user) && begun.size() >= tier) {
            return OptionalInt.of(TIER_CODE);
        }
        if (!pairs.computeIfAbsent(user, key -> newPair()).tryConsume(1)) {
            return OptionalInt.of(PAIR_CODE);
        }
        sent.addLast(now);
        if (first) {
            begun.putIfAbsent(user, now);
        }
        return OptionalInt.empty();
    }

    /** Forgets all messages. */
    void reset() {
        numbers.clear();
        accounts.clear();
        synchronized (begun) {
            sent.clear();
            begun.clear();
            pairs.clear();
        }
    }

    private Bucket newPair() {
        return Bucket.builder().addLimit(limit -> limit.capacity(PAIR_BURST).refillGreedy(1, PAIR_REFILL))
                .withCustomTimePrecision(new TimeMeter() {
                    @Override
                    public long currentTimeNanos() {
                        return clock.millis() * 1_000_000;
                    }

                    @Override
                    public boolean isWallClockBased() {
                        return true;
                    }
                }).build();
    }
}
