package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.MESSAGES;
import static io.github.waroutes.TestGateway.NUMBER;
import static io.github.waroutes.flow.Flows.accepted;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnsent;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.json;
import static io.github.waroutes.flow.Flows.messagesTo;
import static io.github.waroutes.flow.Flows.refusal;
import static io.github.waroutes.flow.Flows.requestsTo;
import static io.github.waroutes.flow.Flows.send;
import static io.github.waroutes.flow.Flows.sendText;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.error.WhatsAppTemplateException;
import io.github.waroutes.queue.StoredMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages from the endpoints for people's own routes, through the outbound queue, to the Graph API and what it may answer. */
class SendFlowTest {

    /** The first try, and whatsapp.retry.transient.attempts. */
    private static final int TRANSIENT_TRIES = 3;
    /** The first try, and whatsapp.retry.throttle.attempts. */
    private static final int THROTTLE_TRIES = 4;

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        gateway = Flows.gateway(directory)
                // four tries with a growing wait between them
                .with("whatsapp.retry.throttle.delay", 10)
                .with("whatsapp.retry.alone.give-up-after", 3000).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void metaAcceptsEverything() {
        Flows.reset(gateway);
    }

    private static void answers(String user, ResponseDefinitionBuilder answer) {
        gateway.meta.stubFor(messagesTo(user).willReturn(answer));
    }

    private static void answersOnce(String user, ResponseDefinitionBuilder answer) {
        gateway.meta.stubFor(messagesTo(user).inScenario(user).whenScenarioStateIs(Scenario.STARTED).willReturn(answer)
                .willSetStateTo("then"));
        gateway.meta.stubFor(messagesTo(user).inScenario(user).whenScenarioStateIs("then").willReturn(accepted()));
    }

    private static JsonNode unsent(String id) {
        return exception(awaitUnsent(gateway, id));
    }

    /** A message without the id that we add for Meta's statuses to bring back. */
    private static JsonNode untraced(byte[] body) {
        ObjectNode message = (ObjectNode) json(body);
        assertThat(message.remove("biz_opaque_callback_data").asText()).isNotBlank();
        return message;
    }

    private static void assertTries(String user, int tries) {
        assertThat(requestsTo(gateway, user)).hasSize(tries);
    }

    @Test
    void aTextThatIsAcceptedIsCountedAndTimedOnTheManagementPort() {
        String user = user();
        double before = gateway.counter("whatsapp.messages.sent", "type", "text", "status", "success");
        sendText(gateway, user, "Your order is on its way");

        awaitTexts(gateway, user, "Your order is on its way");
        await().atMost(LIMIT).untilAsserted(() ->
                assertThat(gateway.counter("whatsapp.messages.sent", "type", "text", "status", "success")).isEqualTo(before + 1));
        assertThat(gateway.metrics().lines())
                .anyMatch(line -> line.startsWith("whatsapp_messages_sent_total{") && line.contains("type=\"text\"")
                        && line.contains("status=\"success\"") && !line.endsWith(" 0.0"))
                .anyMatch(line -> line.startsWith("whatsapp_api_latency_seconds_bucket{") && line.contains("endpoint=\"messages\"")
                        && line.contains("method=\"POST\"") && line.contains("le=\"+Inf\"") && !line.endsWith(" 0"));
    }

