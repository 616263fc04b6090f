package io.github.waroutes.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HandlingLimitTest {

    private static final long WINDOW = 10_000_000;

    private final HandlingLimit limit = new HandlingLimit(4, 32, 0);

    private void storesInProgress(int number, long now) {
        for (int i = 0; i < number; i++) {
            limit.storeBegins(now);
        }
    }

    private void storesEnd(int number) {
        for (int i = 0; i < number; i++) {
            limit.storeEnds();
        }
    }

    @Test
    void allowsTheMostWhileFewStoresAreInProgress() {
        storesInProgress(3, 1);
        assertThat(limit.current(WINDOW)).isEqualTo(32);
        assertThat(limit.current(2 * WINDOW)).isEqualTo(32);
    }

    @Test
    void halvesAfterEachWindowWithTooManyAndNeverGoesBelowOne() {
        storesInProgress(4, 1);
        assertThat(limit.current(WINDOW)).isEqualTo(16);
        assertThat(limit.current(2 * WINDOW)).isEqualTo(8);
        assertThat(limit.current(3 * WINDOW)).isEqualTo(4);
        for (int window = 4; window < 20; window++) {
            limit.current(window * WINDOW);
        }
        assertThat(limit.current(20 * WINDOW)).isEqualTo(1);
    }

    @Test
    void countsAPeakThatWasOverBeforeTheWindowEnded() {
        storesInProgress(4, 1);
        storesEnd(4);
        assertThat(limit.current(WINDOW)).isEqualTo(16);
        assertThat(limit.current(2 * WINDOW)).isEqualTo(17);
    }

    @Test
    void doesNotChangeWithinAWindow() {
        storesInProgress(10, 1);
        assertThat(limit.current(WINDOW - 1)).isEqualTo(32);
    }

    @Test
    void comesBackOneAWindowAlsoForWindowsInWhichNobodyAsked() {
        storesInProgress(4, 1);
        limit.current(WINDOW);
        limit.current(2 * WINDOW);
        storesEnd(4);
        limit.current(3 * WINDOW);
        assertThat(limit.current(4 * WINDOW)).isEqualTo(5);
        assertThat(limit.current(14 * WINDOW)).isEqualTo(15);
        assertThat(limit.current(1000 * WINDOW)).isEqualTo(32);
    }
}
