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

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.send.ServiceWindow;
import io.github.waroutes.send.WindowState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Window, limits, order and memory of a conversation go on when its user gets another id. */
class ChangedIdFlowTest {

    private static final String OLD = "US.10000000000000000001";
    private static final String NEW = "US.20000000000000000002";

    @TempDir
    static Path directory;

    private static void accepts(TestGateway gateway, ObjectNode message) {
        assertThat(gateway.webhook(Payloads.messages(message)).statusCode()).isEqualTo(200);
    }

    @Test
    void aChangedIdKeepsItsConversation() {
        try (TestGateway gateway = new TestGateway(directory).with("whatsapp.understanding", "openai").with("whatsapp.mark-read", false)
                .with("whatsapp.limit.pair-burst", 2).start()) {
            Flows.reset(gateway);
            gateway.meta.stubFor(post(urlEqualTo("/v1/chat/completions")).willReturn(
                    okJson("{\"choices\":[{\"message\":{\"content\":\"an answer\"}}]}").withFixedDelay(400)));
            accepts(gateway, Payloads.text(Payloads.id(), OLD, "first"));
            accepts(gateway, Payloads.text(Payloads.id(), OLD, "second"));
            ObjectNode change = Payloads.message(Payloads.id(), "15555550101", "system");
            change.putObject("system").put("type", "user_changed_user_id").put("user_id", NEW).put("previous_user_id", OLD).put("body", "Kim changed");
            accepts(gateway, change);
            accepts(gateway, Payloads.text(Payloads.id(), NEW, "third"));
            // the pair's burst is two, so the third answer waits its six seconds: the limit went over to the new id
            await().atMost(LIMIT).until(() -> Sends.messages(gateway.meta).size() == 3);
            assertThat(Sends.messages(gateway.meta)).extracting(sent -> sent.path("recipient").asText()).containsExactly(OLD, OLD, NEW);
            List<String> asked = gateway.meta.findAll(postRequestedFor(urlEqualTo("/v1/chat/completions"))).stream()
                    .map(request -> request.getBodyAsString()).toList();
            assertThat(asked).hasSize(3);
            assertThat(asked.get(2)).as("what was said under the old id is remembered").contains("first", "second", "third");
            List<Instant> times = gateway.meta.findAll(postRequestedFor(urlEqualTo(TestGateway.MESSAGES))).stream()
                    .map(request -> request.getLoggedDate().toInstant()).toList();
            assertThat(Duration.between(times.get(0), times.get(2))).isGreaterThan(Duration.ofSeconds(4));
        }
    }

    @Test
    void theWindowOfTheOldIdIsThatOfTheNewOne(@TempDir Path other) {
        try (TestGateway gateway = new TestGateway(other).with("whatsapp.on.text", "direct:whatsapp-types-noted").start()) {
            Flows.reset(gateway);
            ServiceWindow window = gateway.camel().getRegistry().lookupByNameAndType("whatsappWindow", ServiceWindow.class);
            accepts(gateway, Payloads.text(Payloads.id(), OLD, "first"));
            assertThat(window.isOpen(NUMBER, NEW, Instant.now())).isEqualTo(WindowState.UNKNOWN);
            ObjectNode change = Payloads.message(Payloads.id(), "15555550101", "system");
            change.putObject("system").put("type", "user_changed_number").put("user_id", NEW).put("previous_user_id", OLD).put("wa_id", "15555550102");
            accepts(gateway, change);
            await().atMost(LIMIT).until(() -> window.isOpen(NUMBER, NEW, Instant.now()) == WindowState.OPEN);
        }
    }
}
