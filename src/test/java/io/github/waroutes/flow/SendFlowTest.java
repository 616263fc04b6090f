package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.NUMBER;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnsent;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.json;
import static io.github.waroutes.flow.Flows.send;
import static io.github.waroutes.flow.Flows.sendText;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.error.WhatsAppTemplateException;
import io.github.waroutes.junit.GraphFault;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.queue.StoredMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages from the endpoints for people's own routes, through the outbound queue, to the Graph API and what it may answer. */
@WhatsAppSimulator(numbers = "other=5550002", templates = "order_sent:en_US")
class SendFlowTest {

    /** The first try, and whatsapp.retry.transient.attempts. */
    private static final int TRANSIENT_TRIES = 3;
    /** The first try, and whatsapp.retry.throttle.attempts. */
    private static final int THROTTLE_TRIES = 2;

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static SimulatedGraph graph;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = Flows.gateway(directory).with(whatsapp).without("whatsapp.numbers.")
                .with("whatsapp.retry.throttle.delay", 10)
                // a user's throttle lasts four times as long each time, as Meta asks, whatever the delay
                .with("whatsapp.retry.throttle.attempts", THROTTLE_TRIES - 1)
                .with("whatsapp.retry.alone.give-up-after", 3000).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static JsonNode unsent(String id) {
        return exception(awaitUnsent(gateway, id));
    }

    /** A message without the id that we add for Meta's statuses to bring back. */
    private static JsonNode untraced(JsonNode body) {
        ObjectNode message = body.deepCopy();
        assertThat(message.remove("biz_opaque_callback_data").asText()).isNotBlank();
        return message;
    }

    private static void assertTries(String user, int tries) {
        assertThat(graph.callsTo(user)).hasSize(tries);
    }

    @Test
    void aTextThatIsAcceptedIsCountedAndTimedOnTheManagementPort() {
        String user = user();
        double before = gateway.counter("whatsapp.messages.sent", "type", "text", "status", "success");
        sendText(gateway, user, "Your order is on its way");

        awaitTexts(graph, user, "Your order is on its way");
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
        graph.fails(131026).forUser(user).always();
        double before = gateway.counter("whatsapp.messages.sent", "type", "text", "status", "error");
        String id = sendText(gateway, user, "Hello there");

        StoredMessage letter = awaitUnsent(gateway, id);
        JsonNode exception = exception(letter);
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppMessageException");
        assertThat(exception.path("error_code").asInt()).isEqualTo(131026);
        assertThat(exception.path("status_code").asInt()).isEqualTo(400);
        assertThat(exception.path("trace_id").asText()).isEqualTo(graph.callsTo(user).get(0).answer().at("/error/fbtrace_id").asText()).isNotEmpty();
        assertThat(exception.path("retry_class").asText()).isEqualTo("NEVER");
        assertThat(exception.path("context").path("endpoint").asText()).isEqualTo("messages");
        assertThat(untraced(json(letter.queueBody()))).isEqualTo(json("{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\","
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
        graph.fails(130429).withStatus(429).forUser(user);
        String id = sendText(gateway, user, "Hello");

        awaitTexts(graph, user, "Hello", "Hello");
        Flows.awaitQuiet(gateway);
        assertTries(user, 2);
        assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty();
        assertThat(gateway.counter("whatsapp.messages.sent", "status", "error")).isEqualTo(errors);
    }

    @Test
    void aRateLimitOfTheUserThatDoesNotPassIsTriedSoManyTimesAndNoMore() {
        String user = user();
        graph.fails(131056).withStatus(429).forUser(user).always();

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
        GraphFault throttle = code == 0 ? graph.answersHtml502().withRetryAfter(Duration.ZERO) : graph.fails(code);
        throttle.withStatus(429).forUser(user).always();
        String id = sendText(gateway, user, "Hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.callsTo(user)).hasSizeGreaterThan(THROTTLE_TRIES));
        throttle.isOver();
        Flows.awaitQuiet(gateway);
        assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty();
        int tries = graph.callsTo(user).size();
        Flows.sendText(gateway, user, "Next");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.textsTo(graph, user)).hasSize(tries + 1).last().isEqualTo("Next"));
    }

    @Test
    void a503IsHitAsOftenAsOurPolicySaysAndNotByTheHttpClientToo() {
        String user = user();
        double waits = gateway.counter("whatsapp.messages.waits");
        graph.answersHtml502().withStatus(503).withRetryAfter(Duration.ZERO).forUser(user);
        String id = sendText(gateway, user, "Hello");
        awaitTexts(graph, user, "Hello", "Hello");
        Flows.awaitQuiet(gateway);
        assertTries(user, 2);
        assertThat(gateway.counter("whatsapp.messages.waits")).as("the second try is ours").isEqualTo(waits + 1);
        assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty();
    }

    @Test
    void aCodeOfTheServiceThatOneMessageGetsAgainAndAgainWhileOthersAreTakenIsAboutTheMessage() {
        String user = user();
        graph.fails(131000).forUser(user).always();
        String id = sendText(gateway, user, "Hello");
        await().atMost(LIMIT).untilAsserted(() -> {
            sendText(gateway, user(), "another");
            assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).hasSize(1);
        });
        assertThat(unsent(id).path("error_code").asInt()).isEqualTo(131000);
        assertThat(graph.callsTo(user)).hasSizeGreaterThanOrEqualTo(TRANSIENT_TRIES);
    }

