package io.github.waroutes.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.waroutes.state.StateStore;
import io.github.waroutes.state.StateStores;
import io.github.waroutes.state.LocalStateStore;
import java.time.Duration;
import java.util.stream.IntStream;

import io.github.waroutes.state.RedisConnection;
import org.junit.jupiter.api.Test;

class LocalApiStoreTest extends ApiStoreContract {

    @Override
    StateStore values() {
        return StateStores.create(new RedisConnection(), "whatsapp:idempotency:", 1000, 24);
    }

    @Override
    StateStore values(Duration timeToLive) {
        return new LocalStateStore(1000, timeToLive);
    }

    @Test
    void noMoreAreKeptThanToldSoMemoryIsBounded() {
        StateStore values = new LocalStateStore(10, Duration.ofHours(24));
        IntStream.range(0, 10_000).forEach(i -> values.replace("k" + i, null, "v"));
        org.awaitility.Awaitility.await().atMost(LIMIT).untilAsserted(() ->
                assertThat(IntStream.range(0, 10_000).filter(i -> values.get("k" + i) != null).count()).isLessThanOrEqualTo(10));
    }
}
