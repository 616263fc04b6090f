package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.messagesTo;
import static io.github.waroutes.flow.Flows.requestsTo;
import static io.github.waroutes.flow.Flows.sendText;
import static io.github.waroutes.flow.Flows.textsTo;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.ArrayList;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a message: the window, states and reports, and limits that concern nobody else. */
class OutboundTruthFlowTest {

    private static final List<JsonNode> REPORTS = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        gateway = Flows.gateway(directory)
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

    @BeforeEach
    void metaAcceptsEverything() {
        Flows.reset(gateway);
    }

    @Test
    void theStateOfAMessageGoesForwardOnlyAndEndsInAReport() {
        String user = user();
        String wamid = Payloads.id();
        gateway.meta.stubFor(messagesTo(user).willReturn(okJson("{\"messages\":[{\"id\":\"" + wamid + "\"}]}")));
        String id = sendText(gateway, user, "hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.state(gateway, id)).isEqualTo("accepted"));
        Flows.status(gateway, id, wamid, user, "delivered");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.state(gateway, id)).isEqualTo("delivered"));
        Flows.status(gateway, id, wamid, user, "sent");
        Flows.status(gateway, id, wamid, user, "read");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.state(gateway, id)).isEqualTo("read"));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(REPORTS.stream().filter(r -> id.equals(r.path("outbound_id").asText())))
                .singleElement().satisfies(report -> {
                    assertThat(report.path("state").asText()).isEqualTo("read");
                    assertThat(report.path("times").fieldNames()).toIterable().contains("accepted", "delivered", "read");
                    assertThat(report.toString()).doesNotContain(user);
                }));
    }

    @Test
    void aMessageThatWasGivenUpIsKnownAsFailed() {
        String user = user();
        gateway.meta.stubFor(messagesTo(user).willReturn(Flows.refusal(400, 131026)));
        String id = sendText(gateway, user, "hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.state(gateway, id)).isEqualTo("failed"));
    }

    @Test
    void aTextOutsideTheWindowBecomesTheTemplateAndAnotherTypeIsRefused() {
        String user = user();
        ObjectNode old = Payloads.text(Payloads.id(), user, "hello");
        old.put("timestamp", String.valueOf(System.currentTimeMillis() / 1000 - 25 * 3600));
        gateway.webhook(Payloads.messages(old));
        // the answer to it is late too
        await().atMost(LIMIT).untilAsserted(() -> assertThat(requestsTo(gateway, user)).hasSize(1));
        JsonNode sent = Flows.json(requestsTo(gateway, user).get(0).getBody());
        assertThat(sent.path("type").asText()).isEqualTo("template");
        assertThat(sent.at("/template/name").asText()).isEqualTo("follow_up");
        assertThat(sent.at("/template/components/0/parameters/0/text").asText()).isNotBlank();
        assertThat(sent.path("to").asText()).isEqualTo("+" + user);

        String id = Flows.send(gateway, "direct:whatsapp-send", "{\"messaging_product\":\"whatsapp\",\"to\":\"+" + user
                + "\",\"type\":\"location\",\"location\":{\"latitude\":1,\"longitude\":2}}", Map.of("WhatsAppUser", user));
        JsonNode exception = Flows.exception(Flows.awaitUnsent(gateway, id));
        assertThat(exception.path("error_code").asInt()).isEqualTo(131047);
        assertThat(exception.at("/context/refused_by").asText()).isEqualTo("service_window");
        assertThat(requestsTo(gateway, user)).hasSize(1);
    }

    @Test
    void aUserWhoMustWaitDelaysNobodyElse() {
        String busy = user();
        String other = user();
        for (int i = 1; i <= 5; i++) {
            sendText(gateway, busy, "n " + i);
        }
        sendText(gateway, other, "hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(textsTo(gateway, other)).containsExactly("hello"));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(textsTo(gateway, busy)).containsExactly("n 1", "n 2", "n 3"));
        await().during(Duration.ofSeconds(1)).atMost(LIMIT).untilAsserted(() -> assertThat(textsTo(gateway, busy)).hasSize(3));
        assertThat(gateway.metrics()).contains("whatsapp_rate_limit_remaining{").contains("limit=\"number\"");
    }
}
