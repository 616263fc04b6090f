package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.client.WireMock;
import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Errors that stop a number, pause it, or postpone a message. */
class AlarmFlowTest {

    private static final String BROKEN = "200000000000001";
    private static final String HEALTHY = "200000000000002";

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        gateway = Flows.gateway(directory).with("whatsapp.alarm.try-again-after", 1500)
                .with("whatsapp.retry.long-wait.delay", 700).with("whatsapp.retry.long-wait.attempts", 2).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void metaAcceptsEverything() {
        Flows.reset(gateway);
        answers(HEALTHY, Flows.accepted());
        answers(BROKEN, Flows.accepted());
    }

    private static String path(String number) {
        return "/v26.0/" + number + "/messages";
    }

    private static void answers(String number, ResponseDefinitionBuilder answer) {
        gateway.meta.stubFor(post(urlEqualTo(path(number))).willReturn(answer));
    }

    private static String send(String number, String user, String text) {
        return Flows.send(gateway, "direct:whatsapp-send-text", text, Map.of("WhatsAppUser", user, "WhatsAppPhoneNumberId", number));
    }

    private static List<String> texts(String number) {
        return gateway.meta.findAll(postRequestedFor(urlEqualTo(path(number)))).stream()
                .map(request -> Flows.json(request.getBodyAsString()).path("text").path("body").asText()).toList();
    }

