package io.github.waroutes.limit;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TokensInheritanceStrategy;
import org.redisson.client.RedisTimeoutException;

/** One number's bucket, and the lock that lets one caller of this process at a time look and take. */
class NumberLimit {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long LONGEST_LOCK_SECONDS = 5;

    private final String phoneNumberId;
    private final LimitState state;
    private final double burstSeconds;
    private final ReentrantLock lock = new ReentrantLock(true);
    private volatile String displayHash;
    private Bucket bucket;
    private int rate;
    private long lastTurn;

    NumberLimit(String phoneNumberId, LimitState state, double burstSeconds) {
        this.phoneNumberId = phoneNumberId;
        this.state = state;
        this.burstSeconds = burstSeconds;
    }

    String displayHash() {
        return displayHash;
    }

    void displayHash(String hash) {
        displayHash = hash;
    }

    /**
     * @throws RedisTimeoutException if others of this number have held it for five seconds, as happens when Redis hangs: they
     *                               must not queue up behind each other's time-outs
     */
    void lock() {
        try {
            if (lock.tryLock(LONGEST_LOCK_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for a number's limits", e);
        }
        throw new RedisTimeoutException("A number's limits were not to be had within " + LONGEST_LOCK_SECONDS + " s. Does Redis answer?");
    }

    void unlock() {
        lock.unlock();
    }

    /** How many may leave at once at that rate; two at least, of which one can be the replies'. */
    long capacity(int perSecond) {
        return Math.max(2, Math.round(perSecond * burstSeconds));
    }

    /** When somebody who must wait may ask again: at that time, or after all who wait, one by one at the number's rate. Only under the lock. */
    long turnToAsk(long earliestNanos, int perSecond) {
        lastTurn = Math.max(earliestNanos, lastTurn + SECOND.toNanos() / perSecond);
        return lastTurn;
    }

    /** The bucket, set to that rate. Only under the lock. */
    Bucket bucket(int perSecond) {
        if (perSecond != rate) {
            Optional<BucketConfiguration> old = state.numberConfiguration(phoneNumberId);
            rate = perSecond;
            bucket = state.number(phoneNumberId, () -> configuration(rate));
            old.filter(configuration -> !configuration.equals(configuration(perSecond))).ifPresent(configuration ->
                    change(configuration.getBandwidths()[0].getRefillTokens()));
        }
        return bucket;
    }

    private void change(long oldRate) {
        bucket.replaceConfiguration(configuration(rate), TokensInheritanceStrategy.AS_IS);
        long owed = -bucket.getAvailableTokens();
        if (owed > 0 && rate > oldRate) {
            // those who wait leave as they were told: at the higher rate the time they take is more tokens
            long sameTime = (owed * rate + oldRate - 1) / oldRate;
            bucket.consumeIgnoringRateLimits(sameTime - owed);
        }
    }

    private BucketConfiguration configuration(int perSecond) {
        return BucketConfiguration.builder()
                .addLimit(Bandwidth.builder().capacity(capacity(perSecond)).refillGreedy(perSecond, SECOND).build()).build();
    }
}
