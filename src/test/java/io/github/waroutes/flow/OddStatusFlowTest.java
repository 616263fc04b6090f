package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Statuses that are not about delivery, and failed ones that do not say why. */
@WhatsAppSimulator(patience = 30_000)
class OddStatusFlowTest {

    @TempDir
    static Path directory;

    private static final List<WhatsAppException> FAILED = new CopyOnWriteArrayList<>();
    private static TestGateway gateway;

    private SimulatedGraph graph;
    @WhatsAppUser
    private SimulatedUser kim;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = new TestGateway(directory).with(whatsapp).with("whatsapp.on.status-failed", "direct:my-failed")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:my-failed").process(e -> FAILED.add(e.getVariable("whatsappFailure", WhatsAppException.class)));
                    }
                }).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void forget() {
        FAILED.clear();
    }

    private static void post(String payload) {
        assertThat(gateway.webhook(payload).statusCode()).isEqualTo(200);
    }

    private ObjectNode payment(String wamid, String status) {
        ObjectNode payment = Payloads.status(wamid, kim.id(), status).put("type", "payment");
        payment.putObject("payment").put("reference_id", "ord-77");
        return payment;
    }

    @Test
    void aPaymentThatFailedIsNoDeliveryThatFailed() {
        Flows.withholdsStatuses(graph, kim);
        String id = Flows.sendText(gateway, kim.id(), "Your order");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.state(gateway, id)).isEqualTo("accepted"));
        String wamid = kim.receives().id();
        double payments = gateway.counter("whatsapp.statuses.received", "status", "payment");
        post(Payloads.statuses(Payloads.status(wamid, kim.id(), "sent"), payment(wamid, "failed"), Payloads.status(wamid, kim.id(), "delivered"),
                Payloads.status(wamid, kim.id(), "read")));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.state(gateway, id)).isEqualTo("read"));
        assertThat(gateway.counter("whatsapp.statuses.received", "status", "payment")).isEqualTo(payments + 1);
        assertThat(FAILED).isEmpty();
        assertThat(gateway.deadLetters()).isEmpty();
    }

    @Test
    void aRefundAfterACaptureIsNoDuplicate() {
        double before = gateway.counter("whatsapp.statuses.received", "status", "payment");
        String wamid = Payloads.id();
        ObjectNode refund = payment(wamid, "captured");
        refund.withObject("/payment").putArray("refunds").addObject().put("id", "r1");
        post(Payloads.statuses(payment(wamid, "captured")));
        post(Payloads.statuses(payment(wamid, "captured")));
        post(Payloads.statuses(refund));
        await().atMost(LIMIT).untilAsserted(() ->
                assertThat(gateway.counter("whatsapp.statuses.received", "status", "payment")).isEqualTo(before + 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"errors\":[]", ",\"errors\":null", ",\"errors\":[null]",
        ",\"errors\":{\"code\":131026,\"title\":\"Message undeliverable\"}"})
    void aFailedStatusThatDoesNotSayWhyIsAFailureWithoutACode(String errors) {
        String payload = Payloads.statuses(Payloads.status(Payloads.id(), kim.id(), "failed"));
        post(payload.replace("\"status\":\"failed\"", "\"status\":\"failed\"" + errors));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(FAILED).hasSize(1));
        assertThat(FAILED.get(0).getErrorCode()).isNull();
        assertThat(gateway.deadLetters()).isEmpty();
    }
}
