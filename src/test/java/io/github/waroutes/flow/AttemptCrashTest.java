package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import io.github.waroutes.Payloads;
import io.github.waroutes.junit.GraphFault;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process is killed while replies are on their way to Meta, which takes them and answers too late; their statuses come after the start. */
@WhatsAppSimulator
class AttemptCrashTest {

    private static final int USERS = 20;
    private static final int SENDERS = 8;
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir
    Path directory;

    private SimulatedWhatsApp whatsapp;
    private SimulatedGraph graph;

    private List<String> sent() {
        return Flows.attempts(graph).stream().map(message -> message.body().path("biz_opaque_callback_data").asText()).toList();
    }

    @Test
    void whatWasOnItsWayAtTheKillIsSentOnce() {
        // the statuses that tell are the test's own
        graph.forgesWebhooks().always();
        GraphFault late = graph.isSlow(Duration.ofSeconds(20)).always();
        try (ChildGateway gateway = new ChildGateway(directory)
                .with(whatsapp)
                .with("WHATSAPP_MARK_READ", "false")
                .with("WHATSAPP_OUTBOUND_WORKERS", String.valueOf(SENDERS))
                .start()) {
            gateway.awaitReady();
            IntStream.range(0, USERS).forEach(user -> deliver(gateway, Payloads.messages(
                    Payloads.text("wamid.ATTEMPT" + user, String.valueOf(15555557100L + user), "hello"))));
            await().atMost(LIMIT).until(() -> sent().size() == SENDERS);
            gateway.kill();
            List<String> onTheirWay = sent();
            assertThat(onTheirWay).doesNotHaveDuplicates().hasSize(SENDERS);

            late.isOver();
            gateway.start();
            gateway.awaitReady();
            await().atMost(LIMIT).untilAsserted(() -> assertThat(sent()).hasSizeGreaterThanOrEqualTo(USERS));
            assertThat(sent()).as("what was on its way is held").hasSize(USERS).doesNotHaveDuplicates();

            onTheirWay.forEach(id -> deliver(gateway, status(id)));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.out().lines()
                    .filter(line -> line.contains("whatsapp.send_message.settled")).count()).isEqualTo(SENDERS));
            await().during(Duration.ofSeconds(3)).atMost(LIMIT).untilAsserted(
                    () -> assertThat(sent()).hasSize(USERS).doesNotHaveDuplicates());
        }
    }

    private static String status(String outboundId) {
        var status = Payloads.status("wamid.SENT" + outboundId.hashCode(), "15555557100", "delivered");
        status.put("biz_opaque_callback_data", outboundId);
        return Payloads.statuses(status);
    }

    private static void deliver(ChildGateway gateway, String payload) {
        assertThat(gateway.webhook(payload).statusCode()).isEqualTo(200);
    }
}
