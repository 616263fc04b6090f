package io.github.waroutes.limit;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.expiration.BasedOnTimeForRefillingBucketUpToMaxExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.github.bucket4j.redis.redisson.Bucket4jRedisson;
import io.github.waroutes.state.RedisConnection;
import org.redisson.Redisson;
import org.redisson.api.RScript;
import org.redisson.client.codec.StringCodec;

/**
 * The limits that several processes share, and the time that they are kept by: {@link RedisTime}. Every key starts with {@code whatsapp:limit:} and expires.
 */
class RedisLimitState implements LimitState {

    private static final String PREFIX = "whatsapp:limit:";
    private static final String NUMBER = PREFIX + "number:";
    private static final String PAIR = PREFIX + "pair:";
    private static final String USERS = PREFIX + "users:";
    private static final String VALUE = PREFIX + "value:";
    private static final Duration MARGIN = Duration.ofSeconds(10);
    private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();
    private static final long NANOS_PER_MILLI = 1_000_000;

    // KEYS: the account's set; ARGV: now, a day (both in milliseconds), the user, the limit
    private static final String TAKE_USER = """
            redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1] - ARGV[2])
            if not redis.call('ZSCORE', KEYS[1], ARGV[3]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then
              local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
              return oldest[2] + ARGV[2] - ARGV[1]
            end
            redis.call('ZADD', KEYS[1], ARGV[1], ARGV[3])
            redis.call('PEXPIRE', KEYS[1], ARGV[2])
            return 0
            """;

    private final RedisConnection redis;
    private final TimeMeter time;
    private final Runnable agreeOnTime;
    private final ThreadLocal<Long> leaving = new ThreadLocal<>();
    private final ProxyManager<String> numbers;
    private final ProxyManager<String> pairs;

    /** @param redis a single server */
    RedisLimitState(RedisConnection redis, RedisTime time) {
        this(redis, time, time::agree);
    }

    RedisLimitState(RedisConnection redis, TimeMeter time) {
        this(redis, time, () -> { });
    }

    private RedisLimitState(RedisConnection redis, TimeMeter time, Runnable agreeOnTime) {
        this.redis = redis;
        this.time = time;
        this.agreeOnTime = agreeOnTime;
        numbers = proxies(time);
        pairs = proxies(new LeavingTime());
    }

    private ProxyManager<String> proxies(TimeMeter clock) {
        return redis.ask(client -> Bucket4jRedisson.casBasedBuilder(((Redisson) client).getCommandExecutor())
                .clientClock(clock).expirationAfterWrite(new WhenFull()).build());
    }

    @Override
    public TimeMeter time() {
        return time;
    }

    @Override
    public boolean isRemote() {
        return true;
    }

    @Override
    public <T> T run(Supplier<T> task) {
        return redis.ask(client -> task.get());
    }

    @Override
    public Bucket number(String phoneNumberId, Supplier<BucketConfiguration> configuration) {
        return redis.ask(client -> numbers.builder().build(NUMBER + phoneNumberId, configuration));
    }

    @Override
    public Optional<BucketConfiguration> numberConfiguration(String phoneNumberId) {
        return redis.ask(client -> numbers.getProxyConfiguration(NUMBER + phoneNumberId));
    }

    @Override
    public ConsumptionProbe takePair(String pair, BucketConfiguration configuration, long atNanos) {
        leaving.set(atNanos);
        try {
            return redis.ask(client -> pairs.builder().build(PAIR + pair, () -> configuration).tryConsumeAndReturnRemaining(1));
        } finally {
            leaving.remove();
        }
    }

    @Override
    public Map<String, String> read(Collection<String> keys) {
        agreeOnTime.run();
        Map<String, String> found = redis.ask(client -> client.getBuckets()
                .get(keys.stream().map(VALUE::concat).toArray(String[]::new)));
        return found.entrySet().stream()
                .collect(Collectors.toMap(entry -> entry.getKey().substring(VALUE.length()), Map.Entry::getValue));
    }

    @Override
    public void write(String key, String value, Duration timeToLive) {
        redis.tell(client -> client.getBucket(VALUE + key).set(value, timeToLive));
    }

    @Override
    public void delete(String key) {
        redis.tell(client -> client.getBucket(VALUE + key).delete());
    }

    @Override
    public long takeUser(String accountId, long userHash, long limit) {
        return redis.<Long>ask(client -> client.getScript(StringCodec.INSTANCE).eval(RScript.Mode.READ_WRITE, TAKE_USER,
                RScript.ReturnType.INTEGER, List.of(USERS + accountId), String.valueOf(now()), String.valueOf(DAY_MILLIS),
                Long.toHexString(userHash), String.valueOf(limit)));
    }

    @Override
    public long users(String accountId) {
        return redis.ask(client -> client.getScoredSortedSet(USERS + accountId, StringCodec.INSTANCE)
                .count(now() - DAY_MILLIS, false, Double.POSITIVE_INFINITY, true));
    }

    private long now() {
        return time.currentTimeNanos() / NANOS_PER_MILLI;
    }

    /** A pair's bucket, whose clock is the time at which its messages leave, as the caller gives it. */
    private final class LeavingTime implements TimeMeter {

        @Override
        public long currentTimeNanos() {
            Long at = leaving.get();
            return at == null ? time.currentTimeNanos() : at;
        }

        @Override
        public boolean isWallClockBased() {
            return true;
        }
    }

    /** Keeps a bucket a little longer than until it is full again, when a new one would be the same. */
    private final class WhenFull extends BasedOnTimeForRefillingBucketUpToMaxExpirationAfterWriteStrategy {

        WhenFull() {
            super(MARGIN);
        }

        @Override
        public long calculateTimeToLiveMillis(RemoteBucketState state, long bucketNanos) {
            long ahead = Math.max(0, bucketNanos - time.currentTimeNanos()) / NANOS_PER_MILLI;
            return ahead + super.calculateTimeToLiveMillis(state, bucketNanos);
        }
    }
}
