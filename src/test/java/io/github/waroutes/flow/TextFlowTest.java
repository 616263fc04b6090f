package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.Payloads.USER;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.MESSAGES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;

import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A text from the webhook to the answer at the Graph API. */
class TextFlowTest {

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        gateway = new TestGateway(directory).start();
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
    void aTextIsMarkedAsReadAndThenAnswered() {
        String id = Payloads.id();
        assertThat(gateway.webhook(Payloads.messages(Payloads.text(id, USER, "when do you open?"))).statusCode()).isEqualTo(200);

        await().atMost(LIMIT).untilAsserted(() -> gateway.meta.verify(1, postRequestedFor(urlEqualTo(MESSAGES))
                .withHeader("Authorization", equalTo("Bearer " + TestGateway.TOKEN))
                .withHeader("Content-Type", equalTo("application/json"))
                .withRequestBody(matchingJsonPath("$.to", equalTo("+" + USER)))
                .withRequestBody(matchingJsonPath("$.messaging_product", equalTo("whatsapp")))
                .withRequestBody(matchingJsonPath("$.type", equalTo("text")))));
        gateway.meta.verify(1, postRequestedFor(urlEqualTo(MESSAGES)).withRequestBody(equalToJson("{\"messaging_product\":\"whatsapp\","
                + "\"status\":\"read\",\"message_id\":\"" + id + "\",\"typing_indicator\":{\"type\":\"text\"}}")));
    }
}
