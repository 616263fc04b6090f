package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.TestGateway;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.service.ServiceSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a gateway says of itself while it starts, while it runs, and while it stops. */
class HealthFlowTest {

    @TempDir
    Path directory;

    private TestGateway gateway;
    private final Map<String, Integer> starting = new LinkedHashMap<>();
    private final Map<String, Integer> stopping = new LinkedHashMap<>();
    private final List<String> reasons = new ArrayList<>();

    private HttpResponse<String> managed(String path) {
        return gateway.get(URI.create("http://127.0.0.1:" + gateway.managementPort + path));
    }

    private static JsonNode part(HttpResponse<String> answer, String name) {
        for (JsonNode check : Flows.json(answer.body()).path("checks")) {
            if (check.path("name").asText().equals(name)) {
                return check;
            }
        }
        throw new AssertionError(name + " is not in " + answer.body());
    }

    private void probe(Map<String, Integer> statuses) {
        for (String path : List.of("live", "started", "ready")) {
            statuses.put(path, managed("/observe/health/" + path).statusCode());
        }
        statuses.put("manage", managed("/manage/numbers").statusCode());
        statuses.put("webhook", gateway.get(gateway.url("/webhook")).statusCode());
        reasons.add(part(managed("/observe/health"), "whatsapp-routes").path("reason").asText());
    }

    @Test
    void aGatewayLivesFromTheFirstAnswerToTheLastAndIsReadyInBetween() {
        gateway = Flows.gateway(directory);
        gateway.with(new RouteBuilder() {
            @Override
            public void configure() throws Exception {
                // the servers are there, and no route takes anything yet
                getContext().addStartupListener((context, alreadyStarted) -> probe(starting));
                getContext().addService(new ServiceSupport() {
                    @Override
                    protected void doStop() {
                        // the routes are gone, the servers not yet
                        probe(stopping);
                    }
                });
            }
        }).start();
        try {
            assertThat(starting).containsExactlyInAnyOrderEntriesOf(
                    Map.of("live", 200, "started", 503, "ready", 503, "manage", 503, "webhook", 503));

            Map<String, Integer> running = new LinkedHashMap<>();
            probe(running);
            assertThat(running).containsExactlyInAnyOrderEntriesOf(
                    Map.of("live", 200, "started", 200, "ready", 200, "manage", 200, "webhook", 403));
            assertThat(List.of("", "/live", "/ready", "/started")).allSatisfy(path ->
                    assertThat(gateway.get(gateway.url("/observe/health" + path)).statusCode()).as("on the public port").isEqualTo(404));

            JsonNode all = Flows.json(managed("/observe/health").body());
            assertThat(all.path("status").asText()).isEqualTo("UP");
            assertThat(all.path("checks")).extracting(check -> check.path("name").asText()).containsExactlyInAnyOrder("whatsapp-process",
                    "whatsapp-start", "whatsapp-routes", "whatsapp-broker", "whatsapp-disk", "whatsapp-redis", "whatsapp-graph",
                    "whatsapp-numbers");
            assertThat(all.path("checks")).allSatisfy(check -> assertThat(check.path("reason").asText()).isNotEmpty());
            assertThat(part(managed("/observe/health/live"), "whatsapp-process").path("status").asText()).isEqualTo("UP");
            assertThat(part(managed("/observe/health/ready"), "whatsapp-disk").path("usable_bytes").asLong()).isPositive();
        } finally {
            gateway.close();
        }
        assertThat(stopping).containsExactlyInAnyOrderEntriesOf(
                Map.of("live", 200, "started", 200, "ready", 503, "manage", 503, "webhook", 503));
        assertThat(reasons).satisfiesExactly(
                reason -> assertThat(reason).isEqualTo("The gateway starts: its routes do not take requests yet."),
                reason -> assertThat(reason).matches("All \\d+ routes run\\."),
                reason -> assertThat(reason).startsWith("The gateway stops:"));
    }
}
