package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.queue.StoredMessage;
import io.github.waroutes.simulator.GraphCall;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Users with ids of a form nobody knows are answered, and an apology that cannot be made keeps nothing from its dead letter. */
@WhatsAppSimulator
class ApologyFlowTest {

    @TempDir
    static Path directory;

    private static final EchoUnderstanding UNDERSTANDING = new EchoUnderstanding();
    private static TestGateway gateway;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = new TestGateway(directory).with(whatsapp).with("whatsapp.understanding", "mine").with(UNDERSTANDING).with("whatsapp.mark-read", false)
                .with("whatsapp.reply.apology", "x".repeat(4097)).with("whatsapp.on.image", "direct:fails").with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:fails").errorHandler(noErrorHandler()).throwException(new IllegalStateException("made up"));
                    }
                }).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void anApologyThatCannotBeMadeDoesNotKeepTheMessageFromItsDeadLetter(SimulatedUser kim, SimulatedGraph graph) {
        double before = gateway.counter("whatsapp.apologies.failed");
        String id = kim.sendsImage().id();
        StoredMessage letter = Flows.awaitDeadLetter(gateway, "WhatsAppMessageId", id);
        assertThat(letter.queueHeaders().get("WhatsAppException").toString()).contains("java.lang.IllegalStateException");
        assertThat(gateway.counter("whatsapp.apologies.failed")).isEqualTo(before + 1);
        kim.sends("after it");
        Flows.awaitTexts(graph, kim.id(), "re: after it");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.inbound")).isZero());
        assertThat(Flows.deadLetters(gateway, "WhatsAppMessageId", id)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"from_user_id, US.abc_def, recipient", "from_user_id, us.123, recipient", "from_user_id, USA.123, recipient",
        "from_user_id, 550e8400-e29b-41d4-a716-446655440000, recipient", "from, 5678, to", "from, +1 650-555-1297, to"})
    void aUserOfAFormNobodyKnowsIsAddressedAsItCame(String key, String user, String to, SimulatedGraph graph) {
        String text = "from " + user;
        ObjectNode message = Payloads.text(Payloads.id(), "15555550101", text);
        message.remove("from");
        // nobody of the simulator has such an id
        assertThat(gateway.webhook(Payloads.messages(message.put(key, user))).statusCode()).isEqualTo(200);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.attempts(graph)).extracting(GraphCall::text).contains("re: " + text));
        assertThat(Flows.attempts(graph)).extracting(sent -> sent.body().path(to).asText()).isEqualTo(List.of(user));
    }
}
