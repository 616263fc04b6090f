package io.github.waroutes.send;

import io.github.waroutes.delivery.DeliveryTracker;
import io.github.waroutes.delivery.Statuses;
import io.github.waroutes.state.LocalStateStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import io.github.waroutes.TestClock;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppNetworkException;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import io.github.waroutes.state.StateUnavailableException;

/** What a message whose answer was lost may do, over tries, crashes and replays. */
class SendOutcomesTest {

    private static final Duration SILENCE = Duration.ofMinutes(10);
    private static final String TRACED = "{\"to\":\"+15555550123\",\"type\":\"text\",\"biz_opaque_callback_data\":\"one\"}";

    private final TestClock clock = new TestClock();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final LocalJournal journal = new LocalJournal();
    private long nanos;
    private DeliveryTracker tracker;
    private SendOutcomes send;
    private Map<String, Object> memo;
    private Exchange current;

    @BeforeEach
    void start() {
        crash();
    }

    /** The process is gone, and one that knows what is written down takes its place. */
    private void crash() {
        tracker = new DeliveryTracker(new LocalStateStore(1000, Duration.ofDays(1)), clock);
        send = new SendOutcomes();
        send.setOutcomes(new Outcomes(journal, tracker, SILENCE, clock, () -> nanos));
        memo = new HashMap<>();
    }

    private void pass(Duration time) {
        clock.move(time);
        nanos += time.toNanos();
    }

