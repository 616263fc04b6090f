package io.github.waroutes.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import io.github.waroutes.TestRedis;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Against a real Redis server; what a process's clock says counts for nothing, and time never goes back. */
class RedisTimeTest {

    private static final String KEY = "whatsapp:limit:clock";
    private static final long HOUR = Duration.ofHours(1).toMillis();

    @RegisterExtension
    static final TestRedis redis = new TestRedis();

    private final AtomicLong nanos = new AtomicLong(5);

    @BeforeEach
    void empty() {
        redis.empty();
    }

    private RedisTime time() {
        return new RedisTime(redis.connection(), nanos::get);
    }

    private static long millis(RedisTime time) {
        return time.currentTimeNanos() / 1_000_000;
    }

    private static long kept() {
        return Long.parseLong(redis.client().<String>getBucket(KEY).get());
    }

    private static void keep(long millis) {
        redis.client().getBucket(KEY).set(Long.toString(millis));
    }

    @Test
    void itBeginsWithTheServersClockAndGoesOnWithTheProcesss() {
        RedisTime time = time();
        assertThat(millis(time)).isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 60_000);
        long before = time.currentTimeNanos();
        nanos.addAndGet(1_234_567);
        assertThat(time.currentTimeNanos() - before).isEqualTo(1_234_567);
        assertThat(redis.client().getKeys().remainTimeToLive(KEY)).isGreaterThan(24 * HOUR);
    }

    @Test
    void aServerWhoseClockWasPutBackDoesNotPutItBack() {
        long ahead = System.currentTimeMillis() + 6 * HOUR;
        keep(ahead);
        assertThat(millis(time())).isEqualTo(ahead);
    }

    @Test
    void whoIsBehindFollowsWhoIsAheadWithinTenSeconds() {
        RedisTime time = time();
        long ahead = millis(time) + 6 * HOUR;
        keep(ahead);
        nanos.addAndGet(Duration.ofSeconds(10).toNanos() - 1);
        time.agree();
        assertThat(millis(time)).as("asked lately").isLessThan(ahead);
        nanos.addAndGet(1);
        time.agree();
        assertThat(millis(time)).isEqualTo(ahead);
        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        time.agree();
        assertThat(millis(time)).isEqualTo(ahead + 10_000);
        assertThat(kept()).as("and tells the others").isEqualTo(ahead + 10_000);
    }

    @Test
    void aNumberIsNotHeldAfterAStepOfTheClock() {
        keep(System.currentTimeMillis() + 6 * HOUR);
        SendRequest request = new SendRequest("106540352242922", "user", "account", false, true, false);
        Limits before = new Limits(new RedisLimitState(redis.connection(), time()));
        for (int i = 0; i < 20; i++) {
            before.reserve(request);
        }
        // the process ends, and begins again when the clock is right
        Limits after = new Limits(new RedisLimitState(redis.connection(), time()));
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(after.reserve(request).delay()).isZero();
    }
}
