package io.github.waroutes.limit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import io.github.bucket4j.TimeMeter;
import io.github.waroutes.state.RedisConnection;
import org.redisson.api.RScript;
import org.redisson.client.codec.StringCodec;

/**
 * The one time of all processes that share a Redis, and one that never goes back: a bucket that was last filled at a later time gives
 * nothing until that time has come, which after a corrected clock would be hours. It begins with Redis' clock, goes on with each process's
 * own monotonic one, and is agreed on every ten seconds: who is behind follows who is ahead.
 */
final class RedisTime implements TimeMeter {

    private static final String KEY = "whatsapp:limit:clock";
    /** Longer than anything that is kept by this time: whom an account wrote to within a day. */
    private static final Duration KEPT = Duration.ofHours(25);
    private static final long AGREE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    // KEYS: the time; ARGV: the time of who asks (milliseconds; 0: it has none yet), the time to live
    private static final String AGREE = """
            local now = tonumber(ARGV[1])
            if now == 0 then
              local server = redis.call('TIME')
              now = server[1] * 1000 + math.floor(server[2] / 1000)
            end
            now = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
            redis.call('SET', KEYS[1], string.format('%.0f', now), 'PX', ARGV[2])
            return now
            """;

    private final RedisConnection redis;
    private final LongSupplier nanoTime;
    private final AtomicLong agreedAt;
    private final AtomicLong offset;

    /** Asks Redis for the time. */
    RedisTime(RedisConnection redis) {
        this(redis, System::nanoTime);
    }

    RedisTime(RedisConnection redis, LongSupplier nanoTime) {
        this.redis = redis;
        this.nanoTime = nanoTime;
        long nanos = nanoTime.getAsLong();
        agreedAt = new AtomicLong(nanos);
        offset = new AtomicLong(TimeUnit.MILLISECONDS.toNanos(ask(0)) - nanos);
    }

    @Override
    public long currentTimeNanos() {
        return offset.get() + nanoTime.getAsLong();
    }

    @Override
    public boolean isWallClockBased() {
        return true;
    }

    /** Asks the others for their time, if that was long ago. */
    void agree() {
        long nanos = nanoTime.getAsLong();
        long last = agreedAt.get();
        if (nanos - last >= AGREE_EVERY_NANOS && agreedAt.compareAndSet(last, nanos)) {
            long own = currentTimeNanos();
            long ahead = ask(TimeUnit.NANOSECONDS.toMillis(own)) - TimeUnit.NANOSECONDS.toMillis(own);
            offset.addAndGet(TimeUnit.MILLISECONDS.toNanos(Math.max(0, ahead)));
        }
    }

    private long ask(long millis) {
        return redis.<Long>ask(client -> client.getScript(StringCodec.INSTANCE).eval(RScript.Mode.READ_WRITE, AGREE,
                RScript.ReturnType.INTEGER, List.of(KEY), Long.toString(millis), Long.toString(KEPT.toMillis())));
    }
}
