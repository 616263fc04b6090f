package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedBusinessNumber;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppNumber;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import io.github.waroutes.number.AppSecretProof;
import io.github.waroutes.number.NumberSettings;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two apps that require {@code appsecret_proof}, as Meta's setting "Require App Secret" does: the simulator refuses every call without the right one. */
@WhatsAppSimulator(numbers = "es=5002000::7002000:es:es-token:es-secret", appSecretProof = true, reset = false)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AppSecretProofFlowTest {

    @TempDir
    static Path directory;

    private TestGateway gateway;
    private SimulatedWhatsApp meta;
    private SimulatedGraph graph;
    private CapturedLog log;
    @WhatsAppUser(name = "Kim")
    private SimulatedUser user;
    @WhatsAppNumber("es")
    private SimulatedBusinessNumber spanish;

    @BeforeAll
    void start(SimulatedWhatsApp whatsapp) {
        meta = whatsapp;
        log = new CapturedLog();
        gateway = Flows.gateway(directory).with(whatsapp).with("whatsapp.graph.appsecret-proof", true).with("whatsapp.understanding", "echo")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:whatsapp-understanding-echo").setBody(simple("re: ${body}"));
                    }
                }).start();
    }

    @AfterAll
    void stop() {
        log.close();
        gateway.close();
    }

    private HttpResponse<String> call(String query) {
        return TestGateway.send(HttpRequest.newBuilder(URI.create(meta.graphUrl() + "/v26.0/" + TestGateway.NUMBER + query))
                .header("Authorization", "Bearer " + meta.accessToken()).build());
    }

    @Test
    void textVoiceReadMarkUploadAndDeleteOfBothAppsAreAccepted() throws Exception {
        user.sends("hello");
        user.receives("re: hello");
        user.sendsVoice("can I pay by card");
        user.receives("re: can I pay by card");
        SimulatedUser spaniard = spanish.user("Ana", Flows.user());
        spaniard.sends("hola");
        spaniard.receives("re: hola");
        Object uploaded = gateway.camel().createProducerTemplate().requestBodyAndHeaders("direct:whatsapp-upload-media",
                "%PDF- made up".getBytes(StandardCharsets.UTF_8), Map.of("WhatsAppMediaType", "application/pdf", "WhatsAppFileName", "a.pdf"));

        assertThat(uploaded).isNotNull();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.calls()).anyMatch(one -> one.isReadMark() && one.status() == 200));
        assertThat(graph.calls()).anyMatch(one -> one.path().endsWith("/media"));
        assertThat(gateway.deadLetters()).isEmpty();
        theProofGoesToGraphOnlyAndIsShownNowhere();
    }

    private void theProofGoesToGraphOnlyAndIsShownNowhere() {
        JsonNode calls = json(gateway.get(URI.create(meta.url() + "/simulator/calls?limit=1000")).body());
        List<String> paths = StreamSupport.stream(calls.spliterator(), false).filter(one -> one.path("status").asInt() == 200)
                .map(one -> one.path("path").asText()).toList();
        assertThat(paths).filteredOn(path -> path.startsWith("/graph/")).isNotEmpty().allMatch(path -> path.matches(".*\\?appsecret_proof=…[0-9a-f]{4}"));
        assertThat(paths).filteredOn(path -> path.startsWith("/simulator/media/")).as("the download of the voice message").isNotEmpty()
                .noneMatch(path -> path.contains("appsecret_proof"));
        NumberSettings numbers = NumberSettings.in(gateway.camel());
        AppSecretProof proof = new AppSecretProof();
        numbers.registry().all().forEach(number -> assertThat(log.everything()).doesNotContain(proof.query(number)));
    }

    @ParameterizedTest
    @CsvSource({"'', API calls from the server require an appsecret_proof argument",
        "?appsecret_proof=00, Invalid appsecret_proof provided in the API argument"})
    void theSimulatorRefusesAsMetaDoes(String query, String message) {
        HttpResponse<String> answer = call(query);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer.body()).at("/error/code").asInt()).isEqualTo(100);
        assertThat(json(answer.body()).at("/error/message").asText()).isEqualTo(message);
        assertThat(json(answer.body()).at("/error/type").asText()).isEqualTo("GraphMethodException");
    }
}
