package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.sendText;
import static io.github.waroutes.flow.Flows.textsTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody's own route handles statuses, and fails; messages are given up and reported. */
@WhatsAppSimulator
class OwnStatusRouteFlowTest {

    private static final List<JsonNode> REPORTS = Collections.synchronizedList(new ArrayList<>());
    private static final List<String> SEEN = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = Flows.gateway(directory).with(whatsapp)
                .with("whatsapp.http.read-timeout", 700)
                .with("whatsapp.outcome.silence-seconds", 600)
                .with("whatsapp.on.status", "direct:my-status")
                .with("whatsapp.on.delivery-report", "direct:my-reports")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:my-status").errorHandler(noErrorHandler())
                                .process(e -> SEEN.add(e.getIn().getBody(String.class)))
                                .throwException(new IllegalStateException("a mistake of theirs"));
                        from("direct:my-reports").process(e -> REPORTS.add(Flows.json(e.getIn().getBody(String.class))));
                    }
                })
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static List<JsonNode> reports(String id) {
        return List.copyOf(REPORTS).stream().filter(report -> id.equals(report.path("outbound_id").asText())).toList();
    }

    @Test
    void aLostAnswerIsSettledAndReportedThoughTheirRouteFails(SimulatedUser kim, SimulatedGraph graph) {
        String user = kim.id();
        Flows.withholdsStatuses(graph, kim);
        graph.isSlow(Duration.ofMillis(1500)).forUser(kim);
        String id = sendText(gateway, user, "hello");
        String wamid = Payloads.id();
        Flows.status(gateway, id, wamid, user, "sent");
        // the read time-out is over, and the message is done
        await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.outbound") == 0);
        assertThat(Flows.state(gateway, id)).isEqualTo("sent");
        Flows.status(gateway, id, wamid, user, "read");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(reports(id)).singleElement()
                .satisfies(report -> assertThat(report.path("times").fieldNames()).toIterable().contains("sent", "read")));
        assertThat(textsTo(graph, user)).hasSize(1);
        assertThat(SEEN).as("they get the update as Meta sent it").anySatisfy(body -> assertThat(body).contains(wamid));
        assertThat(Flows.awaitDeadLetter(gateway, "WhatsAppUpdateId", "status:" + wamid + ":sent")).isNotNull();
    }

    @Test
    void aMessageThatIsGivenUpIsReportedAndTheDeadLetterHasItsFailure(SimulatedUser kim, SimulatedGraph graph) {
        String user = kim.id();
        graph.fails(131026).forUser(kim);
        String id = sendText(gateway, user, "hello");
        assertThat(Flows.exception(Flows.awaitUnsent(gateway, id)).path("error_code").asInt()).isEqualTo(131026);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(reports(id)).singleElement().satisfies(report -> {
            assertThat(report.path("state").asText()).isEqualTo("failed");
            assertThat(report.at("/error/error_code").asInt()).isEqualTo(131026);
            assertThat(report.at("/error/given_up").asBoolean()).isTrue();
            assertThat(report.path("user").asText()).as("as the caller gave it").isEqualTo(user.startsWith("+") ? user : '+' + user);
            assertThat(report.path("error").toString()).doesNotContain(user);
        }));
    }
}
