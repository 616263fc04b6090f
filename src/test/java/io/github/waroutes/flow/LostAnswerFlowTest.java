package io.github.waroutes.flow;

import static io.github.waroutes.flow.Flows.sendText;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;

import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.simulator.GraphCall;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An answer of Graph that does not come: whether its message is sent again is decided by its statuses. */
@WhatsAppSimulator(patience = 30_000)
class LostAnswerFlowTest {

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = Flows.gateway(directory).with("whatsapp.outcome.silence-seconds", 3).with("whatsapp.outcome.resend", true)
                .with(whatsapp).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void aSendWithoutAnAnswerIsSentAgainOnlyAfterSilence(SimulatedUser kim, SimulatedGraph graph) {
        graph.givesNoAnswer(Duration.ofMillis(2500)).forUser(kim);
        sendText(gateway, kim.id(), "first");
        sendText(gateway, kim.id(), "second");

        kim.receives("first", "second");
        assertThat(graph.callsTo(kim)).extracting(GraphCall::text).containsExactly("first", "first", "second");
        assertThat(Duration.between(graph.callsTo(kim).get(0).at(), graph.callsTo(kim).get(1).at()))
                .isGreaterThan(Duration.ofSeconds(3));
    }

    @Test
    void aSendWhoseAnswerWasLostIsNotSentAgainWhenItsStatusComes(SimulatedUser kim, SimulatedGraph graph) {
        graph.losesAnswers().forUser(kim);
        sendText(gateway, kim.id(), "first");
        sendText(gateway, kim.id(), "second");

        kim.receives("first", "second");
        kim.receivesNothingFor(Duration.ofSeconds(4));
        assertThat(graph.callsTo(kim)).extracting(GraphCall::text).containsExactly("first", "second");
        Flows.awaitQuiet(gateway);
    }
}
