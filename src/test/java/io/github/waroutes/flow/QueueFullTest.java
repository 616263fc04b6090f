package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Meta is told when the disk's share is used up. */
@WhatsAppSimulator
class QueueFullTest {

    private static final String USER = "15555553001";

    @TempDir
    Path directory;

    private SimulatedWhatsApp whatsapp;
    private SimulatedGraph graph;

    private TestGateway gateway(EchoUnderstanding understanding) {
        return new TestGateway(directory).with(whatsapp).with("whatsapp.understanding", "mine").with(understanding);
    }

    private List<String> texts() {
        return Flows.textsTo(graph, USER);
    }

    @Test
    void aFullQueueIsAnsweredWith503AndLosesNothingAndTakesAgainWhenThereIsRoom() throws Exception {
        EchoUnderstanding understanding = new EchoUnderstanding();
        try (TestGateway gateway = gateway(understanding).with("whatsapp.broker.max-bytes", 2 << 20).start()) {
            gateway.camel().getRouteController().stopRoute("inbound-receive");
            List<String> taken = new ArrayList<>();
            HttpResponse<String> answer = null;
            for (int i = 0; i < 500; i++) {
                answer = gateway.webhook(message(i));
                if (answer.statusCode() != 200) {
                    break;
                }
                taken.add("re: m" + i);
            }
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).isEmpty();
            assertThat(taken).hasSizeBetween(5, 200);
            assertThat(gateway.queued("whatsapp.inbound")).isEqualTo(taken.size());
            assertThat(gateway.counter("whatsapp.webhook.refused", "reason", "503")).isPositive();

            gateway.camel().getRouteController().startRoute("inbound-receive");
            await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.inbound") == 0);
            await().atMost(LIMIT).until(() -> gateway.webhook(message(taken.size())).statusCode() == 200);
            taken.add("re: m" + taken.size());
            await().atMost(LIMIT).until(() -> texts().size() >= taken.size());
            assertThat(texts()).containsExactlyElementsOf(taken);
        }
    }

    @Test
    void aDiskThatIsNearlyFullIsAnsweredWith503AndWhatCameBeforeIsAnsweredWhenThereIsRoom() throws Exception {
        EchoUnderstanding understanding = new EchoUnderstanding();
        String before = Payloads.messages(Payloads.text("wamid.FLOOR0", USER, "before"));
        try (TestGateway gateway = gateway(understanding).start()) {
            gateway.camel().getRouteController().stopRoute("inbound-receive");
            assertThat(gateway.webhook(before).statusCode()).isEqualTo(200);
        }
        String refused = Payloads.messages(Payloads.text("wamid.FLOOR1", USER, "refused"));
        try (TestGateway gateway = gateway(understanding).with("whatsapp.broker.min-free", Long.MAX_VALUE).start()) {
            assertThat(gateway.webhook(refused).statusCode()).isEqualTo(503);
            assertThat(gateway.queues().brokerState().floorBytes()).isGreaterThan(gateway.queues().brokerState().usableBytes());
            assertThat(texts()).as("a reply would need room too").isEmpty();
        }
        try (TestGateway gateway = gateway(understanding).start()) {
            await().atMost(LIMIT).until(() -> gateway.webhook(refused).statusCode() == 200);
            await().atMost(LIMIT).until(() -> texts().size() == 2);
            assertThat(texts()).containsExactly("re: before", "re: refused");
        }
    }

    /** A small text in a large webhook, the same each time it is asked for. */
    private static String message(int number) {
        return Payloads.messages(Payloads.text("wamid.FULL" + number, USER, "m" + number).put("padding", "x".repeat(50_000)));
    }
}
