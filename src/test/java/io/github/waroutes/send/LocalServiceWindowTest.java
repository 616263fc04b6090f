package io.github.waroutes.send;

import io.github.waroutes.state.LocalStateStore;
import io.github.waroutes.state.StateStore;
import io.github.waroutes.state.StateStores;
import io.github.waroutes.delivery.Statuses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import io.github.waroutes.TestClock;
import org.junit.jupiter.api.Test;

class LocalServiceWindowTest extends ServiceWindowContract {

    @Override
    StateStore emptyStore() {
        return new LocalStateStore(100, Duration.ofHours(720));
    }

    @Test
    void aUserWhoIsForgottenIsUnknownAgain() {
        AtomicLong nanos = new AtomicLong();
        ServiceWindow window = new ServiceWindow(new LocalStateStore(100, Duration.ofHours(48), nanos::get), new TestClock());
        window.userWrote("1", Statuses.USER, TestClock.START);
        nanos.set(Duration.ofHours(47).toNanos());
        assertThat(window.isOpen("1", Statuses.USER, TestClock.START.plus(Duration.ofHours(47)))).isEqualTo(WindowState.CLOSED);
        nanos.set(Duration.ofHours(49).toNanos());
        assertThat(window.isOpen("1", Statuses.USER, TestClock.START.plus(Duration.ofHours(49)))).isEqualTo(WindowState.UNKNOWN);
    }

    @Test
    void aTimeInWhichNoWindowCouldCloseIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ServiceWindow(new StateStores(), 10, 24))
                .withMessageContaining("give more than 24");
    }
}
