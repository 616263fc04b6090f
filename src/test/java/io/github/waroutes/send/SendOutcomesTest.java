package io.github.waroutes.send;

import io.github.waroutes.delivery.DeliveryTracker;
import io.github.waroutes.state.LocalStateStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import io.github.waroutes.TestClock;
import io.github.waroutes.error.WhatsAppNetworkException;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.redisson.client.RedisException;

/** What a message whose answer was lost may do, over tries, crashes and replays. */
class SendOutcomesTest {

    private static final Duration SILENCE = Duration.ofMinutes(10);
    private static final String TRACED = "{\"to\":\"+15555550123\",\"type\":\"text\",\"biz_opaque_callback_data\":\"one\"}";

    @TempDir
    Path directory;

    private final TestClock clock = new TestClock();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private DeliveryTracker tracker;
    private SendOutcomes send;
    private Map<String, Object> memo;

    @BeforeEach
    void start() {
        crash();
    }

    /** The process is gone, and one that knows what is on disk takes its place. */
    private void crash() {
        tracker = new DeliveryTracker(new LocalStateStore(1000, Duration.ofDays(1)), clock);
        send = new SendOutcomes(clock);
        send.setOutcomes(new Outcomes(new FileOutcomeJournal(directory, 100, Duration.ofDays(30), clock), tracker, SILENCE));
        memo = new HashMap<>();
    }

    private Exchange exchange(String body, long queueMessage) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setHeader("WhatsAppOutboundId", "one");
        exchange.getMessage().setBody(body.getBytes(StandardCharsets.UTF_8));
        exchange.setProperty(QueueConstants.QUEUE, "whatsapp.outbound");
        exchange.setProperty(QueueConstants.MESSAGE_ID, queueMessage);
        exchange.setProperty(QueueConstants.MEMO, memo);
        return exchange;
    }

    private Exchange asked(String body, long queueMessage) {
        Exchange exchange = exchange(body, queueMessage);
        send.ask(exchange);
        return exchange;
    }

    private String ask() {
        return verdict(asked(TRACED, 7));
    }

    private static String verdict(Exchange exchange) {
        return exchange.getVariable(SendOutcomes.VERDICT, String.class);
    }

    private void answerIsLost() {
        Exchange exchange = exchange(TRACED, 7);
        send.begin(exchange);
        send.unknown(exchange);
    }

    private void silence() {
        // a process listens from its first question on
        ask();
        clock.move(SILENCE);
    }

    /** A journal on disk that cannot be written while a failure is set. */
    private static final class Failing implements OutcomeJournal {

        private final OutcomeJournal journal;
        private RuntimeException failure;

        private Failing(OutcomeJournal journal) {
            this.journal = journal;
        }

        @Override
        public void append(String key, Outcome outcome) {
            if (failure != null) {
                throw failure;
            }
            journal.append(key, outcome);
        }

        @Override
        public Optional<Outcome> find(String key) {
            return journal.find(key);
        }

        @Override
        public void remove(String key) {
            journal.remove(key);
        }

        @Override
        public Map<String, Outcome> load() {
            return journal.load();
        }
    }

    private Failing failing(RuntimeException failure) {
        Failing journal = new Failing(new FileOutcomeJournal(directory, 100, Duration.ofDays(30), clock));
        send.setOutcomes(new Outcomes(journal, tracker, SILENCE));
        ask();
        journal.failure = failure;
        return journal;
    }

    @Test
    void whileRedisIsAwayALostAnswerWaitsAndIsNotSentAgainWhenRedisIsBack() {
        Failing journal = failing(new RedisException("away"));
        Exchange lost = exchange(TRACED, 7);
        send.unknown(lost);
        assertThat(lost.getProperty(QueueConstants.AGAIN_AFTER)).as("it waits, and is not given up").isNotNull();
        assertThatThrownBy(this::ask).as("it stays in its queue").isInstanceOf(RedisException.class);

        journal.failure = null;
        assertThat(ask()).isEqualTo("WAIT");
        clock.move(SILENCE);
        assertThat(ask()).as("counted from when the answer was lost").isEqualTo("SEND");
    }

    @Test
    void whatCannotBeWrittenDownForAnotherReasonIsGivenUp() {
        failing(new IllegalStateException("full"));
        Exchange lost = exchange(TRACED, 7);
        send.unknown(lost);
        assertThat(lost.getProperty(QueueConstants.AGAIN_AFTER)).isNull();
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
        assertThat(ask()).isEqualTo("SEND");
        send.begin(exchange(TRACED, 7));
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
        tracker.accepted("one", "wamid.1", clock.instant());
        assertThat(ask()).isEqualTo("SENT");
    }

    @Test
    void aRefusalOfTheSecondTryIsNoResendAndKeepsItFreeToGo() {
        answerIsLost();
        silence();
        for (int i = 0; i < 3; i++) {
            assertThat(ask()).isEqualTo("SEND");
            send.begin(exchange(TRACED, 7));
            send.refused(exchange(TRACED, 7));
        }
        answerIsLost();
        assertThat(ask()).isEqualTo("SEND");
    }

    @Test
    void whatWasSettledIsStillSettledWhenACrashForgetsThatItWasDone() {
        answerIsLost();
        tracker.accepted("one", "wamid.1", clock.instant());
        assertThat(ask()).isEqualTo("SENT");
        crash();
        assertThat(ask()).isEqualTo("SENT");
    }

    @Test
    void whatMetaTookAtTheSecondTryIsSettledForTheNextProcessToo() {
        answerIsLost();
        silence();
        ask();
        send.begin(exchange(TRACED, 7));
        send.accepted(exchange(TRACED, 7));
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
    void onlyAMessageThatMayHaveBeenSentBeforeIsAskedOfTheTracker() {
        tracker.accepted("one", "wamid.1", clock.instant());
        assertThat(ask()).isEqualTo("SEND");
        Exchange again = exchange(TRACED, 7);
        again.setProperty(QueueConstants.MAYBE_HANDLED, true);
        send.ask(again);
        assertThat(verdict(again)).isEqualTo("SENT");
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
