package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.accepted;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.messagesTo;
import static io.github.waroutes.flow.Flows.refusal;
import static io.github.waroutes.flow.Flows.requestsTo;
import static io.github.waroutes.flow.Flows.sendText;
import static io.github.waroutes.flow.Flows.textsTo;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;

import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A retry holds its conversation, and only its conversation. */
class SendOrderFlowTest {

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        gateway = Flows.gateway(directory).with("whatsapp.retry.throttle.delay", 2000).start();
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
    void tenTextsArriveInOrderAndNobodyElseWaitsWhenOneOfThemIsThrottled() {
        String user = user();
        String other = user();
        gateway.meta.stubFor(messagesTo(user).withRequestBody(matchingJsonPath("$.text.body", WireMock.equalTo("text 3")))
                .inScenario("third").whenScenarioStateIs(Scenario.STARTED).willReturn(refusal(429, 131056)).willSetStateTo("then"));
        gateway.meta.stubFor(messagesTo(user).withRequestBody(matchingJsonPath("$.text.body", WireMock.equalTo("text 3")))
                .inScenario("third").whenScenarioStateIs("then").willReturn(accepted()));
        for (int i = 1; i <= 10; i++) {
            sendText(gateway, user, "text " + i);
        }
        await().atMost(LIMIT).untilAsserted(() -> assertThat(textsTo(gateway, user)).hasSize(3));
        sendText(gateway, other, "one");
        sendText(gateway, other, "two");

        awaitTexts(gateway, other, "one", "two");
        awaitTexts(gateway, user, "text 1", "text 2", "text 3", "text 3", "text 4", "text 5", "text 6", "text 7", "text 8", "text 9",
                "text 10");
        assertThat(requestsTo(gateway, other).get(1).getLoggedDate()).isBefore(requestsTo(gateway, user).get(3).getLoggedDate());
    }
}
