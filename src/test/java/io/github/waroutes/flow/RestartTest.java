package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stop with messages in the queue, and the start after it. */
class RestartTest {

    private static final String RASA = "/webhooks/rest/webhook";
    private static final int MINUTE = 60_000;

    @TempDir
    Path directory;

    @Test
    void whatWasInTheQueueAtAStopIsAnsweredOnceAfterTheStart() {
        try (TestGateway gateway = new TestGateway(directory).with("whatsapp.understanding", "rasa")
                .with("camel.main.shutdownTimeout", 2).start()) {
            Sends.acceptAll(gateway.meta);
            gateway.meta.stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"never\"}]").withFixedDelay(MINUTE)));
            gateway.meta.stubFor(post(urlEqualTo(RASA)).withRequestBody(matchingJsonPath("$[?(@.message =~ /quick.*/)]"))
                    .willReturn(okJson("[{\"text\":\"before\"}]")));
            for (int user = 0; user < 5; user++) {
                send(gateway, user, "quick");
            }
            await().atMost(LIMIT).until(() -> Sends.texts(gateway.meta).size() == 5);
            for (int message = 0; message < 3; message++) {
                for (int user = 0; user < 10; user++) {
                    send(gateway, user, "slow " + message);
                }
            }
            await().atMost(LIMIT).until(() -> gateway.meta.findAll(postRequestedFor(urlEqualTo(RASA))).size() == 15);

            gateway.stop();
            assertThat(Sends.texts(gateway.meta)).containsOnly("before").hasSize(5);
            gateway.meta.resetAll();
            Sends.acceptAll(gateway.meta);
            gateway.meta.stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"after\"}]")));
            gateway.start();

            await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.inbound") + gateway.queued("whatsapp.outbound") == 0);
            for (int user = 0; user < 10; user++) {
                assertThat(Sends.textsTo(gateway.meta, "1555555600" + user)).containsExactly("after", "after", "after");
            }
            List<String> understood = new ArrayList<>();
            gateway.meta.findAll(postRequestedFor(urlEqualTo(RASA)))
                    .forEach(request -> understood.add(Flows.json(request.getBody()).path("message").asText()));
            assertThat(understood).hasSize(30).doesNotContain("quick");
            assertThat(gateway.deadLetters()).isEmpty();
        }
    }

    private static void send(TestGateway gateway, int user, String text) {
        assertThat(gateway.webhook(Payloads.messages(Payloads.text(Payloads.id(), "1555555600" + user, text))).statusCode())
                .isEqualTo(200);
    }
}
