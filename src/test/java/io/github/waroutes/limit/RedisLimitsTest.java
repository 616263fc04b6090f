package io.github.waroutes.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import io.github.bucket4j.TimeMeter;
import io.github.waroutes.TestRedis;
import io.github.waroutes.state.StateUnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Against a real Redis server. */
class RedisLimitsTest extends LimitsContract {

    @RegisterExtension
    static final TestRedis redis = new TestRedis();

    @Override
    LimitState state() {
        redis.empty();
        return new RedisLimitState(redis.connection(), time);
    }

    @Override
    Limits another() {
        return new Limits(new RedisLimitState(redis.newConnection(), time));
    }

    @Test
    void twoProcessesShareEveryLimit() {
        Limits other = another();
        limits.settings().setTier("1");
        other.settings().setTier("1");
        for (int i = 0; i < 4; i++) {
            limits.reserve(reply("user-" + i));
            other.reserve(reply("user-" + i));
        }
        assertThat(limits.reserve(reply("a")).delay()).isEqualTo(Duration.ofNanos(12_500_000));
        assertThat(other.reserve(reply("b")).delay()).isEqualTo(Duration.ofMillis(25));

        limits.pairThrottled(NUMBER, "a");
        assertThat(other.reserve(reply("a")).delay()).isEqualTo(Duration.ofSeconds(1));
        time.pass(Duration.ofSeconds(1));
        other.reserve(reply("a"));
        other.sent(NUMBER, "a");
        limits.pairThrottled(NUMBER, "a");
        assertThat(limits.reserve(reply("a")).delay()).isEqualTo(Duration.ofSeconds(1));

        limits.reserve(template("c"));
        assertThat(other.remaining(Limits.ACCOUNT, ACCOUNT)).isZero();
        limits.observe(NUMBER, Map.of("X-App-Usage", "{\"total_time\":100}"));
        assertThat(other.reserve(reply("d")).delay()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void aCutInOneProcessIsACutInTheOtherAndIsAppliedOnce() {
        Limits other = another();
        for (int i = 0; i < 8 + 40; i++) {
            limits.reserve(reply("user-" + i));
        }
        other.reserve(reply("a"));
        limits.throttled(NUMBER);
        assertThat(other.reserve(reply("b")).delay()).isEqualTo(Duration.ofMillis(42 * 25));
        assertThat(limits.reserve(reply("c")).delay()).isEqualTo(Duration.ofMillis(43 * 25));
        time.pass(Duration.ofSeconds(10));
        for (int i = 0; i < 48; i++) {
            (i % 2 == 0 ? limits : other).reserve(reply("user-" + i));
        }
        Duration one = limits.reserve(reply("d")).delay();
        assertThat(other.reserve(reply("e")).delay().minus(one).toNanos()).isBetween(20_833_332L, 20_833_334L);
    }

    @Test
    void everyKeyIsOursAndExpiresAndNoneNamesAUser() {
        limits.reserve(template("16505551234"));
        limits.throttled(NUMBER);
        limits.pairThrottled(NUMBER, "16505551234");
        limits.observe(NUMBER, Map.of("X-App-Usage", "{\"total_time\":100}"));
        limits.onChange(Map.of("field", "phone_number_quality_update", "value",
                Map.of("event", "THROUGHPUT_UPGRADE", "display_phone_number", "15550783881")));
        limits.onChange(Map.of("field", "business_capability_update", "value", Map.of("max_daily_conversations_per_business", 250)));
        Iterable<String> keys = redis.client().getKeys().getKeys();
        assertThat(keys).hasSize(8).allSatisfy(key -> {
            assertThat(key).startsWith("whatsapp:limit:").doesNotContain("16505551234").doesNotContain("15550783881");
            assertThat(redis.client().getKeys().remainTimeToLive(key)).as(key).isPositive();
        });
        assertThat(redis.client().<String>getScoredSortedSet("whatsapp:limit:users:" + ACCOUNT).readAll())
                .singleElement().asString().matches("[0-9a-f]{1,16}");
    }

    @Test
    void aPairIsKeptUntilItsBucketIsFullAlsoBehindAQueue() {
        limits.settings().setPairBurst(1);
        limits.settings().setMessagesPerSecond(1);
        for (int i = 0; i < 2 + 60; i++) {
            limits.reserve(reply("before-" + i));
        }
        List<String> before = pairs();
        limits.reserve(reply("a"));
        assertThat(pairs()).filteredOn(key -> !before.contains(key)).singleElement()
                .satisfies(key -> assertThat(redis.client().getKeys().remainTimeToLive(key)).isGreaterThan(66_000));
        assertThat(limits.reserve(reply("a"))).isEqualTo(new Reservation(Duration.ofSeconds(5), false));
    }

    private List<String> pairs() {
        return redis.client().getKeys().getKeysStream().filter(key -> key.startsWith("whatsapp:limit:pair:")).toList();
    }

    private List<Reservation> atOnce(int count, Function<Integer, SendRequest> request) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<Reservation>> asked = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                SendRequest one = request.apply(i);
                asked.add(threads.submit(() -> {
                    start.await();
                    return limits.reserve(one);
                }));
            }
            start.countDown();
            List<Reservation> answers = new ArrayList<>();
            for (Future<Reservation> each : asked) {
                answers.add(each.get(20, TimeUnit.SECONDS));
            }
            return answers;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whoAsksAtTheSameMomentGetsAPlaceOfItsOwn() throws Exception {
        List<Duration> delays = atOnce(40, i -> reply("user-" + i)).stream().map(Reservation::delay).sorted().toList();
        for (int i = 0; i < 40; i++) {
            assertThat(delays.get(i)).as("place " + i).isEqualTo(Duration.ofNanos(Math.max(0, i - 7) * 12_500_000L));
        }
    }

    @Test
    void bulkThatAsksAtTheSameMomentLeavesTheRepliesTheirShare() throws Exception {
        List<Reservation> taken = atOnce(32, i -> new SendRequest(NUMBER, "user-" + i, ACCOUNT, false, true, true)).stream()
                .filter(Reservation::reserved).toList();
        assertThat(taken).isNotEmpty().hasSizeLessThanOrEqualTo(6).allMatch(reservation -> reservation.delay().isZero());
        assertThat(limits.remaining(Limits.NUMBER, NUMBER)).as("of 8").isEqualTo(8 - taken.size());
    }

    @Test
    void itIsMadeWhenRedisIsConfigured() {
        redis.empty();
        LimitState made = LimitStates.create(redis.newConnection(), "unused");
        assertThat(made).isInstanceOf(RedisLimitState.class);
        assertThat(new Limits(made).reserve(reply("a")).reserved()).isTrue();
    }

    @Test
    void aRedisThatFailsHoldsTheMessageButNoNoteOfOneThatWasSent() {
        try (TestRedis failing = TestRedis.started()) {
            Limits here = new Limits(new RedisLimitState(failing.connection(), TimeMeter.SYSTEM_MILLISECONDS));
            here.reserve(reply("a"));
            here.pairThrottled(NUMBER, "a");
            failing.stopServer();
            assertThatThrownBy(() -> here.reserve(reply("a"))).isInstanceOf(StateUnavailableException.class);
            assertThatCode(() -> here.sent(NUMBER, "a")).doesNotThrowAnyException();
            assertThatCode(() -> here.throttled(NUMBER)).doesNotThrowAnyException();
            assertThatCode(() -> here.observe(NUMBER, Map.of("X-App-Usage", "{\"total_time\":100}"))).doesNotThrowAnyException();
        }
    }
}
