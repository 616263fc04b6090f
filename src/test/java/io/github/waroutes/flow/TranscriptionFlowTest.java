package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlMatching;
import static io.github.waroutes.flow.Flows.APOLOGY;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnanswered;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The transcription hop, as OpenAI-compatible servers answer it. */
class TranscriptionFlowTest {

    private static final String SPEECH = "/v1/audio/transcriptions";
    private static final String MEDIA = "777002";

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    private String user;

    @BeforeAll
    static void start() {
        gateway = Flows.gateway(directory.resolve("one")).with("whatsapp.transcription.api-key", "speech-key")
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
    void mediaIsThere() {
        media(gateway);
        user = user();
    }

    private static void media(TestGateway gateway) {
        Flows.reset(gateway);
        gateway.meta.stubFor(get(urlMatching("/v26.0/" + MEDIA)).willReturn(okJson("{\"url\":\"" + gateway.meta.url("/bytes")
                + "\",\"mime_type\":\"audio/ogg\"}")));
        gateway.meta.stubFor(get(urlEqualTo("/bytes")).willReturn(aResponse().withHeader("Content-Type", "audio/ogg").withBody("OggS")));
    }

    private static void hears(ResponseDefinitionBuilder answer) {
        gateway.meta.stubFor(post(urlEqualTo(SPEECH)).willReturn(answer));
    }

    private String speak(TestGateway gateway) {
        String id = Payloads.id();
        assertThat(gateway.webhook(Payloads.messages(Payloads.audio(id, user, MEDIA, "x"))).statusCode()).isEqualTo(200);
        return id;
    }

    private static int calls() {
        return gateway.meta.findAll(postRequestedFor(urlEqualTo(SPEECH))).size();
    }

    private JsonNode givenUp() {
        String id = speak(gateway);
        JsonNode exception = exception(awaitUnanswered(gateway, id));
        Flows.awaitQuiet(gateway);
        awaitTexts(gateway, user, APOLOGY);
        assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).hasSize(1);
        return exception;
    }

    @Test
    void theWordsAreUnderstoodAndTheKeyGoesToTheTranscriptionServerOnly() {
        hears(okJson("{\"text\":\" where are you? \",\"usage\":{\"type\":\"duration\",\"seconds\":3}}"));
        speak(gateway);
        awaitTexts(gateway, user, "You said: where are you?");
        gateway.meta.verify(1, postRequestedFor(urlEqualTo(SPEECH)).withHeader("Authorization", equalTo("Bearer speech-key")));
        gateway.meta.verify(1, getRequestedFor(urlEqualTo("/bytes")).withHeader("Authorization", equalTo("Bearer " + TestGateway.TOKEN)));
    }

    @Test
    void aServerThatIsBusyIsAskedAgain() {
        gateway.meta.stubFor(post(urlEqualTo(SPEECH)).inScenario("busy").whenScenarioStateIs(Scenario.STARTED)
                .willReturn(aResponse().withStatus(429).withHeader("Retry-After", "0")).willSetStateTo("then"));
        gateway.meta.stubFor(post(urlEqualTo(SPEECH)).inScenario("busy").whenScenarioStateIs("then").willReturn(okJson("{\"text\":\"hi\"}")));
        speak(gateway);
        awaitTexts(gateway, user, "You said: hi");
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
        speak(gateway);
        awaitTexts(gateway, user, "Sorry, I could not hear anything in that message. Could you write it?");
    }

    @Test
    void withoutATranscriptionServerVoiceIsATypeThatIsNotHandled() {
        try (TestGateway deaf = Flows.gateway(directory.resolve("deaf")).with("whatsapp.transcription.url", "").start()) {
            media(deaf);
            speak(deaf);
            awaitTexts(deaf, user, "Sorry, I can only read text and listen to voice messages so far.");
            deaf.meta.verify(0, getRequestedFor(urlMatching("/v26.0/" + MEDIA)));
        }
    }
}
