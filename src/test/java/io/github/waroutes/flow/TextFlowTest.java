package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;

import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.UserMessage;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.simulator.GraphCall;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user writes or says, from the webhook to the answer at the Graph API. */
@WhatsAppSimulator(accessToken = "text-flow-token", patience = 30_000)
class TextFlowTest {

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = new TestGateway(directory).with(whatsapp).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void aTextIsMarkedAsReadAndThenAnswered(SimulatedUser kim, SimulatedGraph graph) {
        UserMessage question = kim.sends("when do you open?");

        kim.receivesMatching("open");
        // the simulator takes JSON under its token, and nothing else
        assertThat(graph.calls()).hasSize(2).allSatisfy(call -> assertThat(call.status()).isEqualTo(200));
        assertThat(graph.calls().get(0).body()).isEqualTo(Flows.json("{\"messaging_product\":\"whatsapp\",\"status\":\"read\","
                + "\"message_id\":\"" + question.id() + "\",\"typing_indicator\":{\"type\":\"text\"}}"));
        assertThat(graph.callsTo(kim)).singleElement().satisfies(call -> {
            assertThat(call.path()).endsWith("/v26.0/" + TestGateway.NUMBER + "/messages");
            assertThat(call.body().path("to").asText()).isEqualTo("+" + kim.id());
            assertThat(call.body().path("messaging_product").asText()).isEqualTo("whatsapp");
            assertThat(call.body().path("type").asText()).isEqualTo("text");
        });
        kim.receivesNothingFor(Duration.ofMillis(200));
    }

    @Test
    void aVoiceMessageIsDownloadedTranscribedAndAnswered(SimulatedUser kim, SimulatedGraph graph) {
        UserMessage question = kim.sendsVoice("when do you open?");

        kim.receivesMatching("open");
        kim.seesRead(question);
        assertThat(graph.calls()).extracting(GraphCall::path).filteredOn(path -> !path.endsWith("/messages"))
                .satisfiesExactly(media -> assertThat(media).startsWith("/graph/v26.0/"),
                        file -> assertThat(file).startsWith("/simulator/media/"),
                        words -> assertThat(words).isEqualTo("/simulator/v1/audio/transcriptions"));
    }
}
