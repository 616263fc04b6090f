package io.github.waroutes.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import io.github.waroutes.TestPorts;
import io.github.waroutes.TestRedis;
import io.github.waroutes.state.RedisConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Against a real Redis server. */
class RedisIdempotentRepositoryTest {

    private static final Duration TIME_TO_LIVE = Duration.ofHours(192);

    private static final List<RedisConnection> connections = new ArrayList<>();

    @RegisterExtension
    static final TestRedis redis = new TestRedis();

    private RedisIdempotentRepository repository;

    @BeforeEach
    void start() {
        redis.empty();
        repository = started();
    }

    @AfterEach
    void stop() {
        repository.stop();
        connections.forEach(RedisConnection::close);
    }

    private static RedisConnection connection(String url) {
        RedisConnection connection = new RedisConnection();
        connection.setUrl(url);
        connections.add(connection);
        return connection;
    }

    private static RedisIdempotentRepository started() {
        RedisIdempotentRepository repository = new RedisIdempotentRepository(connection(' ' + redis.url() + ' '), TIME_TO_LIVE);
        repository.start();
        return repository;
    }

    @Test
    void addsAKeyOnceAndForgetsItWhenItIsRemoved() {
        assertThat(repository.contains("message:a")).isFalse();
        assertThat(repository.add("message:a")).isTrue();
        assertThat(repository.contains("message:a")).isTrue();
        assertThat(repository.add("message:a")).isFalse();
        assertThat(repository.add("message:b")).isTrue();
        assertThat(repository.confirm("message:a")).isTrue();
        assertThat(repository.remove("message:a")).isTrue();
        assertThat(repository.remove("message:a")).isFalse();
        assertThat(repository.contains("message:a")).isFalse();
        assertThat(repository.contains("message:b")).isTrue();
    }

    @Test
    void everyKeyHasItsTimeToLive() {
        repository.add("message:a");
        assertThat(redis.client().getBucket("whatsapp:handled:message:a").remainTimeToLive())
                .isBetween(TIME_TO_LIVE.minusMinutes(1).toMillis(), TIME_TO_LIVE.toMillis());
    }

    @Test
    void aSecondAddDoesNotProlongTheTimeToLive() {
        repository.add("message:a");
        redis.client().getBucket("whatsapp:handled:message:a").expire(Duration.ofMinutes(5));
        repository.add("message:a");
        assertThat(redis.client().getBucket("whatsapp:handled:message:a").remainTimeToLive()).isLessThanOrEqualTo(300_000);
    }

    @Test
    void twoInstancesShareWhatTheyKnow() {
        RedisIdempotentRepository other = started();
        try {
            assertThat(repository.add("message:a")).isTrue();
            assertThat(other.contains("message:a")).isTrue();
            assertThat(other.add("message:a")).isFalse();
        } finally {
            other.stop();
        }
    }

    @Test
    void ofManyAtOnceOneAdds() throws Exception {
        RedisIdempotentRepository other = started();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            Callable<Boolean> here = () -> repository.add("message:a");
            Callable<Boolean> there = () -> other.add("message:a");
            int added = 0;
            for (Future<Boolean> one : threads.invokeAll(IntStream.range(0, 40).mapToObj(i -> i % 2 == 0 ? here : there).toList())) {
                added += one.get() ? 1 : 0;
            }
            assertThat(added).isEqualTo(1);
        } finally {
            threads.shutdownNow();
            other.stop();
        }
    }

    @Test
    void clearLeavesWhatOthersKeepInTheSameRedis() {
        redis.client().getBucket("somebody-elses").set("1");
        repository.add("message:a");
        repository.clear();
        assertThat(repository.contains("message:a")).isFalse();
        assertThat(redis.client().getBucket("somebody-elses").isExists()).isTrue();
    }

    @Test
    void whatIsKnownOutlivesARestartOfThisProcess() {
        repository.add("message:a");
        repository.stop();
        repository.start();
        assertThat(repository.contains("message:a")).isTrue();
    }

    @Test
    void aServerThatDoesNotAnswerStopsTheStartWithAReadableLine() {
        RedisIdempotentRepository nowhere = new RedisIdempotentRepository(connection("redis://127.0.0.1:" + TestPorts.free()), TIME_TO_LIVE);
        assertThatIllegalStateException().isThrownBy(nowhere::doStart)
                .withMessageStartingWith("whatsapp.redis.url does not answer. Start Redis there");
    }
}