    @Test
    void aRefusalForGoodIsNotTriedAgainAndTheUntouchedMessageIsInTheDeadLetterQueue() {
        String user = user();
        answers(user, refusal(400, 131026));
        double before = gateway.counter("whatsapp.messages.sent", "type", "text", "status", "error");
        String id = sendText(gateway, user, "Hello there");

        StoredMessage letter = awaitUnsent(gateway, id);
        JsonNode exception = exception(letter);
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppMessageException");
        assertThat(exception.path("error_code").asInt()).isEqualTo(131026);
        assertThat(exception.path("status_code").asInt()).isEqualTo(400);
        assertThat(exception.path("trace_id").asText()).isEqualTo("AbCdEf123");
        assertThat(exception.path("retry_class").asText()).isEqualTo("NEVER");
        assertThat(exception.path("context").path("endpoint").asText()).isEqualTo("messages");
        assertThat(untraced(letter.queueBody())).isEqualTo(json("{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\","
                + "\"to\":\"+" + user + "\",\"type\":\"text\",\"text\":{\"body\":\"Hello there\"}}"));
        assertThat(letter.queueHeaders()).containsEntry("WhatsAppOutboundId", id).containsEntry("WhatsAppOutboundType", "text")
                .containsEntry("WhatsAppUser", user).containsEntry("WhatsAppPhoneNumberId", NUMBER)
                .containsEntry("WhatsAppConversation", NUMBER + ':' + user)
                .containsEntry("WhatsAppDeadLetterSource", "whatsapp.outbound");
        assertTries(user, 1);
        assertThat(gateway.counter("whatsapp.messages.sent", "type", "text", "status", "error")).isEqualTo(before + 1);
    }

    @Test
    void aRateLimitThatPassesEndsWithOneMessageAccepted() {
        String user = user();
        double errors = gateway.counter("whatsapp.messages.sent", "status", "error");
        answersOnce(user, refusal(429, 130429));
        String id = sendText(gateway, user, "Hello");

        awaitTexts(gateway, user, "Hello", "Hello");
        Flows.awaitQuiet(gateway);
        assertTries(user, 2);
        assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty();
        assertThat(gateway.counter("whatsapp.messages.sent", "status", "error")).isEqualTo(errors);
    }

    @Test
    void aRateLimitOfTheUserThatDoesNotPassIsTriedSoManyTimesAndNoMore() {
        String user = user();
        answers(user, refusal(429, 131056));

        JsonNode exception = unsent(sendText(gateway, user, "Hello"));
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppRateLimitException");
        assertThat(exception.path("error_code").asInt()).isEqualTo(131056);
        assertThat(exception.path("retry_class").asText()).isEqualTo("THROTTLE");
        assertThat(exception.path("scope").asText()).isEqualTo("PAIR");
        assertTries(user, THROTTLE_TRIES);
    }

