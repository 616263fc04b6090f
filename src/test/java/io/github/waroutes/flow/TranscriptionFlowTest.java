package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.flow.Flows.APOLOGY;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnanswered;
import static io.github.waroutes.flow.Flows.exception;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The transcription hop, as OpenAI-compatible servers answer it: WireMock stands for one, and the simulator for Meta. */
@WhatsAppSimulator(patience = 30_000)
class TranscriptionFlowTest {

    private static final String SPEECH = "/v1/audio/transcriptions";

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static SimulatedWhatsApp whatsapp;
    private static SimulatedGraph graph;

    @WhatsAppUser
    private SimulatedUser kim;

    @BeforeAll
    static void start() {
        gateway = Flows.gateway(directory.resolve("one")).withGraphOf(whatsapp).with("whatsapp.transcription.api-key", "speech-key")
                .with("whatsapp.transcription.language", "en").with("whatsapp.understanding", "echo").with(echo()).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static RouteBuilder echo() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:whatsapp-understanding-echo").setBody(simple("You said: ${body}"));
            }
        };
    }

    @BeforeEach
    void nothingIsHeard() {
        gateway.meta().resetAll();
        // a test may have started another gateway
        whatsapp.webhookPort(gateway.port);
    }

    private static void hears(ResponseDefinitionBuilder answer) {
        gateway.meta().stubFor(post(urlEqualTo(SPEECH)).willReturn(answer));
    }

    private static int calls() {
        return gateway.meta().findAll(postRequestedFor(urlEqualTo(SPEECH))).size();
    }

    private JsonNode givenUp() {
        String id = kim.sendsVoice("x").id();
        JsonNode exception = exception(awaitUnanswered(gateway, id));
        Flows.awaitQuiet(gateway);
        awaitTexts(graph, kim.id(), APOLOGY);
        assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).hasSize(1);
        return exception;
    }

    @Test
    void theWordsAreUnderstoodAndTheKeyGoesToTheTranscriptionServerOnly() {
        hears(okJson("{\"text\":\" where are you? \",\"usage\":{\"type\":\"duration\",\"seconds\":3}}"));
        kim.sendsVoice("x");
        awaitTexts(graph, kim.id(), "You said: where are you?");
        gateway.meta().verify(1, postRequestedFor(urlEqualTo(SPEECH)).withHeader("Authorization", equalTo("Bearer speech-key")));
        // the simulator gives a file to its own token only
        assertThat(graph.calls()).filteredOn(call -> call.path().startsWith("/simulator/media/")).singleElement()
                .satisfies(call -> assertThat(call.status()).isEqualTo(200));
    }

    @Test
    void aServerThatIsBusyIsAskedAgain() {
        gateway.meta().stubFor(post(urlEqualTo(SPEECH)).inScenario("busy").whenScenarioStateIs(Scenario.STARTED)
                .willReturn(aResponse().withStatus(429).withHeader("Retry-After", "0")).willSetStateTo("then"));
        gateway.meta().stubFor(post(urlEqualTo(SPEECH)).inScenario("busy").whenScenarioStateIs("then").willReturn(okJson("{\"text\":\"hi\"}")));
        kim.sendsVoice("x");
        awaitTexts(graph, kim.id(), "You said: hi");
        assertThat(calls()).isEqualTo(2);
    }

    @Test
    void aServerThatIsDownIsAskedAFewTimesThenThereIsOneApology() {
        hears(aResponse().withStatus(500).withBody("{\"error\":{\"message\":\"cannot decode what Kim said\",\"type\":\"server_error\"}}"));
        JsonNode exception = givenUp();
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppHopException");
        assertThat(exception.path("hop").asText()).isEqualTo("transcription");
        assertThat(exception.path("status_code").asInt()).isEqualTo(500);
        assertThat(exception.at("/context/server_error").asText()).isEqualTo("server_error");
        assertThat(exception.toString()).doesNotContain("Kim");
        assertThat(calls()).isEqualTo(3);
    }

    @Test
    void aServerThatDoesNotAnswerInTimeIsAskedAFewTimes() {
        hears(okJson("{\"text\":\"late\"}").withFixedDelay(2500));
        JsonNode exception = givenUp();
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppNetworkException");
        assertThat(exception.at("/context/endpoint").asText()).isEqualTo("transcription");
        org.awaitility.Awaitility.await().atMost(TestGateway.LIMIT).untilAsserted(() -> assertThat(calls()).isEqualTo(3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>nginx</html>", "{\"words\":\"hi\"}", ""})
    void anAnswerThatIsNoTranscriptionIsNotAskedForAgain(String answer) {
        hears(aResponse().withStatus(200).withBody(answer));
        assertThat(givenUp().path("type").asText()).isEqualTo("WhatsAppHopException");
        assertThat(calls()).isEqualTo(1);
    }

    @Test
    void aWrongKeyIsNotTriedAgain() {
        hears(aResponse().withStatus(401));
        assertThat(givenUp().path("retry_class").asText()).isEqualTo("ALARM");
        assertThat(calls()).isEqualTo(1);
    }

    @Test
    void whoSaidNothingIsAskedToWrite() {
        hears(okJson("{\"text\":\"  \"}"));
        kim.sendsVoice("x");
        awaitTexts(graph, kim.id(), "Sorry, I could not hear anything in that message. Could you write it?");
    }

    @Test
    void withoutATranscriptionServerVoiceIsATypeThatIsNotHandled() {
        try (TestGateway deaf = Flows.gateway(directory.resolve("deaf")).with(whatsapp).with("whatsapp.transcription.url", "").start()) {
            kim.sendsVoice("x");
            awaitTexts(graph, kim.id(), "Sorry, I can only read text and listen to voice messages so far.");
            assertThat(graph.calls()).noneMatch(call -> call.method().equals("GET"));
        }
    }
}
