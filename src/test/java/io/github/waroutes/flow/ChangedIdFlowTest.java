package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.NUMBER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.send.ServiceWindow;
import io.github.waroutes.send.WindowState;
import io.github.waroutes.simulator.GraphCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Window, limits, order and memory of a conversation go on when its user gets another id. */
@WhatsAppSimulator
class ChangedIdFlowTest {

    private static final String OLD = "US.10000000000000000001";
    private static final String NEW = "US.20000000000000000002";

    @TempDir
    Path directory;

    private SimulatedWhatsApp whatsapp;
    private SimulatedGraph graph;

    private void says(String id, String text) {
        whatsapp.user("Kim", id).sends(text);
    }

    private void changes(String type, String more) {
        whatsapp.user("Kim", "15555550101").says(("{\"system\":{\"type\":\"%s\",\"user_id\":\"%s\",\"previous_user_id\":\"%s\","
                + "\"body\":\"Kim changed\"%s}}").formatted(type, NEW, OLD, more));
    }

    @Test
    void aChangedIdKeepsItsConversation() {
        try (TestGateway gateway = new TestGateway(directory).with("whatsapp.understanding", "openai").with("whatsapp.mark-read", false)
                .with("whatsapp.limit.pair-burst", 2).with(whatsapp).start()) {
            gateway.meta().stubFor(post(urlEqualTo("/v1/chat/completions")).willReturn(
                    okJson("{\"choices\":[{\"message\":{\"content\":\"an answer\"}}]}").withFixedDelay(400)));
            says(OLD, "first");
            says(OLD, "second");
            changes("user_changed_user_id", "");
            says(NEW, "third");
            // the pair's burst is two, so the third answer waits its six seconds: the limit went over to the new id
            await().atMost(LIMIT).until(() -> graph.sent().size() == 3);
            assertThat(graph.sent()).extracting(sent -> sent.body().path("recipient").asText()).containsExactly(OLD, OLD, NEW);
            List<String> asked = gateway.meta().findAll(postRequestedFor(urlEqualTo("/v1/chat/completions"))).stream()
                    .map(request -> request.getBodyAsString()).toList();
            assertThat(asked).hasSize(3);
            assertThat(asked.get(2)).as("what was said under the old id is remembered").contains("first", "second", "third");
            List<Instant> times = graph.sent().stream().map(GraphCall::at).toList();
            assertThat(Duration.between(times.get(0), times.get(2))).isGreaterThan(Duration.ofSeconds(4));
        }
    }

    @Test
    void theWindowOfTheOldIdIsThatOfTheNewOne() {
        try (TestGateway gateway = new TestGateway(directory).with("whatsapp.on.text", "direct:whatsapp-types-noted").with(whatsapp).start()) {
            ServiceWindow window = gateway.camel().getRegistry().lookupByNameAndType("whatsappWindow", ServiceWindow.class);
            says(OLD, "first");
            assertThat(window.isOpen(NUMBER, NEW, Instant.now())).isEqualTo(WindowState.UNKNOWN);
            changes("user_changed_number", ",\"wa_id\":\"15555550102\"");
            await().atMost(LIMIT).until(() -> window.isOpen(NUMBER, NEW, Instant.now()) == WindowState.OPEN);
        }
    }
}
