package io.github.waroutes.limit;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy.VarExpiration;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.local.LocalBucket;
import io.github.bucket4j.local.LocalBucketBuilder;

/**
 * The limits of this process alone. A restart forgets the places that were taken, but not what Meta told (messaging limits,
 * throughputs) nor whom the accounts wrote to within 24 hours. A pair is forgotten as soon as its bucket is full again, so memory
 * holds those written to in the last seconds, and of an account's users no more than its limit allows.
 */
public class LocalLimitState implements LimitState {

    private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();
    private static final long NANOS_PER_MILLI = 1_000_000;

    private static final List<String> LASTING = List.of(LimitKeys.TIER, LimitKeys.THROUGHPUT, LimitKeys.ACCOUNT);

    private final TimeMeter time;
    private final LimitFiles files;
    private final Map<String, LimitFiles.Kept> lasting = new ConcurrentHashMap<>();
    private final Map<String, LocalBucket> numbers = new ConcurrentHashMap<>();
    private final Map<String, Users> accounts = new ConcurrentHashMap<>();
    private final Cache<String, Pair> pairs;
    private final VarExpiration<String, Pair> pairLifetimes;
    private final Cache<String, String> values;
    private final VarExpiration<String, String> valueLifetimes;

    /** Forgets everything with the process. */
    public LocalLimitState(TimeMeter time) {
        this(time, null);
    }

    /** @param files what outlives the process, or null */
    public LocalLimitState(TimeMeter time, LimitFiles files) {
        this.time = time;
        this.files = files;
        pairs = cache();
        pairLifetimes = pairs.policy().expireVariably().orElseThrow();
        values = cache();
        valueLifetimes = values.policy().expireVariably().orElseThrow();
        if (files != null) {
            files.values().forEach((key, kept) -> {
                if (kept.untilMillis() > now()) {
                    lasting.put(key, kept);
                    valueLifetimes.put(key, kept.value(), Duration.ofMillis(kept.untilMillis() - now()));
                }
            });
            // a clock that was ahead may have written down times that are still to come
            files.users(now() - DAY_MILLIS,
                    (account, user, at) -> accounts.computeIfAbsent(account, id -> new Users()).restore(user, Math.min(at, now())));
        }
    }

    private <V> Cache<String, V> cache() {
        return Caffeine.newBuilder().ticker(time::currentTimeNanos).executor(Runnable::run)
                .expireAfter(Expiry.<String, V>creating((key, value) -> Duration.ofMinutes(1))).build();
    }

    @Override
    public TimeMeter time() {
        return time;
    }

    @Override
    public Bucket number(String phoneNumberId, Supplier<BucketConfiguration> configuration) {
        return numbers.computeIfAbsent(phoneNumberId, id -> bucket(configuration.get(), time));
    }

    @Override
    public Optional<BucketConfiguration> numberConfiguration(String phoneNumberId) {
        return Optional.ofNullable(numbers.get(phoneNumberId)).map(LocalBucket::getConfiguration);
    }

    @Override
    public ConsumptionProbe takePair(String pair, BucketConfiguration configuration, long atNanos) {
        Pair known = pairs.get(pair, key -> new Pair(configuration, atNanos));
        ConsumptionProbe probe = known.take(atNanos);
        long untilFull = atNanos - time.currentTimeNanos() + probe.getNanosToWaitForReset();
        pairLifetimes.put(pair, known, Duration.ofNanos(Math.max(1, untilFull)));
        return probe;
    }

    @Override
    public Map<String, String> read(Collection<String> keys) {
        Map<String, String> found = new HashMap<>();
        for (String key : keys) {
            String value = values.getIfPresent(key);
            if (value != null) {
                found.put(key, value);
            }
        }
        return found;
    }

    @Override
    public void write(String key, String value, Duration timeToLive) {
        valueLifetimes.put(key, value, timeToLive);
        if (files != null && LASTING.stream().anyMatch(key::startsWith)) {
            lasting.put(key, new LimitFiles.Kept(value, now() + timeToLive.toMillis()));
            files.write(lasting);
        }
    }

    @Override
    public void delete(String key) {
        values.invalidate(key);
        if (files != null && lasting.remove(key) != null) {
            files.write(lasting);
        }
    }

    @Override
    public long takeUser(String accountId, long userHash, long limit) {
        long now = now();
        long full = accounts.computeIfAbsent(accountId, id -> new Users()).take(userHash, limit, now);
        if (full == 0 && files != null) {
            files.append(accountId, userHash, now);
        }
        return full;
    }

    @Override
    public long users(String accountId) {
        Users users = accounts.get(accountId);
        return users == null ? 0 : users.count(now());
    }

    /** How many pairs are remembered. */
    long pairs() {
        pairs.cleanUp();
        return pairs.estimatedSize();
    }

    private long now() {
        return time.currentTimeNanos() / NANOS_PER_MILLI;
    }

    private static LocalBucket bucket(BucketConfiguration configuration, TimeMeter time) {
        LocalBucketBuilder builder = Bucket.builder().withCustomTimePrecision(time);
        for (Bandwidth bandwidth : configuration.getBandwidths()) {
            builder.addLimit(bandwidth);
        }
        return builder.build();
    }

    /** A bucket whose clock is the time at which its messages leave. */
    private static final class Pair implements TimeMeter {

        private final LocalBucket bucket;
        private long at;

        Pair(BucketConfiguration configuration, long atNanos) {
            at = atNanos;
            bucket = bucket(configuration, this);
        }

        synchronized ConsumptionProbe take(long atNanos) {
            at = Math.max(at, atNanos);
            return bucket.tryConsumeAndReturnRemaining(1);
        }

        @Override
        public long currentTimeNanos() {
            return at;
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    }

    /** Users by the time they were last counted, the oldest first. */
    private static final class Users {

        private final LinkedHashMap<Long, Long> counted = new LinkedHashMap<>();

        synchronized long take(long user, long limit, long now) {
            forget(now);
            if (counted.remove(user) == null && counted.size() >= limit) {
                return counted.values().iterator().next() + DAY_MILLIS - now;
            }
            counted.put(user, now);
            return 0;
        }

        synchronized void restore(long user, long at) {
            // in the order of time
            counted.remove(user);
            counted.put(user, at);
        }

        synchronized long count(long now) {
            forget(now);
            return counted.size();
        }

        private void forget(long now) {
            Iterator<Long> oldest = counted.values().iterator();
            while (oldest.hasNext() && oldest.next() + DAY_MILLIS <= now) {
                oldest.remove();
            }
        }
    }
}
