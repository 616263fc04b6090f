package io.github.waroutes.limit;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;

/**
 * Where the limits are kept: in this process, or in Redis. What they mean is in {@link Limits} and its rules alone, so both behave the same.
 * The one in Redis throws {@link io.github.waroutes.state.StateUnavailableException} if Redis fails.
 */
public interface LimitState {

    /** How long what Meta tells once is kept. */
    Duration KEPT = Duration.ofDays(365);

    /** The clock of everything kept here, in nanoseconds since 1970. */
    TimeMeter time();

    /** The same in milliseconds. */
    default long nowMillis() {
        return time().currentTimeNanos() / 1_000_000;
    }

    /**
     * Whether calls wait for another process. Then each is atomic by itself, and nobody may hold a lock of this process over one: all
     * others would stand behind whoever waits.
     */
    default boolean isRemote() {
        return false;
    }

    /** Runs what uses a bucket of this state, so that its failure becomes one of this state. */
    default <T> T run(Supplier<T> task) {
        return task.get();
    }

    /** A number's bucket, made with the configuration if it is not there. */
    Bucket number(String phoneNumberId, Supplier<BucketConfiguration> configuration);

    /** What a number's bucket is set to, empty if it is not there. */
    Optional<BucketConfiguration> numberConfiguration(String phoneNumberId);

    /**
     * Takes a token of a pair's bucket if it has one at that time.
     *
     * @param atNanos when the message leaves; at or after now, and for one pair never before an earlier one
     */
    ConsumptionProbe takePair(String pair, BucketConfiguration configuration, long atNanos);

    /** The values of those keys that have one. */
    Map<String, String> read(Collection<String> keys);

    void write(String key, String value, Duration timeToLive);

    void delete(String key);

    /**
     * Counts a user at this moment, unless that would be one too many in the last 24 hours. Atomic.
     *
     * @return zero, or the milliseconds until the first of the counted users is 24 hours old
     */
    long takeUser(String accountId, long userHash, long limit);

    /** How many users the last 24 hours saw. */
    long users(String accountId);
}
