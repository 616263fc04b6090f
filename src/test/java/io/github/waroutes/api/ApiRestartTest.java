package io.github.waroutes.api;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.waroutes.TestGateway;
import io.github.waroutes.TestRedis;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repeats that another process gets: the same one after a restart, or one beside it. */
@WhatsAppSimulator(patience = 30_000)
class ApiRestartTest {

    private static final String ONE = "{\"messaging_product\":\"whatsapp\",\"to\":\"+15555550103\",\"type\":\"text\",\"text\":{\"body\":\"once\"}}";
    private static final String TEN_THOUSAND = IntStream.rangeClosed(1, 10_000)
            .mapToObj("{\"messaging_product\":\"whatsapp\",\"to\":\"+1555%07d\",\"type\":\"text\",\"text\":{\"body\":\"news\"}}\n"::formatted)
            .collect(Collectors.joining());

    private static HttpResponse<String> send(TestGateway gateway, String path, String type, String body, String key) {
        return TestGateway.send(HttpRequest.newBuilder(gateway.url(path)).timeout(LIMIT).header("Authorization", "Bearer t")
                .header("Content-Type", type).header("Idempotency-Key", key).POST(HttpRequest.BodyPublishers.ofString(body)).build());
    }

    @Test
    void withoutATokenInTheConfigurationTheApiIsClosed(@TempDir Path directory) {
        try (TestGateway gateway = new TestGateway(directory).start()) {
            assertThat(send(gateway, "/api/messages", "application/json", ONE, "k").statusCode()).isEqualTo(401);
            assertThat(gateway.get(gateway.url("/api/openapi.json")).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aRepeatAfterARestartIsSentOnce(@TempDir Path directory, SimulatedWhatsApp whatsapp, @WhatsAppUser(phone = "15555550103") SimulatedUser kim) {
        try (TestGateway gateway = new TestGateway(directory).with("whatsapp.api.token", "t").with(whatsapp).start()) {
            HttpResponse<String> first = send(gateway, "/api/messages", "application/json", ONE, "k");
            kim.receives("once");
            gateway.stop();
            gateway.start();
            HttpResponse<String> second = send(gateway, "/api/messages", "application/json", ONE, "k");
            assertThat(second.statusCode()).isEqualTo(202);
            assertThat(second.body()).isEqualTo(first.body());
            // of the same conversation, so behind a second one if there were any
            send(gateway, "/api/messages", "application/json", ONE.replace("once", "marker"), "other");
            kim.receives("marker");
            assertThat(whatsapp.graph().callsTo(kim)).hasSize(2);
        }
    }

    @Test
    void tenThousandRecipientsAreQueuedOnceAlsoWhenTheyAreSentAgainAfterARestart(@TempDir Path directory) throws Exception {
        try (TestGateway gateway = new TestGateway(directory).with("whatsapp.api.token", "t").with("whatsapp.queue.bulk", "bulk")
                .with("camel.main.autoStartupExcludePattern", "send-bulk")) {
            gateway.start();
            HttpResponse<String> first = send(gateway, "/api/bulk", "application/x-ndjson", TEN_THOUSAND, "k");
            assertThat(first.statusCode()).isEqualTo(202);
            assertThat(gateway.queued("bulk")).isEqualTo(10_000);
            gateway.stop();
            gateway.start();
            HttpResponse<String> second = send(gateway, "/api/bulk", "application/x-ndjson", TEN_THOUSAND, "k");
            assertThat(second.body()).isEqualTo(first.body());
            assertThat(gateway.queued("bulk")).isEqualTo(10_000);
        }
    }

    @Test
    void twoGatewaysWithOneRedisTakeARequestOnce(@TempDir Path directory) {
        try (TestRedis redis = TestRedis.started();
                TestGateway one = gateway(directory.resolve("one"), redis);
                TestGateway other = gateway(directory.resolve("other"), redis)) {
            String news = TEN_THOUSAND.substring(0, TEN_THOUSAND.indexOf("+15550000501"));
            news = news.substring(0, news.lastIndexOf('\n') + 1);
            HttpResponse<String> message = send(one, "/api/messages", "application/json", ONE, "k");
            HttpResponse<String> bulk = send(one, "/api/bulk", "application/x-ndjson", news, "b");
            assertThat(bulk.statusCode()).isEqualTo(202);
            assertThat(send(other, "/api/messages", "application/json", ONE, "k").body()).isEqualTo(message.body());
            assertThat(send(other, "/api/bulk", "application/x-ndjson", news, "b").body()).isEqualTo(bulk.body()).contains("\"accepted\":500");
            assertThat(send(other, "/api/messages", "application/json", ONE + " ", "k").statusCode()).isEqualTo(422);
            assertThat(one.queued("whatsapp.outbound")).isEqualTo(1);
            assertThat(one.queued("whatsapp.outbound.bulk")).isEqualTo(500);
            assertThat(other.queued("whatsapp.outbound")).isZero();
            assertThat(other.queued("whatsapp.outbound.bulk")).isZero();
            assertThat(redis.client().getKeys().getKeysStream().filter(key -> key.startsWith("whatsapp:idempotency:")).count()).isEqualTo(2);
        }
    }

    private static TestGateway gateway(Path directory, TestRedis redis) {
        return new TestGateway(directory).with("whatsapp.api.token", "t").with("whatsapp.redis.url", redis.url())
                .with("camel.main.autoStartupExcludePattern", "send-message,send-bulk").start();
    }
}