    @Test
    void aCodeOfTheServiceThatAMessageGetsMoreOftenThanOthersIsNotGivenUpByCount() {
        String user = user();
        graph.fails(131016).forUser(user).times(TRANSIENT_TRIES + 1);
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
        graph.fails(131000).forUser(user);
        String id = sendText(gateway, user, "Hello");
        awaitTexts(graph, user, "Hello", "Hello");
        Flows.awaitQuiet(gateway);
        assertTries(user, 2);
        assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty();
    }

    @Test
    void anAnswerThatDoesNotComeInTimeLeavesTheOutcomeUnknownAndIsNeverSentTwice() {
        String user = user();
        double before = gateway.counter("whatsapp.messages.sent", "type", "text", "status", "timeout");
        graph.givesNoAnswer(Duration.ofMillis(2500)).forUser(user);

        JsonNode exception = unsent(sendText(gateway, user, "Hello"));
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppNetworkException");
        assertThat(exception.path("outcome_unknown").asBoolean()).isTrue();
        assertTries(user, 1);
        assertThat(gateway.counter("whatsapp.messages.sent", "type", "text", "status", "timeout")).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aConnectionThatEndsAfterTheRequestLeavesTheOutcomeUnknown(boolean reset) {
        String user = user();
        (reset ? graph.cutsConnections() : graph.givesNoAnswer(Duration.ZERO)).forUser(user);
        JsonNode exception = unsent(sendText(gateway, user, "Hello"));
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppNetworkException");
        assertThat(exception.path("outcome_unknown").asBoolean()).isTrue();
        assertTries(user, 1);
    }

    @Test
    void aHtmlPageThatSays503IsTypedAndTriedAgain() {
        String user = user();
        graph.answersHtml502().withStatus(503).forUser(user);
        try (LogCapture log = new LogCapture("whatsapp")) {
            sendText(gateway, user, "Hello");
            awaitTexts(graph, user, "Hello", "Hello");
            assertThat(log.named("whatsapp.send_message.waits")).singleElement().satisfies(event -> assertThat(LogCapture.fields(event))
                    .containsEntry("error", "WhatsAppServiceException").containsEntry("retry_class", "TRANSIENT")
                    .allSatisfy((key, value) -> assertThat(value).doesNotContain("went wrong")));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {502, 504})
    void aGatewayThatLostTheAnswerLeavesTheOutcomeUnknown(int status) {
        String user = user();
        graph.answersHtml502().withStatus(status).forUser(user);
        JsonNode exception = unsent(sendText(gateway, user, "Hello"));
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppServiceException");
        assertThat(exception.path("status_code").asInt()).isEqualTo(status);
        assertThat(exception.path("outcome_unknown").asBoolean()).isTrue();
        assertTries(user, 1);
    }

    @Test
    void aTemplateWithPositionalParametersIsSent() {
        String user = user();
        double before = gateway.counter("whatsapp.messages.sent", "type", "template", "status", "success");
        send(gateway, "direct:whatsapp-send-template", List.of("Kim", 3),
                Map.of("WhatsAppUser", user, "WhatsAppTemplate", "order_sent", "WhatsAppTemplateLanguage", "en_US"));

        await().atMost(LIMIT).untilAsserted(() -> assertTries(user, 1));
        assertThat(untraced(graph.callsTo(user).get(0).body())).isEqualTo(json("{\"messaging_product\":\"whatsapp\","
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
        assertThat(graph.callsTo(user).get(0).body().at("/template/components/0/parameters"))
                .isEqualTo(json("[{\"type\":\"text\",\"text\":\"Kim, \\\"the\\\" ${body} (1)\",\"parameter_name\":\"name\"}]"));
    }

    @Test
    void aTemplateThatMetaDoesNotHaveIsNotTriedAgain() {
        String user = user();
        double before = gateway.counter("whatsapp.messages.sent", "type", "template", "status", "error");
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

    @ParameterizedTest
    @ValueSource(strings = {"null", "true", "7", "\"Hello\"", "'Hello'", "Hello, (you), ${body} {{x}} ${header.WhatsAppUser}", "a,b", "*", ",",
            "classpath:x", "  padded  ", "\uD83D\uDE00 é"})
    void whateverATextHoldsItIsSentAsItIs(String text) {
        String user = user();
        sendText(gateway, user, text);
        awaitTexts(graph, user, text);
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
        awaitTexts(graph, user, "first");
        send(gateway, "direct:whatsapp-send-text", "second", headers);
        sendText(gateway, user, "third");

        // the lane keeps order: were the second sent, it would be before the third
        awaitTexts(graph, user, "first", "third");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../me", "1/../2", "1?access_token=x", "1#", "1%2f..", "{{whatsapp.app-secret}}", "http://127.0.0.1:1"})
    void aNumberThatWouldChangeThePathIsRefused(String number) {
        String user = user();
        String id = send(gateway, "direct:whatsapp-send-text", "Hello", Map.of("WhatsAppUser", user, "WhatsAppPhoneNumberId", number));

        assertThat(unsent(id).path("type").asText()).isEqualTo("WhatsAppMessageException");
        assertThat(graph.calls()).isEmpty();
    }

    @Test
    void aMessageIsSentByTheNumberItNames() {
        String user = user();
        send(gateway, "direct:whatsapp-send-text", "Hello", Map.of("WhatsAppUser", user, "WhatsAppPhoneNumberId", "5550002"));
        awaitTexts(graph, user, "Hello");
        assertThat(graph.callsTo(user).get(0).path()).endsWith("/v26.0/5550002/messages");
    }
}
