package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.awaitUnsent;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.sendText;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import io.github.waroutes.TestPorts;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody listens where the Graph API should be, and there is little to send. */
class SendUnreachableFlowTest {

    @TempDir
    Path directory;

    private static String health(TestGateway gateway) {
        return gateway.get(URI.create("http://127.0.0.1:" + gateway.managementPort + "/observe/health")).body();
    }

    @Test
    void anOutageOnAQuietGatewayIsSeenAndItsMessagesAreHeldAndSentInOrderAfterwards() {
        int port = TestPorts.free();
        SimulatedWhatsApp.Builder meta = SimulatedWhatsApp.builder();
        meta.simulator().port(port).accessToken(TestGateway.TOKEN).appSecret(TestGateway.SECRET);
        try (TestGateway gateway = new TestGateway(directory).with("whatsapp.graph.url", "http://127.0.0.1:" + port + "/graph")
                .with("whatsapp.breaker.open-seconds", 1).start()) {
            String user = user();
            List<String> ids = List.of(sendText(gateway, user, "one"), sendText(gateway, user, "two"), sendText(gateway, user, "three"));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(health(gateway)).contains("The Graph API does not answer"));
            assertThat(gateway.queued("whatsapp.outbound")).isEqualTo(3);

            try (SimulatedWhatsApp back = meta.start().webhookPort(gateway.port)) {
                SimulatedUser kim = back.user("Kim", user);
                await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.received(kim)).containsExactly("one", "two", "three"));
                ids.forEach(id -> assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty());
                await().atMost(LIMIT).untilAsserted(() -> assertThat(health(gateway)).doesNotContain("The Graph API does not answer"));
            }
        }
    }

    @Test
    void aRefusedConnectionIsTriedUntilItsTimeIsOverAndThenGivenUpAndNothingIsUnknown() {
        try (TestGateway gateway = Flows.gateway(directory)
                .with("whatsapp.retry.outage.give-up-after", 1_000)
                .with("whatsapp.graph.url", "http://127.0.0.1:" + TestPorts.free()).start();
                LogCapture log = new LogCapture("whatsapp")) {
            String id = sendText(gateway, user(), "Hello");
            JsonNode exception = exception(awaitUnsent(gateway, id));

            assertThat(exception.path("type").asText()).isEqualTo("WhatsAppNetworkException");
            assertThat(exception.path("retry_class").asText()).isEqualTo("TRANSIENT");
            assertThat(exception.path("outcome_unknown").asBoolean()).isFalse();
            long waits = log.named("whatsapp.send_message.waits").size();
            assertThat(waits).as("tried for a second, every 50, 100 and then 200 ms").isBetween(2L, 8L);
            // every try is timed
            assertThat(gateway.metrics().lines().filter(line -> line.startsWith("whatsapp_api_latency_seconds_count{")))
                    .singleElement().satisfies(line -> assertThat(line).contains("endpoint=\"messages\"").endsWith(" " + (waits + 1)));
            assertThat(log.named("whatsapp.send_message.error")).singleElement().satisfies(event ->
                    assertThat(LogCapture.fields(event)).containsAllEntriesOf(Map.of("error", "WhatsAppNetworkException")));
            assertThat(gateway.counter("whatsapp.messages.sent", "type", "text", "status", "error")).isEqualTo(1);
        }
    }
}
