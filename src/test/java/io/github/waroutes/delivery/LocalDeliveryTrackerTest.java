package io.github.waroutes.delivery;

import io.github.waroutes.state.LocalStateStore;
import io.github.waroutes.state.StateStore;
import io.github.waroutes.state.StateStores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import io.github.waroutes.TestClock;
import org.junit.jupiter.api.Test;

class LocalDeliveryTrackerTest extends DeliveryTrackerContract {

    @Override
    StateStore emptyStore() {
        return new LocalStateStore(10_000, Duration.ofDays(1));
    }

    @Override
    StateStore sameStore(StateStore store) {
        return store;
    }

    @Test
    void noMoreThanTheGivenNumberIsRemembered() {
        DeliveryTracker tracker = new DeliveryTracker(new StateStores(), 100, 30);
        IntStream.range(0, 1000).forEach(i -> tracker.accepted("m" + i, Statuses.NUMBER, "wamid.m" + i, TestClock.START));
        assertThat(IntStream.range(0, 1000).filter(i -> tracker.find("m" + i, Statuses.NUMBER).isPresent()).count()).isBetween(1L, 200L);
    }

    /** A full cache of Caffeine's dropped what was new, as what was there had been asked for more often. */
    @Test
    void theNewestAreKnownHoweverOftenOlderOnesWereAskedFor() {
        DeliveryTracker tracker = new DeliveryTracker(new StateStores(), 100, 30);
        for (int i = 0; i < 2_000; i++) {
            String id = "m" + i;
            tracker.accepted(id, Statuses.NUMBER, "wamid." + id, TestClock.START);
            for (int last = Math.max(0, i - 20); last <= i; last++) {
                assertThat(tracker.find("m" + last, Statuses.NUMBER)).as("message %s after %s", last, i).isPresent();
            }
        }
    }

    @Test
    void aMessageIsForgottenAfterItsTime() {
        AtomicLong nanos = new AtomicLong();
        DeliveryTracker tracker = new DeliveryTracker(new LocalStateStore(10, Duration.ofDays(30), nanos::get), new TestClock());
        tracker.accepted("one", Statuses.NUMBER, WAMID, TestClock.START);
        nanos.addAndGet(Duration.ofDays(29).toNanos());
        assertThat(tracker.find("one", Statuses.NUMBER)).isPresent();
        nanos.addAndGet(Duration.ofDays(2).toNanos());
        assertThat(tracker.find("one", Statuses.NUMBER)).isEmpty();
    }

    @Test
    void sizesThatRememberNothingAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new DeliveryTracker(new StateStores(), -1, 30))
                .withMessage("whatsapp.delivery.size is -1; give 1 or more, or 0 to go by the heap");
        assertThatIllegalArgumentException().isThrownBy(() -> new DeliveryTracker(new StateStores(), 1, 0))
                .withMessage("whatsapp.delivery.days is 0; give 1 or more");
    }
}
