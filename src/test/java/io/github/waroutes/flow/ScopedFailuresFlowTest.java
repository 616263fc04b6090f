package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one number, one template or bulk is refused for is nobody else's matter: with the circuit breaker as it is by default. */
@WhatsAppSimulator(accessToken = TestGateway.TOKEN, appSecret = TestGateway.SECRET, templates = "order_sent:en",
        numbers = {"broken=200000000000021::102290129340399", "healthy=200000000000022::102290129340399", "limited=200000000000023"})
class ScopedFailuresFlowTest {

    private static final String BROKEN = "200000000000021";
    private static final String HEALTHY = "200000000000022";
    private static final String LIMITED = "200000000000023";
    private static final int MANY = 30;

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static SimulatedGraph graph;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = new TestGateway(directory).with("whatsapp.graph.url", whatsapp.graphUrl())
                .with("whatsapp.account-id", "").with("whatsapp.limit.tiers", "102290129340398=1")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:my-bulk").to("direct:whatsapp-prepare").to("whatsapp-queue:whatsapp.outbound.bulk");
                    }
                }).start();
        whatsapp.webhookPort(gateway.port);
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static long calls(String number) {
        return graph.calls().stream().filter(call -> call.isOf(number)).count();
    }

    private static String send(String number, String user, String text) {
        return Flows.send(gateway, "direct:whatsapp-send-text", text, Map.of("WhatsAppUser", user, "WhatsAppPhoneNumberId", number));
    }

    private static String template(String endpoint, String number, Map<String, Object> more) {
        String body = "{\"messaging_product\":\"whatsapp\",\"to\":\"+" + Flows.user() + "\",\"type\":\"template\",\"template\":{\"name\":"
                + "\"order_sent\",\"language\":{\"code\":\"en\"}}}";
        Map<String, Object> headers = new java.util.HashMap<>(more);
        headers.put("WhatsAppPhoneNumberId", number);
        return Flows.send(gateway, endpoint, body, headers);
    }

    private static void assertThatOthersDoNotWait(LogCapture log) {
        long before = calls(HEALTHY);
        send(HEALTHY, Flows.user(), "elsewhere");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(calls(HEALTHY)).isEqualTo(before + 1));
        assertThat(log.named("whatsapp.graph.open")).isEmpty();
    }

    @Test
    void aNumberInMaintenanceRestsAloneAndOpensTheBreakerForNobody() {
        List<String> users = Stream.generate(Flows::user).limit(MANY).toList();
        users.forEach(user -> graph.fails(131057).always().forUser(user));
        try (LogCapture log = new LogCapture("whatsapp")) {
            List<String> ids = users.stream().map(user -> send(BROKEN, user, "soon")).toList();
            await().atMost(LIMIT).untilAsserted(() -> assertThat(calls(BROKEN)).isPositive());
            assertThatOthersDoNotWait(log);
            assertThat(gateway.queued("whatsapp.outbound")).as("nothing is given up").isGreaterThanOrEqualTo(MANY);
            ids.forEach(id -> assertThat(Flows.deadLetters(gateway, "WhatsAppOutboundId", id)).isEmpty());
        }
    }

    @Test
    void aTemplateThatMetaDoesNotHaveOpensTheBreakerForNobody() {
        graph.fails(134102).always();
        try (LogCapture log = new LogCapture("whatsapp")) {
            List<String> ids = IntStream.range(0, MANY).mapToObj(i -> template("direct:whatsapp-send", HEALTHY, Map.of())).toList();
            ids.forEach(id -> Flows.awaitUnsent(gateway, id));
            graph.works();
            assertThatOthersDoNotWait(log);
        }
    }

    @Test
    void bulkBeyondTheMessagingLimitRestsInItsQueueAndRepliesDoNotNotice() {
        Map<String, Object> account = Map.of("WhatsAppAccountId", "102290129340398", "WhatsAppBulk", "true");
        for (int i = 0; i < 3; i++) {
            template("direct:my-bulk", LIMITED, account);
        }
        await().atMost(LIMIT).untilAsserted(() -> assertThat(calls(LIMITED)).isEqualTo(1));
        send(LIMITED, Flows.user(), "a reply");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(calls(LIMITED)).isEqualTo(2));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.outbound.bulk")).isEqualTo(2));
        assertThat(gateway.queued("whatsapp.later")).isZero();

        template("direct:whatsapp-send", LIMITED, Map.of("WhatsAppAccountId", "102290129340398"));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.later")).isEqualTo(1));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.outbound")).isZero());
        assertThat(calls(LIMITED)).isEqualTo(2);
    }
}
