package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.TestGateway;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads on the whole gateway, with the simulator in the place of Meta: what is injected must be what the verdict says. */
class LoadFlowTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        gateway = new TestGateway(directory);
        gateway.with("camel.main.routesIncludePattern",
                        "classpath:routes/whatsapp/*.camel.yaml,classpath:routes/simulator/*.camel.yaml")
                .with("whatsapp.graph.url", "http://127.0.0.1:" + gateway.port + "/graph")
                .with("whatsapp.transcription.url", "http://127.0.0.1:" + gateway.port + "/simulator/v1/audio/transcriptions")
                .with("whatsapp.understanding", "echo")
                .with("whatsapp.breaker.failure-percent", 100)
                .with("whatsapp.limit.adaptive", false)
                .with("whatsapp.simulator.webhook-retry-delay", 50)
                // what may have been sent is sent again after a second without a status, and statuses come later than that
                .with("whatsapp.outcome.silence-seconds", 1)
                .with("whatsapp.outcome.resend", true)
                // chance may give one message all answers that say nothing
                .with("whatsapp.outcome.resends", 5)
                .with("whatsapp.outcome.ask-again-after", 100)
                .with("whatsapp.simulator.status-delay", 6000)
                // the simulator forgets most of what is said before it is answered, and the verdict must not mind
                .with("whatsapp.simulator.max-conversations", 3)
                .with("whatsapp.simulator.max-messages", 2)
                .start();
        // a cold gateway can take seconds for its first answer, and one test waits for seconds only
        assertThat(verdictOf("{'users':2,'per_second':4,'seconds':1,'settle_seconds':0}").path("clean").asBoolean()).isTrue();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @AfterEach
    void end() {
        for (int times = 0; times < 2; times++) {
            call("DELETE", null);
        }
        await().atMost(PATIENCE).until(() -> !read(call("GET", null)).has("open"));
    }

    private static HttpResponse<String> call(String method, String body) {
        return TestGateway.send(HttpRequest.newBuilder(gateway.url("/simulator/load")).timeout(PATIENCE)
                .header("Content-Type", "application/json").method(method, body == null
                        ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body.replace('\'', '"'))).build());
    }

    private static JsonNode read(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode verdictOf(String plan) {
        HttpResponse<String> started = call("POST", plan);
        assertThat(started.statusCode()).as(started.body()).isEqualTo(202);
        return await().atMost(PATIENCE).until(() -> read(call("GET", null)), report -> report.has("clean"));
    }

    @Test
    void fiveSecondsOfTalkWithVoiceMessagesAreAnsweredOnceAndInOrder() {
        JsonNode verdict = verdictOf("{'users':20,'per_second':20,'seconds':5,'voice_share':0.2,'seed':5}");

        assertThat(verdict.path("problems").asText()).as(verdict.toString()).isEmpty();
        assertThat(verdict.path("state").asText()).isEqualTo("done");
        assertThat(verdict.path("sent").asInt()).isEqualTo(100);
        assertThat(verdict.path("acknowledged").asInt()).isEqualTo(100);
        assertThat(verdict.path("answered").asInt()).isEqualTo(100);
        assertThat(verdict.path("unrelated").asInt()).isZero();
        assertThat(verdict.at("/acknowledgement_ms/p50").asDouble()).isPositive();
        assertThat(verdict.at("/answer_ms/p99").asDouble()).isPositive();
    }

    @Test
    void whatTheGatewayMustBearLeavesTheVerdictClean() {
        JsonNode verdict = verdictOf("{'users':10,'per_second':20,'seconds':4,'seed':6,'drain_seconds':45,'faults':["
                + "{'fault':'duplicate-webhook','probability':0.3},{'fault':'slow','endpoint':'webhook','delay_ms':300,'probability':0.3},"
                + "{'fault':'graph-error','code':131056,'times':3},{'fault':'graph-error','code':130429,'times':3},"
                + "{'fault':'html-502','times':3},{'fault':'slow','delay_ms':200,'probability':0.1}]}");

        assertThat(verdict.path("problems").asText()).as(verdict.toString()).isEmpty();
        assertThat(verdict.path("answered").asInt()).isEqualTo(80);
    }

    @Test
    void anAnswerThatIsSentAgainBecauseItsFateWasUnknownIsADouble() {
        JsonNode verdict = verdictOf("{'users':5,'per_second':5,'seconds':2,'settle_seconds':5,'faults':[{'fault':'answer-lost'}]}");

        assertThat(verdict.path("problems").asText()).as(verdict.toString()).isEqualTo("1 doubled");
        assertThat(verdict.path("answered").asInt()).isEqualTo(10);
    }

    @Test
    void anAnswerThatIsRefusedForGoodIsLost() {
        JsonNode verdict = verdictOf("{'users':5,'per_second':5,'seconds':2,'drain_seconds':10,"
                + "'faults':[{'fault':'graph-error','code':131026,'times':2}]}");

        assertThat(verdict.path("problems").asText()).as(verdict.toString()).isEqualTo("2 lost");
        assertThat(verdict.path("answered").asInt()).isEqualTo(8);
        assertThat(verdict.path("doubled").asInt()).isZero();
    }
}
