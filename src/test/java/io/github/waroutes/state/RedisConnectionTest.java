package io.github.waroutes.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.github.waroutes.TestPorts;
import io.github.waroutes.TestRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.redisson.api.RBucket;
import org.redisson.client.RedisException;

/** A Redis that goes away holds nobody up. */
class RedisConnectionTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @RegisterExtension
    final TestRedis redis = new TestRedis();

    private void write(String value) {
        redis.connection().tell(client -> client.getBucket("whatsapp:test").set(value));
    }

    private static long millis(Runnable task) {
        return millis(task, StateUnavailableException.class);
    }

    private static long millis(Runnable task, Class<? extends Exception> failure) {
        long began = System.nanoTime();
        assertThatThrownBy(task::run).isInstanceOf(failure);
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    private void awaitAway() {
        await().atMost(LIMIT).untilAsserted(
                () -> assertThatThrownBy(() -> redis.connection().tell(client -> { })).isInstanceOf(StateUnavailableException.class));
    }

    private void awaitBack() {
        await().atMost(LIMIT).ignoreExceptions().untilAsserted(() -> {
            write("back");
            assertThat(redis.connection().awayFor()).isZero();
        });
    }

    @Test
    void oneThatHangsFailsACallAfterTheTimeOutAndTheNextOnesAtOnce() {
        write("before");
        redis.freeze();
        assertThat(millis(() -> write("lost"))).isLessThan(2_000);
        awaitAway();
        assertThat(millis(() -> write("refused"))).isLessThan(200);
        assertThatThrownBy(() -> redis.connection().tell(client -> { })).isInstanceOf(StateUnavailableException.class);
        assertThat(redis.connection().awayFor()).isPositive();
        redis.thaw();
        awaitBack();
    }

    @Test
    void oneThatIsGoneFailsACallAndIsFoundAgain() {
        write("before");
        redis.stopServer();
        assertThat(millis(() -> write("lost"))).isLessThan(2_000);
        awaitAway();
        redis.startServer();
        awaitBack();
    }

    @Test
    void whatWasMadeFromTheClientEarlierIsRefusedWithinTheTimeOutToo() {
        RBucket<String> kept = redis.client().getBucket("whatsapp:test");
        kept.set("before");
        redis.freeze();
        awaitAway();
        assertThat(millis(() -> kept.set("lost"), RedisException.class)).isLessThan(2_000);
    }

    @Test
    void onesTimeOutIsAProperty() {
        try (RedisConnection patient = new RedisConnection()) {
            patient.setUrl(redis.url());
            patient.setTimeout(3_000);
            patient.tell(client -> client.getBucket("whatsapp:test").set("before"));
            redis.freeze();
            assertThat(millis(() -> patient.ask(client -> client.getBucket("whatsapp:test").get()))).isBetween(2_500L, 4_500L);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new RedisConnection().setTimeout(0))
                .withMessageStartingWith("whatsapp.redis.timeout must be");
    }

    @Test
    void oneThatIsNotThereAtTheStartIsAClearError() {
        try (RedisConnection nobody = new RedisConnection()) {
            nobody.setUrl("redis://127.0.0.1:" + TestPorts.free());
            assertThatThrownBy(nobody::requireConnection).isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("whatsapp.redis.url does not answer.");
        }
    }
}
