package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.sendText;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.ArrayList;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a message: the window, states and reports, and limits that concern nobody else. */
@WhatsAppSimulator(templates = "follow_up:en_US", patience = 30_000)
class OutboundTruthFlowTest {

    private static final List<JsonNode> REPORTS = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    private SimulatedWhatsApp whatsapp;
    private SimulatedGraph graph;
    @WhatsAppUser
    private SimulatedUser kim;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = Flows.gateway(directory)
                .with(whatsapp)
                .with("whatsapp.limit.pair-burst", 3)
                .with("whatsapp.limit.pair-interval", "600s")
                .with("whatsapp.window.closed", "template")
                .with("whatsapp.window.template", "follow_up:en_US")
                .with("whatsapp.on.delivery-report", "direct:my-reports")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:my-reports").process(e -> REPORTS.add(Flows.json(e.getIn().getBody(String.class))));
                    }
                })
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void theStateOfAMessageGoesForwardOnlyAndEndsInAReport() {
        Flows.withholdsStatuses(graph, kim);
        String id = sendText(gateway, kim.id(), "hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.state(gateway, id)).isEqualTo("accepted"));
        String wamid = kim.receives("hello").id();
        Flows.status(gateway, id, wamid, kim.id(), "delivered");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.state(gateway, id)).isEqualTo("delivered"));
        Flows.status(gateway, id, wamid, kim.id(), "sent");
        Flows.status(gateway, id, wamid, kim.id(), "read");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.state(gateway, id)).isEqualTo("read"));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(REPORTS.stream().filter(r -> id.equals(r.path("outbound_id").asText())))
                .singleElement().satisfies(report -> {
                    assertThat(report.path("state").asText()).isEqualTo("read");
                    assertThat(report.path("times").fieldNames()).toIterable().contains("accepted", "delivered", "read");
                    assertThat(report.path("user").asText()).as("as the caller gave it").endsWith(kim.id());
                }));
    }

    @Test
    void aMessageThatWasGivenUpIsKnownAsFailed() {
        graph.fails(131026).forUser(kim);
        String id = sendText(gateway, kim.id(), "hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.state(gateway, id)).isEqualTo("failed"));
    }

    @Test
    void aTextOutsideTheWindowBecomesTheTemplateAndAnotherTypeIsRefused() {
        Flows.wroteHoursAgo(kim, "hello", 25);
        // the answer to it is late too
        assertThat(kim.receivesTemplate("follow_up").content().at("/components/0/parameters/0/text").asText()).isNotBlank();

        String id = Flows.send(gateway, "direct:whatsapp-send", "{\"messaging_product\":\"whatsapp\",\"to\":\"+" + kim.id()
                + "\",\"type\":\"location\",\"location\":{\"latitude\":1,\"longitude\":2}}", Map.of("WhatsAppUser", kim.id()));
        JsonNode exception = Flows.exception(Flows.awaitUnsent(gateway, id));
        assertThat(exception.path("error_code").asInt()).isEqualTo(131047);
        assertThat(exception.at("/context/refused_by").asText()).isEqualTo("service_window");
        assertThat(graph.callsTo(kim)).hasSize(1);
    }

    @Test
    void aUserWhoMustWaitDelaysNobodyElse() {
        SimulatedUser sam = whatsapp.newUser("Sam");
        for (int i = 1; i <= 5; i++) {
            sendText(gateway, kim.id(), "n " + i);
        }
        sendText(gateway, sam.id(), "hello");
        sam.receives("hello");
        kim.receives("n 1", "n 2", "n 3");
        await().during(Duration.ofSeconds(1)).atMost(LIMIT).untilAsserted(() -> assertThat(graph.callsTo(kim)).hasSize(3));
        assertThat(gateway.metrics()).contains("whatsapp_rate_limit_remaining{").contains("limit=\"number\"");
    }
}
