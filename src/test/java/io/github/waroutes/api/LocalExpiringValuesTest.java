package io.github.waroutes.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;

import io.github.waroutes.state.RedisConnection;
import org.junit.jupiter.api.Test;

class LocalExpiringValuesTest extends ExpiringValuesTest {

    @Override
    ExpiringValues values() {
        return ExpiringValuesFactory.create(new RedisConnection(), "whatsapp:idempotency:", 1000, 24);
    }

    @Override
    ExpiringValues values(Duration timeToLive) {
        return new LocalExpiringValues(1000, timeToLive);
    }

    @Test
    void noMoreAreKeptThanToldSoMemoryIsBounded() {
        ExpiringValues values = new LocalExpiringValues(10, Duration.ofHours(24));
        IntStream.range(0, 10_000).forEach(i -> values.replace("k" + i, null, "v"));
        org.awaitility.Awaitility.await().atMost(LIMIT).untilAsserted(() ->
                assertThat(IntStream.range(0, 10_000).filter(i -> values.get("k" + i) != null).count()).isLessThanOrEqualTo(10));
    }
}
