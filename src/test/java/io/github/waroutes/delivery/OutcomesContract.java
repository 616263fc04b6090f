package io.github.waroutes.delivery;

import static io.github.waroutes.TestClock.START;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;

import io.github.waroutes.TestClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is known of unknown outcomes, wherever it is written down. */
abstract class OutcomesContract {

    private static final Duration SILENCE = Duration.ofMinutes(10);

    private DeliveryTracker tracker;
    private Outcomes outcomes;

    /** What is written down, read again as after a crash. */
    abstract OutcomeJournal reopened();

    abstract void erase();

    @BeforeEach
    void start() {
        erase();
        restart();
    }

    private void restart() {
        tracker = new DeliveryTracker(new LocalStateStore(1000, Duration.ofDays(1)), new TestClock());
        outcomes = new Outcomes(reopened(), tracker, SILENCE);
    }

    private static Instant after(int minutes) {
        return START.plus(Duration.ofMinutes(minutes));
    }

    private void status(String state) {
        tracker.status(Statuses.with(state.equals("failed") ? Statuses.failed("wamid.a", 131026, START)
                : Statuses.status("wamid.a", state, START), "biz_opaque_callback_data", "one"), null);
    }

    @Test
    void untilSomethingIsHeardItWaitsAndThenThereIsSilence() {
        outcomes.unknown("one", START);
        assertThat(outcomes.ask("one", after(0))).isEqualTo(Verdict.WAITING);
        assertThat(outcomes.ask("one", after(10).minusMillis(1))).isEqualTo(Verdict.WAITING);
        assertThat(outcomes.ask("one", after(10))).isEqualTo(Verdict.SILENT);
        assertThat(outcomes.waiting()).isEqualTo(1);
    }

    @Test
    void sayingItAgainDoesNotProlongTheWait() {
        outcomes.unknown("one", START);
        outcomes.unknown("one", after(9));
        assertThat(outcomes.ask("one", after(10))).isEqualTo(Verdict.SILENT);
    }

    @Test
    void aStatusSettlesIt() {
        outcomes.unknown("one", START);
        assertThat(outcomes.settle("one", DeliveryState.SENT)).isTrue();
        assertThat(outcomes.settle("one", DeliveryState.DELIVERED)).as("it is settled once").isFalse();
        assertThat(outcomes.ask("one", after(100))).isEqualTo(Verdict.SETTLED_SENT);
        assertThat(outcomes.waiting()).isZero();
    }

    @Test
    void aFailedStatusSettlesItToo() {
        outcomes.unknown("one", START);
        assertThat(outcomes.settle("one", DeliveryState.FAILED)).isTrue();
        assertThat(outcomes.ask("one", after(1))).isEqualTo(Verdict.SETTLED_FAILED);
    }

    @Test
    void aStatusThatCameBeforeTheSendGaveUpSettlesItAsWell() {
        status("sent");
        assertThat(outcomes.settle("one", DeliveryState.SENT)).as("nobody had asked yet").isFalse();
        outcomes.unknown("one", after(1));
        assertThat(outcomes.ask("one", after(1))).isEqualTo(Verdict.SETTLED_SENT);
        restart();
        assertThat(outcomes.ask("one", after(1))).as("and that is written down").isEqualTo(Verdict.SETTLED_SENT);
    }

    @Test
    void aStatusThatOnlyTheTrackerHeardSettlesIt() {
        outcomes.unknown("one", START);
        status("failed");
        assertThat(outcomes.ask("one", after(100))).isEqualTo(Verdict.SETTLED_FAILED);
    }

    @Test
    void whatNobodyCalledUnknownIsNotUnknown() {
        assertThat(outcomes.ask("one", after(100))).isEqualTo(Verdict.NOT_UNKNOWN);
        assertThat(outcomes.settle("one", DeliveryState.READ)).isFalse();
        assertThat(outcomes.settle(null, DeliveryState.READ)).isFalse();
        assertThat(outcomes.ask("one", after(100))).isEqualTo(Verdict.NOT_UNKNOWN);
    }

    @Test
    void aCrashForgetsNeitherTheWaitNorWhatSettledIt() {
        outcomes.unknown("one", START);
        outcomes.unknown("two", START);
        outcomes.settle("two", DeliveryState.READ);
        outcomes.unknown("three", START);
        outcomes.forget("three");
        restart();
        assertThat(outcomes.ask("one", after(9))).isEqualTo(Verdict.WAITING);
        assertThat(outcomes.ask("one", after(10))).isEqualTo(Verdict.SILENT);
        assertThat(outcomes.ask("two", after(10))).isEqualTo(Verdict.SETTLED_SENT);
        assertThat(outcomes.ask("three", after(10))).isEqualTo(Verdict.NOT_UNKNOWN);
        assertThat(outcomes.waiting()).isEqualTo(1);
    }

    @Test
    void whatIsForgottenMayBecomeUnknownAgain() {
        outcomes.unknown("one", START);
        outcomes.forget("one");
        assertThat(outcomes.ask("one", after(20))).isEqualTo(Verdict.NOT_UNKNOWN);
        outcomes.unknown("one", after(20));
        assertThat(outcomes.ask("one", after(29))).isEqualTo(Verdict.WAITING);
    }
}
