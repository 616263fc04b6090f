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
import java.util.stream.IntStream;

import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.simulator.GraphCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stop with messages in the queue, and the start after it. */
@WhatsAppSimulator
class RestartTest {

    private static final String RASA = "/webhooks/rest/webhook";
    private static final int MINUTE = 60_000;

    @TempDir
    Path directory;

    @Test
    void whatWasInTheQueueAtAStopIsAnsweredOnceAfterTheStart(SimulatedWhatsApp whatsapp, SimulatedGraph graph) {
        List<SimulatedUser> users = IntStream.range(0, 10).mapToObj(i -> whatsapp.newUser("User " + i)).toList();
        try (TestGateway gateway = new TestGateway(directory).with("whatsapp.understanding", "rasa")
                .with("camel.main.shutdownTimeout", 2).with(whatsapp).start()) {
            gateway.meta().stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"never\"}]").withFixedDelay(MINUTE)));
            gateway.meta().stubFor(post(urlEqualTo(RASA)).withRequestBody(matchingJsonPath("$[?(@.message =~ /quick.*/)]"))
                    .willReturn(okJson("[{\"text\":\"before\"}]")));
            users.subList(0, 5).forEach(user -> user.sends("quick"));
            await().atMost(LIMIT).until(() -> graph.sent().size() == 5);
            for (int message = 0; message < 3; message++) {
                String text = "slow " + message;
                users.forEach(user -> user.sends(text));
            }
            await().atMost(LIMIT).until(() -> gateway.meta().findAll(postRequestedFor(urlEqualTo(RASA))).size() == 15);

            gateway.stop();
            assertThat(graph.sent()).extracting(GraphCall::text).containsOnly("before").hasSize(5);
            graph.reset();
            gateway.meta().resetAll();
            gateway.meta().stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"after\"}]")));
            gateway.start();

            await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.inbound") + gateway.queued("whatsapp.outbound") == 0);
            users.forEach(user -> assertThat(graph.callsTo(user)).extracting(GraphCall::text).containsExactly("after", "after", "after"));
            List<String> understood = new ArrayList<>();
            gateway.meta().findAll(postRequestedFor(urlEqualTo(RASA)))
                    .forEach(request -> understood.add(Flows.json(request.getBody()).path("message").asText()));
            assertThat(understood).hasSize(30).doesNotContain("quick");
            assertThat(gateway.deadLetters()).isEmpty();
        }
    }
}
