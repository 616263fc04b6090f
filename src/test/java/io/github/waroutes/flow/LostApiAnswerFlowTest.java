package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.awaitUnsent;
import static io.github.waroutes.flow.Flows.exception;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages of the send API whose answer from Meta is lost; somebody's own route handles statuses. */
@WhatsAppSimulator(patience = 30_000)
class LostApiAnswerFlowTest {

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    private SimulatedGraph graph;
    @WhatsAppUser
    private SimulatedUser kim;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = Flows.gateway(directory)
                .with(whatsapp)
                .with("whatsapp.api.token", "api-token")
                .with("whatsapp.outcome.silence-seconds", 2)
                .with("whatsapp.outcome.resend", true)
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    /** No status of the simulator's tells either. */
    @BeforeEach
    void statusesAreWithheld() {
        Flows.withholdsStatuses(graph, kim);
    }

    /** Queues a text by the send API; gives its id. */
    private String post(String more) {
        HttpResponse<String> answer = api("/api/messages").method("POST", "{\"messaging_product\":\"whatsapp\",\"to\":\"+" + kim.id()
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
        graph.losesAnswers().forUser(kim);
        String id = post("");
        kim.receives("hello", "hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(state(id)).isEqualTo("accepted"));
        Flows.awaitQuiet(gateway);
        assertThat(graph.callsTo(kim)).hasSize(2);
    }

    @Test
    void aStatusSettlesItAndIsItsState() {
        graph.losesAnswers().forUser(kim);
        String id = post("");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.callsTo(kim)).hasSize(1));
        Flows.status(gateway, id, Payloads.id(), kim.id(), "delivered");
        Flows.awaitQuiet(gateway);
        assertThat(state(id)).isEqualTo("delivered");
        assertThat(graph.callsTo(kim)).hasSize(1);
    }

    @Test
    void answersThatAreAlwaysLostEndInTheDeadLetterAfterOneResend() {
        graph.losesAnswers().always().forUser(kim);
        String id = post("");
        JsonNode exception = exception(awaitUnsent(gateway, id));
        assertThat(exception.path("outcome_unknown").asBoolean()).isTrue();
        Flows.awaitQuiet(gateway);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.callsTo(kim)).hasSize(2));
        await().during(Duration.ofSeconds(1)).atMost(LIMIT).untilAsserted(() -> assertThat(graph.callsTo(kim)).hasSize(2));
        assertThat(state(id)).isEqualTo("failed");
    }

    @Test
    void aMessageWithTheCallersOwnCallbackDataIsNotSentAgainAndSaysWhy() {
        graph.losesAnswers().always().forUser(kim);
        String id = post(",\"biz_opaque_callback_data\":\"campaign-1\"");
        JsonNode exception = exception(awaitUnsent(gateway, id));
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppNetworkException");
        assertThat(exception.path("message").asText()).contains("biz_opaque_callback_data is not our id");
        Flows.awaitQuiet(gateway);
        await().during(Duration.ofSeconds(3)).atMost(LIMIT).untilAsserted(() ->
                assertThat(graph.callsTo(kim)).hasSizeLessThanOrEqualTo(1));
    }
}
