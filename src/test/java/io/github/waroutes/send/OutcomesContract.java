package io.github.waroutes.send;

import io.github.waroutes.delivery.DeliveryState;
import io.github.waroutes.delivery.DeliveryTracker;
import io.github.waroutes.state.LocalStateStore;
import io.github.waroutes.delivery.Statuses;

import static io.github.waroutes.TestClock.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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

    private final TestClock clock = new TestClock();
    private long nanos = System.nanoTime();
    private DeliveryTracker tracker;
    private Outcomes outcomes;

    /** What is written down, read by another process after this one was killed. */
    abstract OutcomeJournal reopened();

    /** The same, while the first process goes on writing. */
    abstract OutcomeJournal peeked();

    abstract void erase();

    @BeforeEach
    void start() {
        erase();
        restart();
    }

    private void restart() {
        tracker = new DeliveryTracker(new LocalStateStore(1000, Duration.ofDays(1)), new TestClock());
        outcomes = new Outcomes(reopened(), tracker, SILENCE, clock, () -> nanos);
    }

    private void pass(Duration time) {
        clock.move(time);
        nanos += time.toNanos();
    }

    private void passMinutes(int minutes) {
        pass(Duration.ofMinutes(minutes));
    }

    private Verdict ask() {
        return outcomes.ask("one", Statuses.NUMBER).verdict();
    }

    private Outcome begin(String id, Outcome before) {
        Outcome attempt = outcomes.attempt(before, before != null, Statuses.NUMBER);
        assertThat(outcomes.begin(id, before, attempt)).isTrue();
        return attempt;
    }

    private Outcome answerIsLost(String id) {
        Outcome attempt = begin(id, null);
        outcomes.unknown(id, Statuses.NUMBER, attempt);
        return attempt;
    }

    private void status(String state) {
        tracker.status(Statuses.with(state.equals("failed") ? Statuses.failed("wamid.a", 131026, START)
                : Statuses.status("wamid.a", state, START), "biz_opaque_callback_data", "one"), Statuses.NUMBER, null);
    }

    @Test
    void anAttemptThatACrashLeftWithoutAnOutcomeWaitsForItsStatus() {
        begin("one", null);
        restart();
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        assertThat(outcomes.settle("one", Statuses.NUMBER, DeliveryState.SENT)).isTrue();
        restart();
        assertThat(ask()).isEqualTo(Verdict.SETTLED_SENT);
    }

    @Test
    void anAttemptThatACrashLeftWithoutAnOutcomeWasNotMadeIfNothingIsHeard() {
        begin("one", null);
        restart();
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        passMinutes(10);
        assertThat(ask()).isEqualTo(Verdict.SILENT);
    }

    @Test
    void whatMetaTookIsKnownAfterACrashThoughNobodyWaitedForTheNote() {
        outcomes.accepted("one", begin("one", null));
        awaitNoted("one", Verdict.SETTLED_SENT);
        restart();
        assertThat(ask()).isEqualTo(Verdict.SETTLED_SENT);
    }

    @Test
    void whatMetaRefusedMayBeSentAgainAndAfterACrashToo() {
        outcomes.refused("one", begin("one", null), null);
        awaitNoted("one", null);
        restart();
        assertThat(ask()).isEqualTo(Verdict.NOT_UNKNOWN);
        begin("one", null);
    }

    // the journal is read as a killed process leaves it; what is not there yet is on its way
    private void awaitNoted(String id, Verdict verdict) {
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            Outcomes seen = new Outcomes(peeked(), tracker, SILENCE, clock, () -> nanos);
            assertThat(seen.find(id).map(Outcome::verdict).orElse(null)).isEqualTo(verdict);
        });
    }

    @Test
    void ofTwoWhoHoldAMessageOneSendsIt() {
        Outcome mine = outcomes.attempt(null, false, Statuses.NUMBER);
        pass(Duration.ofNanos(1000));
        Outcome others = outcomes.attempt(null, false, Statuses.NUMBER);
        assertThat(outcomes.begin("one", null, mine)).isTrue();
        assertThat(outcomes.begin("one", null, others)).isFalse();
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        outcomes.accepted("one", mine);
        awaitNoted("one", Verdict.SETTLED_SENT);
        assertThat(outcomes.begin("one", mine, others)).isFalse();
    }

    @Test
    void aRefusalThatCameForAnotherAttemptChangesNothing() {
        Outcome first = begin("one", null);
        pass(Duration.ofNanos(1000));
        Outcome second = begin("one", first);
        outcomes.notMade("one", first, null);
        assertThat(outcomes.find("one")).contains(second);
    }

    @Test
    void whatIsDoneIsForgottenAndWhatChangedMeanwhileIsNot() {
        Outcome accepted = outcomes.accepted("one", begin("one", null));
        // two notes that nobody waits for may come to Redis in either order, over two connections
        awaitNoted("one", Verdict.SETTLED_SENT);
        outcomes.forget("one", accepted);
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(outcomes.find("one")).isEmpty());
        Outcome lost = answerIsLost("two");
        outcomes.forget("two", accepted);
        assertThat(outcomes.find("two")).contains(lost);
    }

    @Test
    void aClockThatIsSetIsNeitherSilenceNorAWait() {
        answerIsLost("one");
        clock.move(Duration.ofHours(6));
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        clock.move(Duration.ofHours(-12));
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        nanos += SILENCE.toNanos();
        assertThat(ask()).isEqualTo(Verdict.SILENT);
    }

    @Test
    void untilSomethingIsHeardItWaitsAndThenThereIsSilence() {
        answerIsLost("one");
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        pass(SILENCE.minusMillis(1));
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        pass(Duration.ofMillis(1));
        assertThat(ask()).isEqualTo(Verdict.SILENT);
    }

    @Test
    void silenceBeginsWhenTheAnswerWasLostAndNotWhenItWasSent() {
        Outcome attempt = begin("one", null);
        passMinutes(9);
        outcomes.unknown("one", Statuses.NUMBER, attempt);
        passMinutes(9);
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        passMinutes(1);
        assertThat(ask()).isEqualTo(Verdict.SILENT);
    }

    @Test
    void sayingItAgainDoesNotProlongTheWait() {
        Outcome attempt = answerIsLost("one");
        passMinutes(9);
        outcomes.unknown("one", Statuses.NUMBER, attempt);
        passMinutes(1);
        assertThat(ask()).isEqualTo(Verdict.SILENT);
    }

    @Test
    void whatWasNotNotedBeforeIsNotedWhenItsAnswerIsLost() {
        outcomes.unknown("one", Statuses.NUMBER, null);
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        passMinutes(9);
        outcomes.unknown("one", Statuses.NUMBER, null);
        passMinutes(1);
        assertThat(ask()).isEqualTo(Verdict.SILENT);
        restart();
        assertThat(ask()).isEqualTo(Verdict.WAITING);
    }

    @Test
    void aStatusSettlesIt() {
        answerIsLost("one");
        assertThat(outcomes.settle("one", Statuses.NUMBER, DeliveryState.SENT)).isTrue();
        assertThat(outcomes.settle("one", Statuses.NUMBER, DeliveryState.DELIVERED)).as("it is settled once").isFalse();
        passMinutes(100);
        assertThat(ask()).isEqualTo(Verdict.SETTLED_SENT);
    }

    @Test
    void aFailedStatusSettlesItToo() {
        answerIsLost("one");
        assertThat(outcomes.settle("one", Statuses.NUMBER, DeliveryState.FAILED)).isTrue();
        assertThat(ask()).isEqualTo(Verdict.SETTLED_FAILED);
    }

    @Test
    void whatAnotherNumberIsToldSettlesNothing() {
        answerIsLost("one");
        assertThat(outcomes.settle("one", "106540352242999", DeliveryState.SENT)).isFalse();
        assertThat(outcomes.ask("one", Statuses.NUMBER).verdict()).isEqualTo(Verdict.WAITING);
        assertThat(outcomes.settle("one", Statuses.NUMBER, DeliveryState.SENT)).isTrue();
    }

    @Test
    void aStatusThatComesBeforeTheAnswerSettlesIt() {
        Outcome attempt = begin("one", null);
        assertThat(outcomes.settle("one", Statuses.NUMBER, DeliveryState.FAILED)).isTrue();
        outcomes.accepted("one", attempt);
        assertThat(ask()).as("the answer is older news").isEqualTo(Verdict.SETTLED_FAILED);
    }

    @Test
    void aStatusThatOnlyTheTrackerHeardSettlesItAndThatIsWrittenDown() {
        answerIsLost("one");
        status("failed");
        passMinutes(100);
        assertThat(ask()).isEqualTo(Verdict.SETTLED_FAILED);
        restart();
        assertThat(ask()).isEqualTo(Verdict.SETTLED_FAILED);
    }

    @Test
    void whatWasNeverTriedIsNotUnknown() {
        assertThat(ask()).isEqualTo(Verdict.NOT_UNKNOWN);
        assertThat(outcomes.settle("one", Statuses.NUMBER, DeliveryState.READ)).isFalse();
        assertThat(outcomes.settle(null, Statuses.NUMBER, DeliveryState.READ)).isFalse();
        assertThat(ask()).isEqualTo(Verdict.NOT_UNKNOWN);
    }

    @Test
    void timeInWhichTheProcessIsDownIsNoSilence() {
        answerIsLost("one");
        restart();
        passMinutes(60);
        assertThat(ask()).as("nobody listened for an hour").isEqualTo(Verdict.WAITING);
        pass(SILENCE.minusMillis(1));
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        pass(Duration.ofMillis(1));
        assertThat(ask()).isEqualTo(Verdict.SILENT);
    }

    @Test
    void thereIsNoSilenceWhileStatusesThatHaveComeWaitToBeLookedAt() {
        List<Instant> asked = new ArrayList<>();
        boolean[] behind = {true};
        outcomes.setBacklog(moment -> {
            asked.add(moment);
            return behind[0];
        });
        answerIsLost("one");
        passMinutes(9);
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        assertThat(asked).as("too early to ask").isEmpty();
        passMinutes(21);
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        assertThat(asked).as("statuses that came in time count").containsExactly(START.plus(SILENCE));
        behind[0] = false;
        assertThat(ask()).isEqualTo(Verdict.SILENT);
    }

    @Test
    void aStatusThatWasTheLastOfTheBacklogIsNotOverlooked() {
        outcomes.setBacklog(moment -> {
            outcomes.settle("one", Statuses.NUMBER, DeliveryState.DELIVERED);
            return false;
        });
        answerIsLost("one");
        pass(SILENCE);
        assertThat(ask()).isEqualTo(Verdict.SETTLED_SENT);
    }

    @Test
    void thatItWaitsInOurQueueSettlesNothing() {
        tracker.queuedNow("one", Statuses.NUMBER_HEADER);
        answerIsLost("one");
        assertThat(outcomes.settle("one", Statuses.NUMBER, DeliveryState.QUEUED)).isFalse();
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        tracker.accepted("one", Statuses.NUMBER, "wamid.a", START);
        assertThat(ask()).as("this is Meta's word").isEqualTo(Verdict.SETTLED_SENT);
    }

    @Test
    void thatWeGaveItUpBeforeSettlesNothing() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setHeader("WhatsAppOutboundId", "one");
        assertThat(tracker.givenUpNow(exchange).delivery().state()).isEqualTo(DeliveryState.FAILED);
        answerIsLost("one");
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        assertThat(outcomes.askTracker("one", Statuses.NUMBER)).isEqualTo(Verdict.NOT_UNKNOWN);
    }

    @Test
    void theTrackerKnowsWhatWasTakenThoughNoAttemptIsWrittenDown() {
        tracker.queuedNow("one", Statuses.NUMBER_HEADER);
        assertThat(outcomes.askTracker("one", Statuses.NUMBER)).isEqualTo(Verdict.NOT_UNKNOWN);
        tracker.accepted("one", Statuses.NUMBER, "wamid.a", START);
        assertThat(outcomes.askTracker("one", Statuses.NUMBER)).isEqualTo(Verdict.SETTLED_SENT);
        tracker.status(Statuses.failed("wamid.a", 131026, START), Statuses.NUMBER, null);
        assertThat(outcomes.askTracker("one", Statuses.NUMBER)).isEqualTo(Verdict.SETTLED_FAILED);
    }

    @Test
    void aResendIsCountedBeginsTheSilenceAnewAndIsNotForgotten() {
        Outcome first = answerIsLost("one");
        pass(SILENCE);
        assertThat(ask()).isEqualTo(Verdict.SILENT);
        Outcome second = begin("one", first);
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        restart();
        assertThat(ask()).isEqualTo(Verdict.WAITING);
        assertThat(outcomes.find("one")).contains(second);
        assertThat(second.resends()).isEqualTo(1);
        pass(SILENCE);
        assertThat(ask()).isEqualTo(Verdict.SILENT);
        assertThat(begin("one", second).resends()).isEqualTo(2);
    }

    @Test
    void aResendThatMetaRefusedWasNone() {
        Outcome first = answerIsLost("one");
        pass(SILENCE);
        ask();
        outcomes.notMade("one", begin("one", first), first);
        assertThat(outcomes.find("one")).contains(first);
        Outcome again = begin("one", first);
        outcomes.settle("one", Statuses.NUMBER, DeliveryState.SENT);
        outcomes.notMade("one", again, first);
        assertThat(ask()).as("a status that came meanwhile holds").isEqualTo(Verdict.SETTLED_SENT);
    }

    @Test
    void whatWasGivenUpIsKnownAsThatAndAStatusStillTellsThatItWasSent() {
        outcomes.giveUp("other", "queue 6");
        assertThat(outcomes.find("other")).as("nothing was unknown of it").isEmpty();
        answerIsLost("one");
        outcomes.giveUp("one", "queue 7");
        restart();
        assertThat(ask()).isEqualTo(Verdict.GIVEN_UP);
        assertThat(outcomes.find("one").orElseThrow().givenUpAs()).isEqualTo("queue 7");
        assertThat(outcomes.settle("one", Statuses.NUMBER, DeliveryState.FAILED)).as("whoever replays it wants it sent").isFalse();
        assertThat(outcomes.settle("one", Statuses.NUMBER, DeliveryState.READ)).isTrue();
        assertThat(ask()).isEqualTo(Verdict.SETTLED_SENT);
        outcomes.giveUp("one", "queue 8");
        assertThat(ask()).as("what Meta has is not sent by a replay").isEqualTo(Verdict.SETTLED_SENT);
    }

    @Test
    void anEntryOfAnOlderVersionIsRead() {
        assertThat(Outcome.fromJson("{\"since\":\"2026-06-01T12:00:00Z\",\"verdict\":\"WAITING\"}"))
                .isEqualTo(new Outcome(START, Verdict.WAITING, 0, null, null));
    }
}
