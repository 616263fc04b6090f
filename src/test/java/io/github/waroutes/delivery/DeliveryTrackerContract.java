package io.github.waroutes.delivery;

import io.github.waroutes.state.Keys;
import io.github.waroutes.state.StateStore;

import static io.github.waroutes.delivery.Statuses.failed;
import static io.github.waroutes.delivery.Statuses.status;
import static io.github.waroutes.delivery.Statuses.with;
import static io.github.waroutes.TestClock.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.github.waroutes.TestClock;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tracker does wherever its state is kept. */
@Timeout(60)
abstract class DeliveryTrackerContract {

    static final String WAMID = "wamid.HBgLMTY1MDU1NTAxMjMVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA";

    private final TestClock clock = new TestClock();
    private StateStore store;
    private DeliveryTracker tracker;

    /** A new, empty store of messages that live for a day. */
    abstract StateStore emptyStore();

    /** The store as another node sees it. */
    abstract StateStore sameStore(StateStore store);

    @BeforeEach
    void start() {
        store = emptyStore();
        tracker = new DeliveryTracker(store, clock);
    }

    private static Instant at(int seconds) {
        return START.plusSeconds(seconds);
    }

    private DeliveryChange report(String state, int seconds) {
        return tracker.status(status(WAMID, state, at(seconds)), Statuses.NUMBER, null);
    }

    private DeliveryState state(String outboundId) {
        return tracker.find(outboundId, Statuses.NUMBER).orElseThrow().state();
    }

    @Test
    void aMessageGoesItsWayAndEveryStepHasItsTime() {
        assertThat(tracker.accepted("one", Statuses.NUMBER, WAMID, at(0)).moved()).isTrue();
        assertThat(report("sent", 1).moved()).isTrue();
        assertThat(report("delivered", 2).moved()).isTrue();
        assertThat(report("read", 3).moved()).isTrue();
        assertThat(report("played", 4).moved()).isTrue();

        Delivery delivery = tracker.find("one", Statuses.NUMBER).orElseThrow();
        assertThat(delivery.outboundId()).isEqualTo("one");
        assertThat(delivery.wamid()).isEqualTo(WAMID);
        assertThat(delivery.state()).isEqualTo(DeliveryState.PLAYED);
        assertThat(delivery.times()).containsExactly(Map.entry(DeliveryState.ACCEPTED, at(0)), Map.entry(DeliveryState.SENT, at(1)),
                Map.entry(DeliveryState.DELIVERED, at(2)), Map.entry(DeliveryState.READ, at(3)), Map.entry(DeliveryState.PLAYED, at(4)));
    }

    /** As a message's headers are in the queue. */
    private static Map<String, Object> headers(String... more) {
        Map<String, Object> headers = new HashMap<>(Map.of("WhatsAppPhoneNumberId", Statuses.NUMBER, "WhatsAppOutboundId", "one", "WhatsAppUser",
                Statuses.PHONE, "WhatsAppConversation", Statuses.NUMBER + ':' + Statuses.PHONE));
        for (int i = 0; i < more.length; i += 2) {
            headers.put(more[i], more[i + 1]);
        }
        return headers;
    }

    @Test
    void whatAMessageWasSentWithIsToldToTheEndAndByAnotherNode() {
        tracker.queuedNow("one", headers("WhatsAppTo", "+1 650 555-0123", "WhatsAppReference", "order-4711"));
        tracker.accepted("one", Statuses.NUMBER, WAMID, at(0));
        DeliveryTracker other = new DeliveryTracker(sameStore(store), clock);
        Map<String, Object> told = other.status(status(WAMID, "read", at(3)), Statuses.NUMBER, null).delivery().toMap();
        assertThat(told).containsEntry("user", "+1 650 555-0123").containsEntry("reference", "order-4711")
                .containsEntry("conversation", Keys.hash(Statuses.NUMBER + ':' + Statuses.PHONE)).containsEntry("trace_id", Keys.hash("one"))
                .doesNotContainKey("user_hash");
        assertThat(other.state("one", Statuses.NUMBER, new DefaultCamelContext())).isEqualTo(told);
    }

