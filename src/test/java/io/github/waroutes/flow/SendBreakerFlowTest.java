package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.deadLetters;
import static io.github.waroutes.flow.Flows.sendText;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.apache.camel.component.resilience4j.ResilienceProcessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graph as a whole is down: the breaker opens, and what meets it open is held. */
@WhatsAppSimulator
class SendBreakerFlowTest {

    @TempDir
    Path directory;

    private SimulatedWhatsApp whatsapp;
    private SimulatedGraph graph;
    private TestGateway gateway;

    private ResilienceProcessor breaker() {
        return gateway.camel().getProcessor("graph-breaker", ResilienceProcessor.class);
    }

    /** What readiness says of Graph; an outage is no reason to send webhooks elsewhere. */
    private String graphHealth() {
        HttpResponse<String> ready = gateway.get(URI.create("http://127.0.0.1:" + gateway.managementPort + "/observe/health/ready"));
        assertThat(ready.statusCode()).isEqualTo(200);
        return ready.body();
    }

    @Test
    void whatMeetsTheOpenBreakerIsHeldAndSentOnceInOrderWhenGraphIsBack() {
        gateway = new TestGateway(directory).with("whatsapp.breaker.open-seconds", 1).with("whatsapp.retry.hold.delay", 100)
                .with("whatsapp.http.read-timeout", 5000).with(whatsapp).start();
        try {
            graph.fails(131000).always();
            for (int i = 0; i < 30; i++) {
                sendText(gateway, whatsapp.newUser("Nobody").id(), "into the void");
            }
            await().atMost(LIMIT).untilAsserted(() -> assertThat(breaker().getCircuitBreakerState()).isNotEqualTo("CLOSED"));

            List<SimulatedUser> users = IntStream.range(0, 5).mapToObj(u -> whatsapp.newUser("Kim " + u)).toList();
            List<String> texts = List.of("one", "two", "three");
            List<String> ids = new ArrayList<>();
            users.forEach(user -> texts.forEach(text -> ids.add(sendText(gateway, user.id(), text))));
            await().atMost(LIMIT).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> assertThat(graphHealth()).contains("The Graph API does not answer"));
            int before = Flows.attempts(graph).size();
            // three times the breaker lets a few calls through to see, and closes again no sooner than Graph is back
            int[] seen = new int[1];
            await().atMost(LIMIT).pollInterval(Duration.ofMillis(20)).until(() -> {
                seen[0] = Math.max(seen[0], Flows.attempts(graph).size() - before);
                return seen[0] >= 15;
            });
            // 45 messages, each tried every 100 ms for three seconds, would be more than a thousand calls
            assertThat(Flows.attempts(graph).size() - before).isLessThan(60);
            ids.forEach(id -> assertThat(deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty());

            graph.works();
            Flows.awaitQuiet(gateway);
            users.forEach(user -> assertThat(Flows.received(user)).isEqualTo(texts));
            ids.forEach(id -> assertThat(deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty());
            assertThat(breaker().getCircuitBreakerState()).isEqualTo("CLOSED");
            assertThat(graphHealth()).contains("No outage of the Graph API is known.");
        } finally {
            gateway.close();
        }
    }
}
