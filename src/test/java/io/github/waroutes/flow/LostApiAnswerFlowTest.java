package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.accepted;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnsent;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.messagesTo;
import static io.github.waroutes.flow.Flows.textsTo;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages of the send API whose answer from Meta is lost; somebody's own route handles statuses. */
class LostApiAnswerFlowTest {

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        gateway = Flows.gateway(directory)
                .with("whatsapp.api.token", "api-token")
                .with("whatsapp.outcome.silence-seconds", 2)
                .with("whatsapp.outcome.resend", true)
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void metaAcceptsEverything() {
        Flows.reset(gateway);
    }

    /** The read time-out is 1.5 s. */
    private static void answersAreLost(String user) {
        gateway.meta.stubFor(messagesTo(user).willReturn(accepted().withFixedDelay(2000)));
    }

    private static void firstAnswerIsLost(String user) {
        gateway.meta.stubFor(messagesTo(user).inScenario(user).whenScenarioStateIs(Scenario.STARTED)
                .willReturn(accepted().withFixedDelay(2000)).willSetStateTo("then"));
        gateway.meta.stubFor(messagesTo(user).inScenario(user).whenScenarioStateIs("then").willReturn(
                accepted().withBody("{\"messages\":[{\"id\":\"wamid.then" + user + "\"}]}")));
    }

    /** Queues a text by the send API; gives its id. */
    private static String post(String user, String more) {
        HttpResponse<String> answer = api("/api/messages").method("POST", "{\"messaging_product\":\"whatsapp\",\"to\":\"+" + user
                + "\",\"type\":\"text\",\"text\":{\"body\":\"hello\"}" + more + '}');
        assertThat(answer.statusCode()).isEqualTo(202);
        return Flows.json(answer.body()).path("id").asText();
    }

    private static Call api(String path) {
        return (method, body) -> TestGateway.send(HttpRequest.newBuilder(gateway.url(path)).timeout(LIMIT)
                .header("Authorization", "Bearer api-token").header("Content-Type", "application/json")
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body)).build());
    }

    private interface Call {
        HttpResponse<String> method(String method, String body);
    }

    private static String state(String id) {
        return Flows.json(api("/api/messages/" + id).method("GET", null).body()).path("state").asText();
    }

    @Test
    void thatItWasQueuedDoesNotPassForSentAndSilenceSendsItAgain() {
        String user = user();
        firstAnswerIsLost(user);
        String id = post(user, "");
        awaitTexts(gateway, user, "hello", "hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(state(id)).isEqualTo("accepted"));
        Flows.awaitQuiet(gateway);
        assertThat(textsTo(gateway, user)).hasSize(2);
    }

    @Test
    void aStatusSettlesItAndIsItsState() {
        String user = user();
        firstAnswerIsLost(user);
        String id = post(user, "");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(textsTo(gateway, user)).hasSize(1));
        Flows.status(gateway, id, Payloads.id(), user, "delivered");
        Flows.awaitQuiet(gateway);
        assertThat(state(id)).isEqualTo("delivered");
        assertThat(textsTo(gateway, user)).hasSize(1);
    }

    @Test
    void answersThatAreAlwaysLostEndInTheDeadLetterAfterOneResend() {
        String user = user();
        answersAreLost(user);
        String id = post(user, "");
        JsonNode exception = exception(awaitUnsent(gateway, id));
        assertThat(exception.path("outcome_unknown").asBoolean()).isTrue();
        Flows.awaitQuiet(gateway);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(textsTo(gateway, user)).hasSize(2));
        await().during(Duration.ofSeconds(1)).atMost(LIMIT).untilAsserted(() -> assertThat(textsTo(gateway, user)).hasSize(2));
        assertThat(state(id)).isEqualTo("failed");
    }

    @Test
    void aMessageWithTheCallersOwnCallbackDataIsNotSentAgainAndSaysWhy() {
        String user = user();
        answersAreLost(user);
        String id = post(user, ",\"biz_opaque_callback_data\":\"campaign-1\"");
        JsonNode exception = exception(awaitUnsent(gateway, id));
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppNetworkException");
        assertThat(exception.path("message").asText()).contains("biz_opaque_callback_data is not our id");
        Flows.awaitQuiet(gateway);
        await().during(Duration.ofSeconds(3)).atMost(LIMIT).untilAsserted(() ->
                assertThat(textsTo(gateway, user)).hasSizeLessThanOrEqualTo(1));
    }
}