    @Test
    void whoIsKnownFromAnUpdateOnlyIsAHash() {
        Map<String, Object> reply = headers("WhatsAppUpdateId", "message:wamid.x");
        assertThat(tracker.queuedNow("one", reply).delivery().toMap()).containsEntry("user_hash", Keys.hash(Statuses.PHONE))
                .containsEntry("trace_id", Keys.hash("message:wamid.x")).doesNotContainKey("user");
        assertThat(tracker.find("one", Statuses.NUMBER).orElseThrow().toJson()).doesNotContain(Statuses.PHONE);

        tracker.setUsers("hashed");
        assertThat(tracker.queuedNow("two", headers("WhatsAppTo", "+" + Statuses.PHONE)).delivery().toMap())
                .containsEntry("user_hash", Keys.hash(Statuses.PHONE)).doesNotContainKey("user");
        assertThat(tracker.queuedNow("three", headers("WhatsAppGroupId", "group-1")).delivery().toMap()).containsEntry("user_hash", Keys.hash("group-1"));
    }

    @Test
    void whatWasSentBeforeItsStateWasForgottenIsToldByTheSend() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setHeaders(headers("WhatsAppTo", "+" + Statuses.PHONE, "WhatsAppReference", "order-4711"));
        report("sent", 1);
        assertThat(tracker.acceptedNow(exchange.getMessage().getHeaders(), WAMID).event()).contains("order-4711");
        assertThat(report("delivered", 2).event()).contains("\"user\":\"+" + Statuses.PHONE, "\"reference\":\"order-4711\"");
        assertThat(tracker.givenUpNow(exchange).delivery().toMap()).containsEntry("reference", "order-4711");
    }

    @Test
    void whatIsReportedAgainOrTooLateMovesNothing() {
        tracker.accepted("one", Statuses.NUMBER, WAMID, at(0));
        report("read", 3);
        assertThat(report("read", 3).moved()).isFalse();
        DeliveryChange late = report("sent", 1);
        assertThat(late.moved()).isFalse();
        assertThat(late.event()).isNull();
        assertThat(report("delivered", 2).moved()).isFalse();
        assertThat(tracker.accepted("one", Statuses.NUMBER, WAMID, at(5)).moved()).isFalse();
        assertThat(state("one")).isEqualTo(DeliveryState.READ);
        assertThat(tracker.find("one", Statuses.NUMBER).orElseThrow().times()).containsEntry(DeliveryState.SENT, at(1))
                .containsEntry(DeliveryState.DELIVERED, at(2)).containsEntry(DeliveryState.ACCEPTED, at(0));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void inAnyOrderAndWithAnyRepetitionTheStateNeverGoesBackAndEndsTheSame(long seed) {
        List<String> reports = new ArrayList<>(List.of("accepted", "sent", "delivered", "read", "played", "sent", "read", "delivered"));
        Collections.shuffle(reports, new Random(seed));
        DeliveryState before = null;
        int moves = 0;
        for (String report : reports) {
            DeliveryChange change = report.equals("accepted") ? tracker.accepted("one", Statuses.NUMBER, WAMID, at(0)) : report(report, report.length());
            DeliveryState now = change.delivery().state();
            assertThat(before == null || now == before || now.follows(before)).as(reports + ": " + before + " to " + now).isTrue();
            moves += change.moved() ? 1 : 0;
            before = now;
        }
        assertThat(state("one")).isEqualTo(DeliveryState.PLAYED);
        assertThat(tracker.find("one", Statuses.NUMBER).orElseThrow().times()).hasSize(5);
        assertThat(moves).isBetween(1, 5);
    }

    @Test
    void aStatusThatComesBeforeTheAnswerWaitsForIt() {
        DeliveryChange early = report("delivered", 2);
        assertThat(early.moved()).isTrue();
        assertThat(early.event()).as("whose message it is is not known yet").isNull();
        assertThat(report("delivered", 2).moved()).isFalse();
        assertThat(tracker.find("one", Statuses.NUMBER)).isEmpty();

        DeliveryChange accepted = tracker.accepted("one", Statuses.NUMBER, WAMID, at(3));
        assertThat(accepted.moved()).isTrue();
        assertThat(accepted.delivery().state()).isEqualTo(DeliveryState.DELIVERED);
        assertThat(accepted.event()).contains("\"outbound_id\":\"one\"").contains("\"state\":\"delivered\"");
        assertThat(tracker.find("one", Statuses.NUMBER).orElseThrow().times()).containsEntry(DeliveryState.ACCEPTED, at(3))
                .containsEntry(DeliveryState.DELIVERED, at(2));
        assertThat(report("read", 4).delivery().outboundId()).isEqualTo("one");
    }

    @Test
    void ourIdInAStatusFindsAMessageWhoseWamidIsNotKnown() {
        tracker.queuedNow("one", Statuses.NUMBER_HEADER);
        DeliveryChange early = tracker.status(with(status(WAMID, "sent", at(1)), "biz_opaque_callback_data", "one"), Statuses.NUMBER, null);
        assertThat(early.event()).contains("\"outbound_id\":\"one\"");
        assertThat(state("one")).isEqualTo(DeliveryState.SENT);
        assertThat(report("read", 2).delivery().outboundId()).as("the wamid leads to it now").isEqualTo("one");
        assertThat(tracker.accepted("one", Statuses.NUMBER, WAMID, at(3)).moved()).isFalse();
        assertThat(state("one")).isEqualTo(DeliveryState.READ);
    }

    @Test
    void somebodyElsesCallbackDataDoesNotHideTheMessageFromItsSender() {
        tracker.status(with(status(WAMID, "sent", at(1)), "biz_opaque_callback_data", "campaign-7"), Statuses.NUMBER, null);
        DeliveryChange accepted = tracker.accepted("one", Statuses.NUMBER, WAMID, at(2));
        assertThat(accepted.delivery().outboundId()).isEqualTo("one");
        assertThat(state("one")).isEqualTo(DeliveryState.SENT);
        tracker.status(with(status(WAMID, "read", at(3)), "biz_opaque_callback_data", "campaign-7"), Statuses.NUMBER, null);
        assertThat(state("one")).isEqualTo(DeliveryState.READ);
        assertThat(tracker.find("campaign-7", Statuses.NUMBER)).isEmpty();
    }

    private DeliveryChange carrying(String data, String wamid, String state) {
        return tracker.status(with(status(wamid, state, at(1)), "biz_opaque_callback_data", data), Statuses.NUMBER, null);
    }

    @Test
    void statusesThatShareACallersTextAreNotOneMessage() {
        assertThat(carrying("campaign-1", "wamid.1", "sent").event()).as("no report goes out under a caller's text").isNull();
        Map<String, Object> failed = with(failed("wamid.2", 131026, at(1)), "biz_opaque_callback_data", "campaign-1");
        assertThat(tracker.status(failed, Statuses.NUMBER, null).event()).isNull();
        assertThat(tracker.accepted("one", Statuses.NUMBER, "wamid.1", at(2)).delivery().state()).isEqualTo(DeliveryState.SENT);
        assertThat(tracker.accepted("two", Statuses.NUMBER, "wamid.2", at(2)).delivery().state()).isEqualTo(DeliveryState.FAILED);
        assertThat(state("one")).isEqualTo(DeliveryState.SENT);
    }

    @Test
    void aCallersTextThatIsAnotherMessagesIdDoesNotChangeThatMessage() {
        tracker.accepted("one", Statuses.NUMBER, "wamid.1", at(0));
        carrying("one", "wamid.2", "read");
        assertThat(state("one")).isEqualTo(DeliveryState.ACCEPTED);
    }

    @Test
    void whatAnotherNumberIsToldChangesNoMessageOfThisOne() {
        String other = "106540352242999";
        tracker.status(with(status(WAMID, "read", at(1)), "biz_opaque_callback_data", "one"), other, null);
        assertThat(tracker.find("one", Statuses.NUMBER)).as("not sent yet").isEmpty();
        tracker.queuedNow("one", Statuses.NUMBER_HEADER);
        assertThat(tracker.settledNow("one", Statuses.NUMBER)).isNull();
        assertThat(tracker.accepted("one", Statuses.NUMBER, WAMID, at(2)).delivery().state()).isEqualTo(DeliveryState.ACCEPTED);

        DeliveryChange byOurId = tracker.status(with(status("wamid.other", "read", at(3)), "biz_opaque_callback_data", "one"), other, null);
        assertThat(byOurId.event()).isNull();
        assertThat(tracker.status(status(WAMID, "delivered", at(3)), other, null).event()).as("by Meta's id").isNull();
        assertThat(state("one")).isEqualTo(DeliveryState.ACCEPTED);
        assertThat(report("read", 4).delivery().outboundId()).isEqualTo("one");
    }

    @Test
    void aMessageWhoseAnswerWasLostIsFoundByOurIdInItsStatus() {
        assertThat(carrying("one", WAMID, "sent").event()).isNull();
        assertThat(state("one")).isEqualTo(DeliveryState.SENT);
        DeliveryChange settled = tracker.settledNow("one", Statuses.NUMBER);
        assertThat(settled.event()).contains("\"outbound_id\":\"one\"").contains("\"state\":\"sent\"");
        assertThat(report("read", 2).event()).as("the wamid leads to it now").contains("\"outbound_id\":\"one\"");
        assertThat(tracker.settledNow("one", Statuses.NUMBER)).as("once").isNull();
        assertThat(tracker.settledNow("never-heard-of", Statuses.NUMBER)).isNull();
    }

    @Test
    void whatWeGaveUpGoesOnIfItIsSentAfterAllAndMetasFailureStays() {
        DeliveryChange givenUp = givenUp("one");
        assertThat(givenUp.event()).contains("\"state\":\"failed\"").contains("\"given_up\":true");
        assertThat(tracker.accepted("one", Statuses.NUMBER, WAMID, at(1)).moved()).isTrue();
        assertThat(state("one")).isEqualTo(DeliveryState.ACCEPTED);
        assertThat(tracker.find("one", Statuses.NUMBER).orElseThrow().error()).isNull();
        assertThat(givenUp("one").moved()).as("Meta has it").isFalse();
        report("read", 2);
        assertThat(tracker.find("one", Statuses.NUMBER).orElseThrow().times()).doesNotContainKey(DeliveryState.FAILED);

        tracker.accepted("two", Statuses.NUMBER, "wamid.2", at(1));
        tracker.status(failed("wamid.2", 131026, at(2)), Statuses.NUMBER, null);
        assertThat(tracker.accepted("two", Statuses.NUMBER, "wamid.2", at(3)).moved()).isFalse();
        assertThat(state("two")).isEqualTo(DeliveryState.FAILED);
    }

    private DeliveryChange givenUp(String outboundId) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setHeader("WhatsAppOutboundId", outboundId);
        return tracker.givenUpNow(exchange);
    }

    @Test
    void aFailedMessageHasTheTypedExceptionAndNobodysNumber() {
        tracker.accepted("one", Statuses.NUMBER, WAMID, at(0));
        DeliveryChange change = tracker.status(failed(WAMID, 131047, at(1)), Statuses.NUMBER, null);
        assertThat(change.moved()).isTrue();
        Delivery delivery = tracker.find("one", Statuses.NUMBER).orElseThrow();
        assertThat(delivery.state()).isEqualTo(DeliveryState.FAILED);
        assertThat(delivery.error()).containsEntry("type", "WhatsAppMessageException").containsEntry("error_code", 131047)
                .containsEntry("retry_class", "NEVER");
        assertThat(change.event()).doesNotContain(Statuses.PHONE).doesNotContain(Statuses.USER);
        assertThat(report("sent", 2).moved()).as("what failed stays failed").isFalse();
        assertThat(report("delivered", 2).moved()).isFalse();
    }

    @Test
    void theCallersExceptionIsTakenIfThereIsOne() {
        tracker.queuedNow("one", Statuses.NUMBER_HEADER);
        tracker.status(with(failed(WAMID, 131047, at(1)), "biz_opaque_callback_data", "one"), Statuses.NUMBER,
                new WhatsAppMessageException(ErrorDetails.builder("Not wanted").errorCode(7).build()));
        assertThat(tracker.find("one", Statuses.NUMBER).orElseThrow().error()).containsEntry("error_code", 7).containsEntry("message", "Not wanted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"delivered", "read", "played"})
    void aFailureAfterTheMessageReachedTheUserDoesNotCount(String reached) {
        tracker.accepted("one", Statuses.NUMBER, WAMID, at(0));
        report(reached, 1);
        assertThat(tracker.status(failed(WAMID, 131026, at(2)), Statuses.NUMBER, null).moved()).isFalse();
        Delivery delivery = tracker.find("one", Statuses.NUMBER).orElseThrow();
        assertThat(delivery.state().label()).isEqualTo(reached);
        assertThat(delivery.error()).isNull();
        assertThat(delivery.times()).doesNotContainKey(DeliveryState.FAILED);
    }

    @Test
    void oneParticipantOfAGroupWhoDidNotGetItDoesNotMakeTheMessageFail() {
        tracker.accepted("one", Statuses.NUMBER, WAMID, at(0));
        assertThat(tracker.status(with(failed(WAMID, 131026, at(1)), "recipient_participant_user_id", Statuses.USER), Statuses.NUMBER, null)).isNull();
        assertThat(state("one")).isEqualTo(DeliveryState.ACCEPTED);
    }

    @Test
    void thePriceIsKept() {
        tracker.accepted("one", Statuses.NUMBER, WAMID, at(0));
        tracker.status(with(status(WAMID, "sent", at(1)), "pricing",
                Map.of("billable", true, "pricing_model", "PMP", "type", "regular", "category", "utility")), Statuses.NUMBER, null);
        report("delivered", 2);
        Delivery delivery = tracker.find("one", Statuses.NUMBER).orElseThrow();
        assertThat(delivery.category()).isEqualTo("utility");
        assertThat(delivery.priceType()).isEqualTo("regular");
        assertThat(delivery.toMap()).containsEntry("price", Map.of("category", "utility", "type", "regular"));
    }

    @Test
    void statusesThatSayNothingOfAMessageAreLeftAlone() {
        assertThat(tracker.status(status(WAMID, "deleted", at(1)), Statuses.NUMBER, null)).isNull();
        assertThat(tracker.status(status(WAMID, "accepted", at(1)), Statuses.NUMBER, null)).isNull();
        assertThat(tracker.status(status(null, "read", at(1)), Statuses.NUMBER, null)).isNull();
        assertThat(tracker.status(Map.of(), Statuses.NUMBER, null)).isNull();
    }

    @Test
    void timesInMillisecondsAsNumbersOrMissingAreUnderstood() {
        tracker.accepted("one", Statuses.NUMBER, WAMID, at(0));
        tracker.status(with(status(WAMID, "sent", at(1)), "timestamp", at(1).toEpochMilli()), Statuses.NUMBER, null);
        tracker.status(with(status(WAMID, "delivered", at(2)), "timestamp", at(2).getEpochSecond()), Statuses.NUMBER, null);
        clock.move(Duration.ofMinutes(1));
        tracker.status(with(status(WAMID, "read", at(3)), "timestamp", null), Statuses.NUMBER, null);
        assertThat(tracker.find("one", Statuses.NUMBER).orElseThrow().times()).containsEntry(DeliveryState.SENT, at(1))
                .containsEntry(DeliveryState.DELIVERED, at(2)).containsEntry(DeliveryState.READ, at(60));
    }

    @Test
    void anAnswerWithoutAWamidIsStillAccepted() {
        assertThat(tracker.accepted("one", Statuses.NUMBER, null, at(0)).moved()).isTrue();
        assertThat(state("one")).isEqualTo(DeliveryState.ACCEPTED);
    }

    @Test
    void aMessageWithoutOurIdIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> tracker.accepted(" ", Statuses.NUMBER, WAMID, at(0))).withMessageContaining("WhatsAppOutboundId");
    }

    @Test
    void ofManyReportsAtOnceFromTwoNodesOnlyRealMovesCount() throws Exception {
        DeliveryTracker other = new DeliveryTracker(sameStore(store), clock);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                DeliveryTracker node = i % 2 == 0 ? tracker : other;
                calls.add(() -> node.accepted("one", Statuses.NUMBER, WAMID, at(0)).moved());
                for (String state : List.of("sent", "delivered", "read", "played")) {
                    calls.add(() -> node.status(status(WAMID, state, at(1)), Statuses.NUMBER, null).moved());
                }
            }
            Collections.shuffle(calls, new Random(7));
            int moves = 0;
            for (Future<Boolean> call : threads.invokeAll(calls)) {
                moves += call.get() ? 1 : 0;
            }
            assertThat(state("one")).isEqualTo(DeliveryState.PLAYED);
            assertThat(tracker.find("one", Statuses.NUMBER).orElseThrow().times()).hasSize(5);
            // before the first accepted, early reports move a state of their own
            assertThat(moves).isBetween(1, 10);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anAnswerAndAStatusThatMeetAreNeverLostToEachOther() throws Exception {
        DeliveryTracker other = new DeliveryTracker(sameStore(store), clock);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int i = 0; i < 200; i++) {
                String id = "one" + i;
                String wamid = WAMID + i;
                threads.invokeAll(List.of(() -> tracker.accepted(id, Statuses.NUMBER, wamid, at(0)), () -> other.status(status(wamid, "read", at(1)), Statuses.NUMBER, null)));
                assertThat(tracker.find(id, Statuses.NUMBER).orElseThrow().state()).as(id).isEqualTo(DeliveryState.READ);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
