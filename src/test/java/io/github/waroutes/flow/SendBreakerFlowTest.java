package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.MESSAGES;
import static io.github.waroutes.flow.Flows.accepted;
import static io.github.waroutes.flow.Flows.deadLetters;
import static io.github.waroutes.flow.Flows.refusal;
import static io.github.waroutes.flow.Flows.sendText;
import static io.github.waroutes.flow.Flows.textsTo;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.waroutes.TestGateway;
import org.apache.camel.component.resilience4j.ResilienceProcessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graph as a whole is down: the breaker opens, and what meets it open is held. */
class SendBreakerFlowTest {

    @TempDir
    Path directory;

    private TestGateway gateway;

    private ResilienceProcessor breaker() {
        return gateway.camel().getProcessor("graph-breaker", ResilienceProcessor.class);
    }

    private int ready() {
        return gateway.get(java.net.URI.create("http://127.0.0.1:" + gateway.managementPort + "/observe/health/ready")).statusCode();
    }

    private int calls() {
        return gateway.meta.countRequestsMatching(postRequestedFor(urlEqualTo(MESSAGES)).build()).getCount();
    }

    @Test
    void whatMeetsTheOpenBreakerIsHeldAndSentOnceInOrderWhenGraphIsBack() {
        gateway = new TestGateway(directory).with("whatsapp.breaker.open-seconds", 1).with("whatsapp.retry.hold.delay", 100)
                .with("whatsapp.http.read-timeout", 5000).start();
        try {
            gateway.meta.stubFor(post(urlEqualTo(MESSAGES)).willReturn(refusal(500, 131000)));
            for (int i = 0; i < 30; i++) {
                sendText(gateway, user(), "into the void");
            }
            await().atMost(LIMIT).untilAsserted(() -> assertThat(breaker().getCircuitBreakerState()).isNotEqualTo("CLOSED"));

            Map<String, List<String>> held = new LinkedHashMap<>();
            List<String> ids = new ArrayList<>();
            for (int u = 0; u < 5; u++) {
                String user = user();
                held.put(user, List.of("one", "two", "three"));
                held.get(user).forEach(text -> ids.add(sendText(gateway, user, text)));
            }
            await().atMost(LIMIT).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> assertThat(ready()).isEqualTo(503));
            int before = calls();
            // three times the breaker lets a few calls through to see, and closes again no sooner than Graph is back
            int[] seen = new int[1];
            await().atMost(LIMIT).pollInterval(Duration.ofMillis(20)).until(() -> {
                seen[0] = Math.max(seen[0], calls() - before);
                return seen[0] >= 15;
            });
            // 45 messages, each tried every 100 ms for three seconds, would be more than a thousand calls
            assertThat(calls() - before).isLessThan(60);
            ids.forEach(id -> assertThat(deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty());

            gateway.meta.resetAll();
            gateway.meta.stubFor(post(urlEqualTo(MESSAGES)).willReturn(accepted()));
            Flows.awaitQuiet(gateway);
            held.forEach((user, texts) -> assertThat(textsTo(gateway, user)).isEqualTo(texts));
            ids.forEach(id -> assertThat(deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty());
            assertThat(breaker().getCircuitBreakerState()).isEqualTo("CLOSED");
            assertThat(ready()).isEqualTo(200);
        } finally {
            gateway.close();
        }
    }
}
