package io.github.waroutes.simulator.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.waroutes.TestClock;
import io.github.waroutes.simulator.common.Refusal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MediaStoreTest {

    private final TestClock clock = new TestClock();
    private final MediaStore store = new MediaStore(100, clock);

    @Test
    void theOldestMediaGiveWayToNewOnes() {
        String first = store.add("audio/ogg", new byte[60]).id();
        String second = store.add("audio/ogg", new byte[60]).id();

        assertThat(store.find(first)).isEmpty();
        assertThat(store.find(second)).isPresent();
        assertThatExceptionOfType(Refusal.class).isThrownBy(() -> store.add("audio/ogg", new byte[101]))
                .satisfies(fault -> assertThat(fault.getHttpStatus()).isEqualTo(413));
        assertThat(store.find(second)).isPresent();
    }

    @Test
    void aMediaTokenLivesFiveMinutesAndOpensOneFileOnly() {
        String token = store.token("1");

        assertThat(store.isToken("1", token)).isTrue();
        assertThat(store.isToken("2", token)).isFalse();
        assertThat(store.isToken("1", "9" + token)).isFalse();
        assertThat(store.isToken("1", "")).isFalse();
        clock.move(Duration.ofMinutes(5));
        assertThat(store.isToken("1", token)).isTrue();
        clock.move(Duration.ofSeconds(1));
        assertThat(store.isToken("1", token)).isFalse();
    }
}
