package io.github.waroutes.send;

import io.github.waroutes.delivery.DeliveryState;
import io.github.waroutes.delivery.DeliveryTracker;
import io.github.waroutes.state.LocalStateStore;
import io.github.waroutes.delivery.Statuses;

import static io.github.waroutes.TestClock.START;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import io.github.waroutes.TestClock;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
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

    @Test
    void timeInWhichTheProcessIsDownIsNoSilence() {
        outcomes.unknown("one", START);
        restart();
        assertThat(outcomes.ask("one", after(60))).as("nobody listened for an hour").isEqualTo(Verdict.WAITING);
        assertThat(outcomes.ask("one", after(70).minusMillis(1))).isEqualTo(Verdict.WAITING);
        assertThat(outcomes.ask("one", after(70))).isEqualTo(Verdict.SILENT);
    }

    @Test
    void thereIsNoSilenceWhileStatusesThatHaveComeWaitToBeLookedAt() {
        List<Instant> asked = new ArrayList<>();
        boolean[] behind = {true};
        outcomes.setBacklog(moment -> {
            asked.add(moment);
            return behind[0];
        });
        outcomes.unknown("one", START);
        assertThat(outcomes.ask("one", after(9))).isEqualTo(Verdict.WAITING);
        assertThat(asked).as("too early to ask").isEmpty();
        assertThat(outcomes.ask("one", after(30))).isEqualTo(Verdict.WAITING);
        assertThat(asked).as("statuses that came in time count").containsExactly(after(10));
        behind[0] = false;
        assertThat(outcomes.ask("one", after(31))).isEqualTo(Verdict.SILENT);
    }

    @Test
    void aStatusThatWasTheLastOfTheBacklogIsNotOverlooked() {
        outcomes.setBacklog(moment -> {
            outcomes.settle("one", DeliveryState.DELIVERED);
            return false;
        });
        outcomes.unknown("one", START);
        assertThat(outcomes.ask("one", after(10))).isEqualTo(Verdict.SETTLED_SENT);
    }

    @Test
    void thatItWaitsInOurQueueSettlesNothing() {
        tracker.queuedNow("one");
        outcomes.unknown("one", START);
        assertThat(outcomes.settle("one", DeliveryState.QUEUED)).isFalse();
        assertThat(outcomes.ask("one", START)).isEqualTo(Verdict.WAITING);
        tracker.accepted("one", "wamid.a", START);
        assertThat(outcomes.ask("one", START)).as("this is Meta's word").isEqualTo(Verdict.SETTLED_SENT);
    }

    @Test
    void thatWeGaveItUpBeforeSettlesNothing() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setHeader("WhatsAppOutboundId", "one");
        assertThat(tracker.givenUpNow(exchange).delivery().state()).isEqualTo(DeliveryState.FAILED);
        outcomes.unknown("one", START);
        assertThat(outcomes.ask("one", START)).isEqualTo(Verdict.WAITING);
        assertThat(outcomes.askTracker("one")).isEqualTo(Verdict.NOT_UNKNOWN);
    }

    @Test
    void theTrackerKnowsWhatWasTakenThoughNobodyCalledItUnknown() {
        tracker.queuedNow("one");
        assertThat(outcomes.askTracker("one")).isEqualTo(Verdict.NOT_UNKNOWN);
        tracker.accepted("one", "wamid.a", START);
        assertThat(outcomes.askTracker("one")).isEqualTo(Verdict.SETTLED_SENT);
        tracker.status(Statuses.failed("wamid.a", 131026, START), null);
        assertThat(outcomes.askTracker("one")).isEqualTo(Verdict.SETTLED_FAILED);
    }

    @Test
    void aResendIsCountedBeginsTheSilenceAnewAndIsNotForgotten() {
        outcomes.unknown("one", START);
        outcomes.resent("one", after(10));
        outcomes.unknown("one", after(11));
        restart();
        assertThat(outcomes.ask("one", after(11))).isEqualTo(Verdict.WAITING);
        assertThat(outcomes.find("one")).contains(new Outcome(after(10), Verdict.WAITING, 1, null));
        assertThat(outcomes.ask("one", after(21))).isEqualTo(Verdict.SILENT);
        outcomes.resent("one", after(21));
        assertThat(outcomes.find("one").orElseThrow().resends()).isEqualTo(2);
    }

    @Test
    void aResendThatMetaRefusedWasNone() {
        outcomes.unknown("one", START);
        Outcome before = outcomes.find("one").orElseThrow();
        outcomes.resent("one", after(10));
        outcomes.notResent("one", before);
        assertThat(outcomes.ask("one", after(10))).isEqualTo(Verdict.SILENT);
        outcomes.settle("one", DeliveryState.SENT);
        outcomes.notResent("one", before);
        assertThat(outcomes.ask("one", after(10))).as("a status that came meanwhile holds").isEqualTo(Verdict.SETTLED_SENT);
    }

    @Test
    void whatWasGivenUpIsKnownAsThatAndAStatusStillTellsThatItWasSent() {
        outcomes.giveUp("other", "queue 6");
        assertThat(outcomes.find("other")).as("nothing was unknown of it").isEmpty();
        outcomes.unknown("one", START);
        outcomes.giveUp("one", "queue 7");
        restart();
        assertThat(outcomes.ask("one", after(60))).isEqualTo(Verdict.GIVEN_UP);
        assertThat(outcomes.find("one").orElseThrow().givenUpAs()).isEqualTo("queue 7");
        assertThat(outcomes.settle("one", DeliveryState.FAILED)).as("whoever replays it wants it sent").isFalse();
        assertThat(outcomes.settle("one", DeliveryState.READ)).isTrue();
        assertThat(outcomes.ask("one", after(60))).isEqualTo(Verdict.SETTLED_SENT);
    }

    @Test
    void anEntryOfAnOlderVersionIsRead() {
        assertThat(Outcome.fromJson("{\"since\":\"2026-06-01T12:00:00Z\",\"verdict\":\"WAITING\"}"))
                .isEqualTo(new Outcome(START, Verdict.WAITING, 0, null));
    }
}