    @ParameterizedTest
    @ValueSource(ints = {130429, 80007, 4, 0})
    void aRateLimitOfMoreThanTheUserIsWaitedForHoweverOftenItComes(int code) {
        String user = user();
        // 0: HTTP says it, and no Graph error does
        answers(user, code == 0 ? aResponse().withStatus(429).withHeader("Retry-After", "0") : refusal(429, code));
        String id = sendText(gateway, user, "Hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.textsTo(gateway, user)).hasSizeGreaterThan(THROTTLE_TRIES));
        answers(user, Flows.accepted());
        Flows.awaitQuiet(gateway);
        assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty();
        int tries = Flows.textsTo(gateway, user).size();
        Flows.sendText(gateway, user, "Next");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.textsTo(gateway, user)).hasSize(tries + 1).last().isEqualTo("Next"));
    }

    @Test
    void a503IsHitAsOftenAsOurPolicySaysAndNotByTheHttpClientToo() {
        String user = user();
        double waits = gateway.counter("whatsapp.messages.waits");
        answersOnce(user, aResponse().withStatus(503).withHeader("Retry-After", "0"));
        String id = sendText(gateway, user, "Hello");
        awaitTexts(gateway, user, "Hello", "Hello");
        Flows.awaitQuiet(gateway);
        assertTries(user, 2);
        assertThat(gateway.counter("whatsapp.messages.waits")).as("the second try is ours").isEqualTo(waits + 1);
        assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty();
    }

    @Test
    void aCodeOfTheServiceThatOneMessageGetsAgainAndAgainWhileOthersAreTakenIsAboutTheMessage() {
        String user = user();
        answers(user, refusal(500, 131000));
        String id = sendText(gateway, user, "Hello");
        await().atMost(LIMIT).untilAsserted(() -> {
            sendText(gateway, user(), "another");
            assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).hasSize(1);
        });
        assertThat(unsent(id).path("error_code").asInt()).isEqualTo(131000);
        assertThat(requestsTo(gateway, user)).hasSizeGreaterThanOrEqualTo(TRANSIENT_TRIES);
    }

    @Test
    void aCodeOfTheServiceThatAMessageGetsMoreOftenThanOthersIsNotGivenUpByCount() {
        String user = user();
        for (int i = 0; i <= TRANSIENT_TRIES + 1; i++) {
            gateway.meta.stubFor(messagesTo(user).inScenario(user).whenScenarioStateIs(i == 0 ? Scenario.STARTED : "after " + i)
                    .willReturn(i == TRANSIENT_TRIES + 1 ? accepted() : refusal(500, 131016)).willSetStateTo("after " + (i + 1)));
        }
        String id = sendText(gateway, user, "Hello");
        await().atMost(LIMIT).untilAsserted(() -> {
            sendText(gateway, user(), "another");
            assertTries(user, TRANSIENT_TRIES + 2);
        });
        Flows.awaitQuiet(gateway);
        assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty();
    }

    @Test
    void passingTroubleAtMetaEndsWithOneMessageAccepted() {
        String user = user();
        answersOnce(user, refusal(500, 131000));
        String id = sendText(gateway, user, "Hello");
        awaitTexts(gateway, user, "Hello", "Hello");
        Flows.awaitQuiet(gateway);
        assertTries(user, 2);
        assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty();
    }

    @Test
    void anAnswerThatDoesNotComeInTimeLeavesTheOutcomeUnknownAndIsNeverSentTwice() {
        String user = user();
        double before = gateway.counter("whatsapp.messages.sent", "type", "text", "status", "timeout");
        answers(user, accepted().withFixedDelay(2500));

        JsonNode exception = unsent(sendText(gateway, user, "Hello"));
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppNetworkException");
        assertThat(exception.path("outcome_unknown").asBoolean()).isTrue();
        // WireMock notes a delayed request when it has answered it
        await().atMost(LIMIT).untilAsserted(() -> assertTries(user, 1));
        assertThat(gateway.counter("whatsapp.messages.sent", "type", "text", "status", "timeout")).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @EnumSource(value = Fault.class, names = {"EMPTY_RESPONSE", "CONNECTION_RESET_BY_PEER"})
    void aConnectionThatEndsAfterTheRequestLeavesTheOutcomeUnknown(Fault fault) {
        String user = user();
        answers(user, aResponse().withFault(fault));
        JsonNode exception = unsent(sendText(gateway, user, "Hello"));
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppNetworkException");
        assertThat(exception.path("outcome_unknown").asBoolean()).isTrue();
        assertTries(user, 1);
    }

    @Test
    void aHtmlPageThatSays503IsTypedAndTriedAgain() {
        String user = user();
        answersOnce(user, aResponse().withStatus(503).withHeader("Content-Type", "text/html").withBody("<html>down for Kim</html>"));
        try (LogCapture log = new LogCapture("whatsapp")) {
            sendText(gateway, user, "Hello");
            awaitTexts(gateway, user, "Hello", "Hello");
            assertThat(log.named("whatsapp.send_message.waits")).singleElement().satisfies(event -> assertThat(LogCapture.fields(event))
                    .containsEntry("error", "WhatsAppServiceException").containsEntry("retry_class", "TRANSIENT")
                    .allSatisfy((key, value) -> assertThat(value).doesNotContain("Kim")));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {502, 504})
    void aGatewayThatLostTheAnswerLeavesTheOutcomeUnknown(int status) {
        String user = user();
        answers(user, aResponse().withStatus(status).withHeader("Content-Type", "text/html").withBody("<html>Bad gateway</html>"));
        JsonNode exception = unsent(sendText(gateway, user, "Hello"));
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppServiceException");
        assertThat(exception.path("status_code").asInt()).isEqualTo(status);
        assertThat(exception.path("outcome_unknown").asBoolean()).isTrue();
        assertTries(user, 1);
    }

    @Test
    void aSuccessThatIsNoJsonLeavesTheOutcomeUnknown() {
        String user = user();
        answers(user, aResponse().withStatus(200).withHeader("Content-Type", "text/html").withBody("<html>Log in</html>"));
        JsonNode exception = unsent(sendText(gateway, user, "Hello"));
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppServiceException");
        assertThat(exception.path("outcome_unknown").asBoolean()).isTrue();
        assertTries(user, 1);
    }

    @Test
    void aRedirectIsNotFollowedAndTheTokenStaysHere() {
        WireMockServer elsewhere = new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));
        elsewhere.start();
        try {
            elsewhere.stubFor(any(anyUrl()).willReturn(accepted()));
            String user = user();
            answers(user, aResponse().withStatus(302).withHeader("Location", elsewhere.url("/taken")));

            JsonNode exception = unsent(sendText(gateway, user, "Hello"));
            assertThat(exception.path("type").asText()).isEqualTo("WhatsAppServiceException");
            assertThat(exception.path("status_code").asInt()).isEqualTo(302);
            assertTries(user, 1);
            elsewhere.verify(0, anyRequestedFor(anyUrl()));
        } finally {
            elsewhere.stop();
        }
    }

    @Test
    void aTemplateWithPositionalParametersIsSent() {
        String user = user();
        double before = gateway.counter("whatsapp.messages.sent", "type", "template", "status", "success");
        send(gateway, "direct:whatsapp-send-template", List.of("Kim", 3),
                Map.of("WhatsAppUser", user, "WhatsAppTemplate", "order_sent", "WhatsAppTemplateLanguage", "en_US"));

        await().atMost(LIMIT).untilAsserted(() -> assertTries(user, 1));
        assertThat(untraced(requestsTo(gateway, user).get(0).getBody())).isEqualTo(json("{\"messaging_product\":\"whatsapp\","
                + "\"recipient_type\":\"individual\",\"to\":\"+" + user + "\",\"type\":\"template\",\"template\":{\"name\":\"order_sent\","
                + "\"language\":{\"code\":\"en_US\"},\"components\":[{\"type\":\"body\",\"parameters\":["
                + "{\"type\":\"text\",\"text\":\"Kim\"},{\"type\":\"text\",\"text\":\"3\"}]}]}}"));
        await().atMost(LIMIT).untilAsserted(() ->
                assertThat(gateway.counter("whatsapp.messages.sent", "type", "template", "status", "success")).isEqualTo(before + 1));
    }

    @Test
    void aTemplateWithNamedParametersIsSent() {
        String user = user();
        Map<String, Object> named = new LinkedHashMap<>();
        named.put("name", "Kim, \"the\" ${body} (1)");
        send(gateway, "direct:whatsapp-send-template", named,
                Map.of("WhatsAppUser", user, "WhatsAppTemplate", "order_sent", "WhatsAppTemplateLanguage", "en_US"));

        await().atMost(LIMIT).untilAsserted(() -> assertTries(user, 1));
        assertThat(json(requestsTo(gateway, user).get(0).getBody()).at("/template/components/0/parameters"))
                .isEqualTo(json("[{\"type\":\"text\",\"text\":\"Kim, \\\"the\\\" ${body} (1)\",\"parameter_name\":\"name\"}]"));
    }

    @Test
    void aTemplateThatMetaDoesNotHaveIsNotTriedAgain() {
        String user = user();
        double before = gateway.counter("whatsapp.messages.sent", "type", "template", "status", "error");
        answers(user, refusal(404, 132001));
        String id = send(gateway, "direct:whatsapp-send-template", null,
                Map.of("WhatsAppUser", user, "WhatsAppTemplate", "no_such", "WhatsAppTemplateLanguage", "en_US"));

        JsonNode exception = unsent(id);
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppTemplateException");
        assertThat(exception.path("error_code").asInt()).isEqualTo(132001);
        assertThat(exception.toString()).contains("no_such");
        assertTries(user, 1);
        assertThat(gateway.counter("whatsapp.messages.sent", "type", "template", "status", "error")).isEqualTo(before + 1);
    }

    @Test
    void aTemplateWithoutANameIsRefusedAtOnce() {
        assertThatThrownBy(() -> send(gateway, "direct:whatsapp-send-template", null, Map.of("WhatsAppUser", user())))
                .hasCauseInstanceOf(WhatsAppTemplateException.class);
    }

    @Test
    void aMessageAsMetaDocumentsItIsSentAsItIs() {
        String user = user();
        String body = "{ \"messaging_product\": \"whatsapp\", \"to\": \"+" + user + "\", \"type\": \"location\","
                + " \"location\": {\"latitude\": 1.5, \"longitude\": 2.25}, \"biz_opaque_callback_data\": \"é ${body} {{x}}\" }";
        send(gateway, "direct:whatsapp-send", body, Map.of());
        await().atMost(LIMIT).untilAsserted(() -> assertTries(user, 1));
        assertThat(requestsTo(gateway, user).get(0).getBody()).isEqualTo(body.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "true", "7", "\"Hello\"", "'Hello'", "Hello, (you), ${body} {{x}} ${header.WhatsAppUser}", "a,b", "*", ",",
            "classpath:x", "  padded  ", "\uD83D\uDE00 é"})
    void whateverATextHoldsItIsSentAsItIs(String text) {
        String user = user();
        sendText(gateway, user, text);
        awaitTexts(gateway, user, text);
    }

    @Test
    void aMessageThatIsNoJsonIsRefusedAtOnce() {
        assertThatThrownBy(() -> send(gateway, "direct:whatsapp-send", "Hello Kim", Map.of()))
                .hasCauseInstanceOf(WhatsAppMessageException.class)
                .satisfies(e -> assertThat(e.getCause()).hasMessageNotContaining("Kim"));
    }

    @Test
    void aMessageWithAnIdThatWasUsedIsNotSentAgain() {
        String user = user();
        Map<String, Object> headers = Map.of("WhatsAppUser", user, "WhatsAppOutboundId", "order-" + user);
        send(gateway, "direct:whatsapp-send-text", "first", headers);
        awaitTexts(gateway, user, "first");
        send(gateway, "direct:whatsapp-send-text", "second", headers);
        sendText(gateway, user, "third");

        // the lane keeps order: were the second sent, it would be before the third
        awaitTexts(gateway, user, "first", "third");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../me", "1/../2", "1?access_token=x", "1#", "1%2f..", "{{whatsapp.app-secret}}", "http://127.0.0.1:1"})
    void aNumberThatWouldChangeThePathIsRefused(String number) {
        String user = user();
        String id = send(gateway, "direct:whatsapp-send-text", "Hello", Map.of("WhatsAppUser", user, "WhatsAppPhoneNumberId", number));

        assertThat(unsent(id).path("type").asText()).isEqualTo("WhatsAppMessageException");
        gateway.meta.verify(0, anyRequestedFor(anyUrl()));
    }

    @Test
    void camelHeadersOfAMessageDoNotReachTheCall() {
        String user = user();
        send(gateway, "direct:whatsapp-send-text", "Hello", Map.of("WhatsAppUser", user, "CamelHttpUri", "http://127.0.0.1:1/taken",
                "CamelHttpPath", "/taken", "CamelHttpQuery", "x=y", "CamelHttpMethod", "DELETE", "Authorization", "Bearer other",
                "X-Other", "secret"));
        awaitTexts(gateway, user, "Hello");
        gateway.meta.verify(1, postRequestedFor(urlEqualTo(MESSAGES)).withHeader("Authorization", equalTo("Bearer " + TestGateway.TOKEN))
                .withoutHeader("X-Other"));
        assertThat(requestsTo(gateway, user).get(0).getHeaders().keys())
                .noneMatch(name -> name.startsWith("WhatsApp") || name.startsWith("Camel") || name.startsWith("X-"));
    }

    @Test
    void aMessageIsSentByTheNumberItNames() {
        String user = user();
        gateway.meta.stubFor(com.github.tomakehurst.wiremock.client.WireMock.post(urlEqualTo("/v26.0/5550002/messages"))
                .willReturn(accepted()));
        send(gateway, "direct:whatsapp-send-text", "Hello", Map.of("WhatsAppUser", user, "WhatsAppPhoneNumberId", "5550002"));
        await().atMost(LIMIT).untilAsserted(() -> gateway.meta.verify(1, postRequestedFor(urlEqualTo("/v26.0/5550002/messages"))));
        assertTries(user, 0);
    }
}
