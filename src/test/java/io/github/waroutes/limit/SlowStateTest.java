package io.github.waroutes.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import org.junit.jupiter.api.Test;

/** A state elsewhere that does not answer one caller, while it answers the others. */
class SlowStateTest {

    private static final String NUMBER = "106540352242922";

    private final ManualTime time = new ManualTime();
    private final LocalLimitState local = new LocalLimitState(time);
    private final AtomicBoolean hangs = new AtomicBoolean();
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);

    private static SendRequest reply(String user) {
        return new SendRequest(NUMBER, user, "account", false, true, false);
    }

    @Test
    void aCallerThatWaitsForItStandsInNobodysWay() throws Exception {
        Limits limits = new Limits(new Remote());
        limits.reserve(reply("before"));
        hangs.set(true);
        CompletableFuture<Reservation> slow = CompletableFuture.supplyAsync(() -> limits.reserve(reply("slow")));
        try {
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            CompletableFuture<Reservation> other = CompletableFuture.supplyAsync(() -> limits.reserve(reply("other")));
            assertThat(other.get(10, TimeUnit.SECONDS).reserved()).isTrue();
            CompletableFuture.runAsync(() -> limits.received(NUMBER)).get(10, TimeUnit.SECONDS);
            CompletableFuture.runAsync(() -> limits.throttled(NUMBER)).get(10, TimeUnit.SECONDS);
            assertThat(slow).isNotDone();
        } finally {
            answer.countDown();
        }
        assertThat(slow.get(10, TimeUnit.SECONDS).reserved()).isTrue();
    }

    @Test
    void aRateThatWasLookedUpBeforeTheLastChangeDoesNotUndoIt() {
        Remote state = new Remote();
        NumberLimit number = new NumberLimit(NUMBER, state, 0.1);
        long before = time.currentTimeNanos();
        time.pass(Duration.ofMillis(1));
        number.bucket(40, time.currentTimeNanos());
        number.bucket(80, before);
        assertThat(state.numberConfiguration(NUMBER).orElseThrow().getBandwidths()[0].getCapacity()).isEqualTo(4);
        number.bucket(80, time.currentTimeNanos());
        assertThat(state.numberConfiguration(NUMBER).orElseThrow().getBandwidths()[0].getCapacity()).isEqualTo(8);
    }

    private final class Remote implements LimitState {

        @Override
        public boolean isRemote() {
            return true;
        }

        @Override
        public Map<String, String> read(Collection<String> keys) {
            if (hangs.compareAndSet(true, false)) {
                asked.countDown();
                try {
                    answer.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            return local.read(keys);
        }

        @Override
        public TimeMeter time() {
            return time;
        }

        @Override
        public Bucket number(String phoneNumberId, Supplier<BucketConfiguration> configuration) {
            return local.number(phoneNumberId, configuration);
        }

        @Override
        public Optional<BucketConfiguration> numberConfiguration(String phoneNumberId) {
            return local.numberConfiguration(phoneNumberId);
        }

        @Override
        public ConsumptionProbe takePair(String pair, BucketConfiguration configuration, long atNanos) {
            return local.takePair(pair, configuration, atNanos);
        }

        @Override
        public void write(String key, String value, Duration timeToLive) {
            local.write(key, value, timeToLive);
        }

        @Override
        public void delete(String key) {
            local.delete(key);
        }

        @Override
        public long takeUser(String accountId, long userHash, long limit) {
            return local.takeUser(accountId, userHash, limit);
        }

        @Override
        public long users(String accountId) {
            return local.users(accountId);
        }
    }
}