    @Test
    void anExpiredTokenStopsItsNumberAndNoOtherAndNothingIsLost() {
        answers(BROKEN, Flows.refusal(401, 190));
        try (LogCapture log = new LogCapture("whatsapp")) {
            String first = send(BROKEN, Flows.user(), "first");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(log.named("whatsapp.number.stopped")).hasSize(1));
            send(BROKEN, Flows.user(), "second");
            send(HEALTHY, Flows.user(), "elsewhere");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(HEALTHY)).containsExactly("elsewhere"));
            assertThat(texts(BROKEN)).as("one message at an interval finds out whether it is over").hasSizeLessThanOrEqualTo(2);
            await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.outbound")).isEqualTo(2));
            assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", first)).isEmpty();

            gateway.meta.resetRequests();
            answers(BROKEN, Flows.accepted());
            await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(BROKEN)).containsExactlyInAnyOrder("first", "second"));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(log.named("whatsapp.number.resumed")).hasSize(1));
            await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.outbound") == 0);
        }
    }

    @Test
    void aTryThatMetaRefusesForTheMessagesOwnReasonShowsThatTheNumberGoesOn() {
        answers(BROKEN, Flows.refusal(401, 190));
        try (LogCapture log = new LogCapture("whatsapp")) {
            String id = send(BROKEN, Flows.user(), "to nobody");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(log.named("whatsapp.number.stopped")).hasSize(1));
            answers(BROKEN, Flows.refusal(400, 131026));
            Flows.awaitUnsent(gateway, id);
            assertThat(log.named("whatsapp.number.resumed")).as("no other message was sent").hasSize(1);
        }
    }

    @Test
    void aThrottleOfTheNumberLetsItsOtherUsersWaitTooAndNoOtherNumber() {
        gateway.meta.stubFor(post(urlEqualTo(path(BROKEN))).inScenario("throttle")
                .whenScenarioStateIs(com.github.tomakehurst.wiremock.stubbing.Scenario.STARTED)
                .willReturn(Flows.refusal(429, 130429).withHeader("Retry-After", "2")).willSetStateTo("passed"));
        gateway.meta.stubFor(post(urlEqualTo(path(BROKEN))).inScenario("throttle").whenScenarioStateIs("passed")
                .willReturn(Flows.accepted()));
        send(BROKEN, Flows.user(), "first");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(BROKEN)).hasSize(1));
        send(BROKEN, Flows.user(), "second");
        send(HEALTHY, Flows.user(), "elsewhere");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(HEALTHY)).containsExactly("elsewhere"));
        assertThat(texts(BROKEN)).as("nothing before Retry-After is over").hasSize(1);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(BROKEN)).containsExactlyInAnyOrder("first", "first", "second"));
        var requests = gateway.meta.findAll(postRequestedFor(urlEqualTo(path(BROKEN))));
        assertThat(Duration.between(requests.get(0).getLoggedDate().toInstant(), requests.get(1).getLoggedDate().toInstant()))
                .isGreaterThanOrEqualTo(Duration.ofMillis(1900));
    }

    @Test
    void whatMustWaitLongLetsLaterMessagesPassAndComesAgainAtItsTime() {
        String user = Flows.user();
        gateway.meta.stubFor(post(urlEqualTo(path(HEALTHY))).withRequestBody(
                WireMock.matchingJsonPath("$.text.body", WireMock.equalTo("marketing"))).inScenario("long")
                .whenScenarioStateIs(com.github.tomakehurst.wiremock.stubbing.Scenario.STARTED)
                .willReturn(Flows.refusal(400, 132069)).willSetStateTo("passed"));
        send(HEALTHY, user, "marketing");
        send(HEALTHY, user, "answer");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(HEALTHY)).containsExactly("marketing", "answer", "marketing"));
        await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.outbound") + gateway.queued("whatsapp.later") == 0);
    }

    @Test
    void whatMustWaitLongTooOftenIsGivenUp() {
        answers(BROKEN, Flows.refusal(400, 132069));
        String id = send(BROKEN, Flows.user(), "marketing");
        assertThat(Flows.exception(Flows.awaitUnsent(gateway, id)).path("retry_class").asText()).isEqualTo("WAIT_LONG");
        assertThat(texts(BROKEN)).hasSize(3);
    }

    @Test
    void whatRestrictsTheWholeNumberHoldsItsOtherMessagesTooInOrderAndNoOtherNumber() {
        String user = Flows.user();
        gateway.meta.stubFor(post(urlEqualTo(path(BROKEN))).inScenario("restricted")
                .whenScenarioStateIs(com.github.tomakehurst.wiremock.stubbing.Scenario.STARTED)
                .willReturn(Flows.refusal(400, 131048)).willSetStateTo("passed"));
        gateway.meta.stubFor(post(urlEqualTo(path(BROKEN))).inScenario("restricted").whenScenarioStateIs("passed")
                .willReturn(Flows.accepted()));
        send(BROKEN, user, "first");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(BROKEN)).hasSize(1));
        send(BROKEN, user, "second");
        send(BROKEN, Flows.user(), "to somebody else");
        send(HEALTHY, Flows.user(), "elsewhere");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(HEALTHY)).containsExactly("elsewhere"));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(texts(BROKEN)).containsSubsequence("first", "first", "second")
                .containsExactlyInAnyOrder("first", "first", "second", "to somebody else"));
        var requests = gateway.meta.findAll(postRequestedFor(urlEqualTo(path(BROKEN)))
                .withRequestBody(WireMock.matchingJsonPath("$.text.body", WireMock.equalTo("first"))));
        assertThat(Duration.between(requests.get(0).getLoggedDate().toInstant(), requests.get(1).getLoggedDate().toInstant()))
                .as("nothing of the number before the wait is over").isGreaterThanOrEqualTo(Duration.ofMillis(650));
        await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.outbound") == 0);
    }

    @Test
    void aReadReceiptThatSomebodyQueuedReachesMetaAndIsNoMessageToAnybody() {
        String id = Flows.send(gateway, "direct:whatsapp-send",
                "{\"messaging_product\":\"whatsapp\",\"status\":\"read\",\"message_id\":\"wamid.READ\",\"typing_indicator\":{\"type\":\"text\"}}",
                Map.of("WhatsAppPhoneNumberId", HEALTHY));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.meta.findAll(postRequestedFor(urlEqualTo(path(HEALTHY)))))
                .singleElement().satisfies(request -> assertThat(Flows.json(request.getBodyAsString()).path("message_id").asText())
                        .isEqualTo("wamid.READ")));
        await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.outbound") == 0);
        assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty();
    }
}
