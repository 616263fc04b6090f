package io.github.waroutes.flow;

import static io.github.waroutes.flow.Flows.awaitUnsent;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.sendText;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody listens where the Graph API should be. */
class SendUnreachableFlowTest {

    @TempDir
    Path directory;

    @Test
    void aRefusedConnectionIsTriedAgainAndThenGivenUpAndNothingIsUnknown() {
        try (TestGateway gateway = Flows.gateway(directory)
                .with("whatsapp.graph.url", "http://127.0.0.1:" + TestGateway.freePort()).start();
                LogCapture log = new LogCapture("whatsapp")) {
            String id = sendText(gateway, user(), "Hello");
            JsonNode exception = exception(awaitUnsent(gateway, id));

            assertThat(exception.path("type").asText()).isEqualTo("WhatsAppNetworkException");
            assertThat(exception.path("retry_class").asText()).isEqualTo("TRANSIENT");
            assertThat(exception.path("outcome_unknown").asBoolean()).isFalse();
            // the first try and two retries, each of them timed
            assertThat(gateway.metrics().lines().filter(line -> line.startsWith("whatsapp_api_latency_seconds_count{")))
                    .singleElement().satisfies(line -> assertThat(line).contains("endpoint=\"messages\"").endsWith(" 3"));
            assertThat(log.named("whatsapp.send_message.error")).singleElement().satisfies(event ->
                    assertThat(LogCapture.fields(event)).containsAllEntriesOf(Map.of("error", "WhatsAppNetworkException")));
            assertThat(gateway.counter("whatsapp.messages.sent", "type", "text", "status", "error")).isEqualTo(1);
        }
    }
}
