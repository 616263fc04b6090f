package io.github.waroutes.flow;

import static io.github.waroutes.flow.Flows.sendText;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

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

/** A retry holds its conversation, and only its conversation. */
@WhatsAppSimulator(patience = 30_000)
class SendOrderFlowTest {

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = Flows.gateway(directory).with("whatsapp.retry.throttle.delay", 2000).with(whatsapp).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void tenTextsArriveInOrderAndNobodyElseWaitsWhenOneOfThemIsThrottled(SimulatedUser kim, SimulatedUser sam, SimulatedGraph graph) {
        sendText(gateway, kim.id(), "text 1");
        sendText(gateway, kim.id(), "text 2");
        kim.receives("text 1", "text 2");
        graph.fails(131056).withStatus(429).forUser(kim);
        for (int i = 3; i <= 10; i++) {
            sendText(gateway, kim.id(), "text " + i);
        }
        Flows.awaitCalls(graph, kim, 3);
        sendText(gateway, sam.id(), "one");
        sendText(gateway, sam.id(), "two");

        sam.receives("one", "two");
        kim.receives("text 3", "text 4", "text 5", "text 6", "text 7", "text 8", "text 9", "text 10");
        assertThat(graph.callsTo(kim)).extracting(GraphCall::text).containsExactly("text 1", "text 2", "text 3", "text 3", "text 4",
                "text 5", "text 6", "text 7", "text 8", "text 9", "text 10");
        assertThat(graph.callsTo(sam)).extracting(GraphCall::text).containsExactly("one", "two");
        assertThat(graph.callsTo(sam).get(1).at()).isBefore(graph.callsTo(kim).get(3).at());
    }
}
