package io.github.waroutes.limit;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy.VarExpiration;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;

/** A pair is a number and a user: the pace of messages between them, and how long a pair that Meta refused has to rest. */
final class Pairs {

    private final LimitState state;
    private final Cache<String, Boolean> waiting;
    private final VarExpiration<String, Boolean> waitingLifetimes;
    private final Cache<String, Boolean> refused;

    Pairs(LimitState state) {
        this.state = state;
        waiting = cache();
        waitingLifetimes = waiting.policy().expireVariably().orElseThrow();
        refused = cache();
    }

    private Cache<String, Boolean> cache() {
        return Caffeine.newBuilder().ticker(state.time()::currentTimeNanos).executor(Runnable::run)
                .expireAfter(Expiry.<String, Boolean>creating((key, value) -> Duration.ofHours(2))).build();
    }

    /** Until when a pair rests, in milliseconds since 1970; 0 if it does not. */
    long restsUntil(String pair, Map<String, String> known, long nowMillis) {
        PairBlock block = PairBlock.parse(known.get(LimitKeys.block(pair)));
        if (block == null) {
            return 0;
        }
        noteRefused(pair, block, nowMillis);
        return block.untilMillis();
    }

    /** Takes a token of the pair if it has one when the message leaves. */
    ConsumptionProbe take(String pair, BucketConfiguration configuration, long leavesAtNanos) {
        ConsumptionProbe probe = state.takePair(pair, configuration, leavesAtNanos);
        if (!probe.isConsumed()) {
            noteWaiting(pair, probe.getNanosToWaitForRefill());
        }
        return probe;
    }

    /** Meta refused a send for the pair's pace: it rests 1, 4, 16, … seconds. */
    void throttled(String pair) {
        long now = state.nowMillis();
        String key = LimitKeys.block(pair);
        PairBlock next = PairBlock.next(PairBlock.parse(state.read(List.of(key)).get(key)), now);
        state.write(key, next.toString(), next.lifetime(now));
        noteRefused(pair, next, now);
    }

    /** Meta took a message: the next refusal is a first one again. */
    void sent(String pair) {
        if (refused.asMap().remove(pair) != null) {
            waiting.invalidate(pair);
            state.delete(LimitKeys.block(pair));
        }
    }

    /** How many have to wait, as far as this process was asked. */
    long waiting() {
        waiting.cleanUp();
        return waiting.estimatedSize();
    }

    private void noteRefused(String pair, PairBlock block, long nowMillis) {
        refused.put(pair, true);
        noteWaiting(pair, Duration.ofMillis(block.untilMillis() - nowMillis).toNanos());
    }

    private void noteWaiting(String pair, long nanos) {
        if (nanos > 0) {
            waitingLifetimes.put(pair, true, Duration.ofNanos(nanos));
        }
    }
}