    private Exchange exchange(String body, long queueMessage) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setHeader("WhatsAppOutboundId", "one");
        exchange.getMessage().setHeader("WhatsAppPhoneNumberId", Statuses.NUMBER);
        exchange.getMessage().setBody(body.getBytes(StandardCharsets.UTF_8));
        exchange.setProperty(QueueConstants.QUEUE, "whatsapp.outbound");
        exchange.setProperty(QueueConstants.MESSAGE_ID, queueMessage);
        exchange.setProperty(QueueConstants.MEMO, memo);
        return exchange;
    }

    private Exchange asked(String body, long queueMessage) {
        current = exchange(body, queueMessage);
        send.ask(current);
        return current;
    }

    private String ask() {
        return verdict(asked(TRACED, 7));
    }

    private static String verdict(Exchange exchange) {
        return exchange.getVariable(SendOutcomes.VERDICT, String.class);
    }

    /** The message is asked for, and its attempt is noted. */
    private Exchange begun(String body, long queueMessage) {
        asked(body, queueMessage);
        assertThat(verdict(current)).isEqualTo("SEND");
        send.begin(current);
        return current;
    }

    private Exchange begun() {
        return begun(TRACED, 7);
    }

    private void answerIsLost() {
        send.unknown(begun());
    }

    private void silence() {
        // a process listens from its first question on
        ask();
        pass(SILENCE);
    }

    private static void fails(Exchange exchange, boolean outcomeUnknown) {
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new WhatsAppNetworkException(
                ErrorDetails.builder("no").outcomeUnknown(outcomeUnknown).build(), true));
    }

    /** A journal that a crash of the process does not touch, and that fails while a failure is set. */
    private static final class LocalJournal implements OutcomeJournal {

        private final Map<String, Outcome> entries = new HashMap<>();
        private RuntimeException failure;
        private int finds;

        @Override
        public Optional<Outcome> find(String key) {
            finds++;
            if (failure != null) {
                throw failure;
            }
            return Optional.ofNullable(entries.get(key));
        }

        @Override
        public boolean replace(String key, Outcome before, Outcome after) {
            if (failure != null) {
                throw failure;
            }
            if (!Objects.equals(before, entries.get(key))) {
                return false;
            }
            entries.compute(key, (same, now) -> after);
            return true;
        }

        @Override
        public void note(String key, Outcome before, Outcome after) {
            replace(key, before, after);
        }

        @Override
        public void forget(String key, Outcome before) {
            replace(key, before, null);
        }

        @Override
        public void close() {
            // nothing is open
        }
    }

    @Test
    void whatWasOnItsWayAtACrashIsHeldUntilItsStatusComes() {
        begun();
        crash();
        assertThat(ask()).isEqualTo("WAIT");
        tracker.accepted("one", Statuses.NUMBER, "wamid.1", clock.instant());
        assertThat(ask()).isEqualTo("SENT");
    }

    @Test
    void whatMetaTookIsNotSentAgainAfterACrashAndForgottenOnceItIsAcknowledged() {
        Exchange sent = begun();
        send.accepted(sent);
        crash();
        assertThat(ask()).isEqualTo("SENT");
        Runnable acknowledged = current.getProperty(QueueConstants.ON_ACKNOWLEDGED, Runnable.class);
        assertThat(journal.entries).hasSize(1);
        acknowledged.run();
        assertThat(journal.entries).isEmpty();
        sent.getProperty(QueueConstants.ON_ACKNOWLEDGED, Runnable.class).run();
        assertThat(journal.entries).isEmpty();
    }

    @Test
    void whatMetaRefusedMayBeSentAgainAtOnceAndAfterACrash() {
        send.refused(begun());
        assertThat(ask()).isEqualTo("SEND");
        send.refused(begun());
        crash();
        assertThat(ask()).isEqualTo("SEND");
        assertThat(journal.entries).isEmpty();
    }

    @Test
    void aReadReceiptIsNotNotedAsItMayBeSentTwice() {
        Exchange read = exchange("{\"status\":\"read\",\"message_id\":\"wamid.1\"}", 7);
        read.getMessage().setHeader("WhatsAppOutboundType", "read");
        send.ask(read);
        send.begin(read);
        assertThat(journal.entries).isEmpty();
        send.accepted(read);
        assertThat(journal.entries).isEmpty();
    }

    @Test
    void whatAnotherHasBegunMeanwhileWaits() {
        asked(TRACED, 7);
        Exchange mine = current;
        memo = new HashMap<>();
        begun();
        send.begin(mine);
        assertThat(mine.getProperty(QueueConstants.AGAIN_AFTER)).isNotNull();
        send.accepted(mine);
        assertThat(journal.entries.values()).as("it was not sent").extracting(Outcome::verdict).containsExactly(Verdict.WAITING);
    }

    @Test
    void whileRedisIsAwayNothingIsSentAndAfterwardsItGoesAtOnce() {
        asked(TRACED, 7);
        Exchange first = current;
        journal.failure = new StateUnavailableException("away");
        assertThatThrownBy(() -> send.begin(first)).as("it stays in its queue").isInstanceOf(StateUnavailableException.class);
        journal.failure = null;
        assertThat(ask()).isEqualTo("SEND");
    }

    @Test
    void anAttemptThatWasNotedThoughTheAnswerOfRedisWasLostWasNotMade() {
        asked(TRACED, 7);
        Exchange first = current;
        send.setOutcomes(new Outcomes(new OutcomeJournalThatLosesItsAnswer(journal), tracker, SILENCE, clock, () -> nanos));
        assertThatThrownBy(() -> send.begin(first)).isInstanceOf(StateUnavailableException.class);
        assertThat(journal.entries).hasSize(1);
        send.setOutcomes(new Outcomes(journal, tracker, SILENCE, clock, () -> nanos));
        assertThat(ask()).isEqualTo("SEND");
        assertThat(journal.entries).isEmpty();
    }

    private record OutcomeJournalThatLosesItsAnswer(OutcomeJournal journal) implements OutcomeJournal {

        @Override
        public Optional<Outcome> find(String key) {
            return journal.find(key);
        }

        @Override
        public boolean replace(String key, Outcome before, Outcome after) {
            journal.replace(key, before, after);
            throw new StateUnavailableException("lost");
        }

        @Override
        public void note(String key, Outcome before, Outcome after) {
            replace(key, before, after);
        }

        @Override
        public void forget(String key, Outcome before) {
            replace(key, before, null);
        }

        @Override
        public void close() {
            journal.close();
        }
    }

    @Test
    void whatCannotBeNotedWaitsAndIsNotGivenUp() {
        asked(TRACED, 7);
        journal.failure = new IllegalStateException("full");
        send.begin(current);
        assertThat(current.getProperty(QueueConstants.AGAIN_AFTER)).isNotNull();
        assertThat(current.getProperty(Exchange.EXCEPTION_CAUGHT)).isNull();
        assertThat(ask()).as("nor when it cannot even be read").isEqualTo("WAIT");
        assertThat(current.getProperty(QueueConstants.AGAIN_AFTER)).isNotNull();
        journal.failure = null;
        assertThat(ask()).isEqualTo("SEND");
    }

    @Test
    void anAnswerThatIsLostWhileRedisIsAwayIsKnownAsUnknownAllTheSame() {
        Exchange lost = begun();
        journal.failure = new StateUnavailableException("away");
        send.unknown(lost);
        assertThat(lost.getProperty(QueueConstants.AGAIN_AFTER)).isNotNull();
        assertThatThrownBy(this::ask).as("it stays in its queue").isInstanceOf(StateUnavailableException.class);
        journal.failure = null;
        crash();
        assertThat(ask()).isEqualTo("WAIT");
    }

    @Test
    void anAcceptanceThatCannotBeNotedIsNoFailureOfTheSend() {
        Exchange sent = begun();
        journal.failure = new StateUnavailableException("away");
        send.accepted(sent);
        journal.failure = null;
        crash();
        assertThat(ask()).as("a status must tell").isEqualTo("WAIT");
    }

    @Test
    void aMessageThatWaitsForItsPlaceIsLookedUpOnce() {
        ask();
        int finds = journal.finds;
        ask();
        assertThat(journal.finds).isEqualTo(finds);
    }

    @Test
    void whatIsGivenUpForARefusalLeavesNothing() {
        Exchange refused = begun();
        fails(refused, false);
        send.givenUp(refused);
        assertThat(journal.entries).isEmpty();
    }

    @Test
    void whatIsGivenUpForAFailureThatSaysNothingOfMetaIsNotSentByACrash() {
        Exchange failed = begun();
        failed.setProperty(Exchange.EXCEPTION_CAUGHT, new IllegalArgumentException("a fault of ours"));
        send.givenUp(failed);
        crash();
        assertThat(ask()).isEqualTo("GIVE_UP");
        assertThat(verdict(asked(TRACED, 8))).isEqualTo("SEND");
    }

    @Test
    void silenceLetsItBeSentOnceMoreAndThenNoMore() {
        assertThat(ask()).isEqualTo("SEND");
        answerIsLost();
        assertThat(ask()).isEqualTo("WAIT");
        silence();
        assertThat(ask()).isEqualTo("SEND");
        answerIsLost();
        assertThat(ask()).isEqualTo("WAIT");
        silence();
        Exchange last = asked(TRACED, 7);
        assertThat(verdict(last)).isEqualTo("GIVE_UP");
        assertThat(last.getProperty(Exchange.EXCEPTION_CAUGHT)).isInstanceOf(WhatsAppNetworkException.class);
        assertThat(ask()).as("however often it is asked").isEqualTo("GIVE_UP");
    }

    @Test
    void howOftenItWasSentIsNotForgottenByACrashInTheMiddleOfTheSecondTime() {
        answerIsLost();
        silence();
        begun();
        crash();
        assertThat(ask()).isEqualTo("WAIT");
        silence();
        assertThat(ask()).isEqualTo("GIVE_UP");
    }

    @Test
    void aStatusThatComesWhileItWaitsForItsPlaceIsHeardBeforeItIsSentAgain() {
        answerIsLost();
        silence();
        assertThat(ask()).as("a limit lets it wait now").isEqualTo("SEND");
        tracker.accepted("one", Statuses.NUMBER, "wamid.1", clock.instant());
        assertThat(ask()).isEqualTo("SENT");
    }

    @Test
    void aRefusalOfTheSecondTryIsNoResendAndKeepsItFreeToGo() {
        answerIsLost();
        silence();
        for (int i = 0; i < 3; i++) {
            send.refused(begun());
        }
        answerIsLost();
        silence();
        assertThat(ask()).as("that was the one resend").isEqualTo("GIVE_UP");
    }

    @Test
    void whatWasSettledIsStillSettledWhenACrashForgetsThatItWasDone() {
        answerIsLost();
        tracker.accepted("one", Statuses.NUMBER, "wamid.1", clock.instant());
        assertThat(ask()).isEqualTo("SENT");
        crash();
        assertThat(ask()).isEqualTo("SENT");
    }

    @Test
    void whatMetaTookAtTheSecondTryIsSettledForTheNextProcessToo() {
        answerIsLost();
        silence();
        send.accepted(begun());
        crash();
        assertThat(ask()).isEqualTo("SENT");
    }

    @Test
    void whatWasGivenUpIsGivenUpAgainAfterACrashAndSentWhenItIsReplayed() {
        send.setResends(0);
        answerIsLost();
        silence();
        assertThat(ask()).isEqualTo("GIVE_UP");
        send.givenUp(exchange(TRACED, 7));
        crash();
        send.setResends(0);
        assertThat(verdict(asked(TRACED, 7))).isEqualTo("GIVE_UP");
        assertThat(verdict(asked(TRACED, 8))).as("a new message of the queue: somebody put it there").isEqualTo("SEND");
        assertThat(verdict(asked(TRACED, 8))).isEqualTo("SEND");
    }

    @Test
    void withoutOurIdInItNothingCanTellAndItIsGivenUpAtOnce() {
        String others = "{\"to\":\"+15555550123\",\"type\":\"text\",\"biz_opaque_callback_data\":\"campaign-1\"}";
        answerIsLost();
        Exchange asked = asked(others, 7);
        assertThat(verdict(asked)).isEqualTo("GIVE_UP");
        WhatsAppNetworkException failure = asked.getProperty(Exchange.EXCEPTION_CAUGHT, WhatsAppNetworkException.class);
        assertThat(failure).hasMessageContaining("biz_opaque_callback_data");
        assertThat(failure.isOutcomeUnknown()).isTrue();
        silence();
        assertThat(verdict(asked(others, 7))).isEqualTo("GIVE_UP");
    }

    @Test
    void aReadReceiptBringsNothingBackAndMayBeSentTwice() {
        String read = "{\"messaging_product\":\"whatsapp\",\"status\":\"read\",\"message_id\":\"wamid.1\"}";
        answerIsLost();
        silence();
        assertThat(verdict(asked(read, 7))).isEqualTo("SEND");
    }

    @Test
    void ofAPostponedMessageTheTrackerIsAskedToo() {
        tracker.accepted("one", Statuses.NUMBER, "wamid.1", clock.instant());
        assertThat(ask()).isEqualTo("SEND");
        Exchange postponed = exchange(TRACED, 8);
        postponed.getMessage().setHeader("WhatsAppPostponed", 1);
        send.ask(postponed);
        assertThat(verdict(postponed)).isEqualTo("SENT");
    }

    @Test
    void fewerThanNoResendsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> send.setResends(-1)).withMessageContaining("whatsapp.outcome.resends");
    }
}
