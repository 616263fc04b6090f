package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedBusinessNumber;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.UserMessage;
import io.github.waroutes.junit.WhatsAppNumber;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.simulator.GraphCall;
import io.github.waroutes.send.NumberGate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Errors that stop a number, pause it, or postpone a message. */
@WhatsAppSimulator(numbers = {"broken=200000000000001::::broken-token", "healthy=200000000000002"}, patience = 30_000)
class AlarmFlowTest {

    private static final String BROKEN = "200000000000001";
    private static final String HEALTHY = "200000000000002";

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static SimulatedGraph graph;
    @WhatsAppNumber("broken")
    private static SimulatedBusinessNumber broken;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = Flows.gateway(directory).with(whatsapp).with("whatsapp.alarm.try-again-after", 1500).with("whatsapp.mark-read", false)
                .with("whatsapp.retry.long-wait.delay", 700).with("whatsapp.retry.long-wait.attempts", 2).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static String send(String number, String user, String text) {
        return Flows.send(gateway, "direct:whatsapp-send-text", text, Map.of("WhatsAppUser", user, "WhatsAppPhoneNumberId", number));
    }

    /** The attempts of a number to send something. */
    private static List<GraphCall> calls(String number) {
        return graph.calls().stream().filter(call -> call.isMessage() && call.isOf(number)).toList();
    }

    private static List<String> texts(String number) {
        return calls(number).stream().map(GraphCall::text).toList();
    }

    /** Until the gateway has read the refusal, too: Meta has recorded the call before. */
    private static void awaitRest(String number) {
        NumberGate gate = gateway.camel().getRegistry().lookupByNameAndType("whatsappNumbers", NumberGate.class);
        await().atMost(LIMIT).until(() -> gate.rests().stream().anyMatch(rest -> rest.phoneNumberId().equals(number)));
    }

    private static void assertApart(GraphCall one, GraphCall other, int millis) {
        assertThat(Duration.between(one.at(), other.at())).isGreaterThanOrEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void anExpiredTokenStopsItsNumberAndNoOtherAndNothingIsLost() {
        broken.expireToken();
        try (LogCapture log = new LogCapture("whatsapp")) {
            String first = send(BROKEN, Flows.user(), "first");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(log.named("whatsapp.number.stopped")).hasSize(1));
            send(BROKEN, Flows.user(), "second");
            send(HEALTHY, Flows.user(), "elsewhere");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(HEALTHY)).containsExactly("elsewhere"));
            assertThat(texts(BROKEN)).as("one message at an interval finds out whether it is over").hasSizeLessThanOrEqualTo(2);
            await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.outbound")).isEqualTo(2));
            assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", first)).isEmpty();

            broken.renewToken(broken.accessToken());
            await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.sent()).filteredOn(call -> call.isOf(BROKEN))
                    .extracting(GraphCall::text).containsExactlyInAnyOrder("first", "second"));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(log.named("whatsapp.number.resumed")).hasSize(1));
            await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.outbound") == 0);
        }
    }

    @Test
    void aTryThatMetaRefusesForTheMessagesOwnReasonShowsThatTheNumberGoesOn() {
        broken.expireToken();
        try (LogCapture log = new LogCapture("whatsapp")) {
            String id = send(BROKEN, Flows.user(), "to nobody");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(log.named("whatsapp.number.stopped")).hasSize(1));
            graph.fails(131026);
            broken.renewToken(broken.accessToken());
            Flows.awaitUnsent(gateway, id);
            assertThat(log.named("whatsapp.number.resumed")).as("no other message was sent").hasSize(1);
        }
    }

    @Test
    void aThrottleOfTheNumberLetsItsOtherUsersWaitTooAndNoOtherNumber() {
        graph.fails(130429).withStatus(429).withRetryAfter(Duration.ofSeconds(2));
        send(BROKEN, Flows.user(), "first");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(BROKEN)).hasSize(1));
        awaitRest(BROKEN);
        send(BROKEN, Flows.user(), "second");
        send(HEALTHY, Flows.user(), "elsewhere");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(HEALTHY)).containsExactly("elsewhere"));
        assertThat(texts(BROKEN)).as("nothing before Retry-After is over").hasSize(1);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(BROKEN)).containsExactlyInAnyOrder("first", "first", "second"));
        assertApart(calls(BROKEN).get(0), calls(BROKEN).get(1), 1900);
    }

    @Test
    void whatMustWaitLongLetsLaterMessagesPassAndComesAgainAtItsTime() {
        String user = Flows.user();
        graph.fails(132069);
        send(HEALTHY, user, "marketing");
        send(HEALTHY, user, "answer");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(HEALTHY)).containsExactly("marketing", "answer", "marketing"));
        await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.outbound") + gateway.queued("whatsapp.later") == 0);
    }

    @Test
    void whatMustWaitLongTooOftenIsGivenUp() {
        graph.fails(132069).always();
        String id = send(BROKEN, Flows.user(), "marketing");
        assertThat(Flows.exception(Flows.awaitUnsent(gateway, id)).path("retry_class").asText()).isEqualTo("WAIT_LONG");
        assertThat(texts(BROKEN)).hasSize(3);
    }

    @Test
    void whatRestrictsTheWholeNumberHoldsItsOtherMessagesTooInOrderAndNoOtherNumber() {
        String user = Flows.user();
        graph.fails(131048);
        send(BROKEN, user, "first");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(BROKEN)).hasSize(1));
        send(BROKEN, user, "second");
        send(BROKEN, Flows.user(), "to somebody else");
        send(HEALTHY, Flows.user(), "elsewhere");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(HEALTHY)).containsExactly("elsewhere"));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(BROKEN)).containsSubsequence("first", "first", "second")
                .containsExactlyInAnyOrder("first", "first", "second", "to somebody else"));
        // nothing of the number before the wait is over
        assertApart(graph.callsTo(user).get(0), graph.callsTo(user).get(1), 650);
        await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.outbound") == 0);
    }

    @Test
    void aReadReceiptThatSomebodyQueuedReachesMetaAndIsNoMessageToAnybody(@WhatsAppNumber("healthy") SimulatedUser kim) {
        UserMessage message = kim.sends("hello");
        kim.receives();
        String id = Flows.send(gateway, "direct:whatsapp-send", "{\"messaging_product\":\"whatsapp\",\"status\":\"read\",\"message_id\":\""
                + message.id() + "\",\"typing_indicator\":{\"type\":\"text\"}}", Map.of("WhatsAppPhoneNumberId", HEALTHY));
        kim.seesRead(message);
        kim.seesTyping(message);
        await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.outbound") == 0);
        assertThat(graph.calls()).as("the answer and the receipt").hasSize(2).allMatch(call -> call.isOf(HEALTHY));
        assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty();
    }
}
