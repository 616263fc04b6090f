package io.github.waroutes.limit;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TokensInheritanceStrategy;

/** One number's bucket. Callers estimate and take tokens one at a time if the state is in this process, and concurrently if it is in Redis. */
class NumberLimit {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final String phoneNumberId;
    private final LimitState state;
    private final double burstSeconds;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final AtomicBoolean changing = new AtomicBoolean();
    private volatile String displayHash;
    private volatile int rate;
    private volatile long changedAt = Long.MIN_VALUE;
    private long lastTurn;

    NumberLimit(String phoneNumberId, LimitState state, double burstSeconds) {
        this.phoneNumberId = phoneNumberId;
        this.state = state;
        this.burstSeconds = burstSeconds;
    }

    String phoneNumberId() {
        return phoneNumberId;
    }

    String displayHash() {
        return displayHash;
    }

    void displayHash(String hash) {
        displayHash = hash;
    }

    /** Runs what estimates and takes tokens. */
    <T> T run(Supplier<T> task) {
        if (state.isRemote()) {
            return state.run(task);
        }
        lock.lock();
        try {
            return task.get();
        } finally {
            lock.unlock();
        }
    }

    /** How many may leave at once at that rate; two at least, of which one can be the replies'. */
    long capacity(int perSecond) {
        return Math.max(2, Math.round(perSecond * burstSeconds));
    }

    /** When somebody who must wait may ask again: at that time, or after all who wait, one by one at the number's rate. */
    synchronized long turnToAsk(long earliestNanos, int perSecond) {
        lastTurn = Math.max(earliestNanos, lastTurn + SECOND.toNanos() / perSecond);
        return lastTurn;
    }

    /**
     * The bucket, set to that rate. A caller that comes while another sets it uses it as it is.
     *
     * @param knownAtNanos when the rate was looked up: what is older than the last change changes nothing
     */
    Bucket bucket(int perSecond, long knownAtNanos) {
        Bucket bucket = state.number(phoneNumberId, () -> configuration(perSecond));
        if (perSecond != rate && changing.compareAndSet(false, true)) {
            try {
                if (perSecond != rate && knownAtNanos >= changedAt) {
                    set(bucket, perSecond);
                }
            } finally {
                changing.set(false);
            }
        }
        return bucket;
    }

    private void set(Bucket bucket, int perSecond) {
        Optional<BucketConfiguration> old = state.numberConfiguration(phoneNumberId);
        BucketConfiguration wanted = configuration(perSecond);
        if (old.isPresent() && !old.get().equals(wanted)) {
            bucket.replaceConfiguration(wanted, TokensInheritanceStrategy.AS_IS);
            long oldRate = old.get().getBandwidths()[0].getRefillTokens();
            long owed = -bucket.getAvailableTokens();
            if (owed > 0 && perSecond > oldRate) {
                // those who wait leave as they were told: at the higher rate the time they take is more tokens
                long sameTime = (owed * perSecond + oldRate - 1) / oldRate;
                bucket.consumeIgnoringRateLimits(sameTime - owed);
            }
        }
        rate = perSecond;
        changedAt = state.time().currentTimeNanos();
    }

    private BucketConfiguration configuration(int perSecond) {
        return BucketConfiguration.builder()
                .addLimit(Bandwidth.builder().capacity(capacity(perSecond)).refillGreedy(perSecond, SECOND).build()).build();
    }
}
