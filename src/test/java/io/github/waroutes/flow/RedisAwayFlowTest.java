package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.textsTo;
import static io.github.waroutes.flow.Flows.user;
import static io.github.waroutes.flow.Flows.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.github.waroutes.TestGateway;
import io.github.waroutes.TestRedis;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.health.HealthCheckRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Redis goes away under a gateway that webhooks and applications both call: webhooks notice nothing, and nothing is lost or doubled. */
@WhatsAppSimulator(statusDelay = 600_000, reset = false)
class RedisAwayFlowTest {

    private static final int CALLERS = 80;
    private static final int CALLS_EACH = 3;
    private static final int WEBHOOKS = 20;
    private static final long SOON_MILLIS = 1_000;
    /** Of a single one, on a busy machine; the webhooks of a gateway whose threads wait for Redis took 3 to 25 seconds. */
    private static final long LONGEST_MILLIS = 2_500;

    @RegisterExtension
    final TestRedis redis = new TestRedis();

    @TempDir
    Path directory;

    private final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    private TestGateway gateway;
    private SimulatedGraph graph;

    @BeforeEach
    void start(SimulatedWhatsApp whatsapp) {
        gateway = Flows.gateway(directory).with(whatsapp).with("whatsapp.redis.url", redis.url()).with("whatsapp.api.token", "secret")
                .with("whatsapp.on.text", "direct:my-text").with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:my-text").routeId("my-text").errorHandler(noErrorHandler())
                                .setBody(simple("echo")).to("direct:whatsapp-reply");
                    }
                }).start();
        // everything is warm: classes, connections
        String user = user();
        write(gateway, user, "hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(textsTo(graph, user)).hasSize(1));
        assertThat(call(user(), "first")).isEqualTo(202);
    }

    @AfterEach
    void stop() {
        callers.shutdownNow();
        redis.thaw();
        gateway.close();
    }

    private int call(String user, String key) {
        return TestGateway.send(HttpRequest.newBuilder(gateway.url("/api/messages")).timeout(LIMIT)
                .header("Authorization", "Bearer secret").header("Content-Type", "application/json").header("Idempotency-Key", key)
                .POST(HttpRequest.BodyPublishers.ofString("{\"messaging_product\":\"whatsapp\",\"to\":\"+" + user
                        + "\",\"type\":\"text\",\"text\":{\"body\":\"" + key + "\"}}")).build()).statusCode();
    }

    private String readiness() {
        return gateway.get(URI.create("http://127.0.0.1:" + gateway.managementPort + "/observe/health/ready")).body();
    }

    private Object redisHealth() {
        return HealthCheckRegistry.get(gateway.camel()).getCheck("whatsapp-redis").orElseThrow().call().getDetails().get("redis");
    }

    @Test
    void aRedisThatHangs() throws Exception {
        goAway(redis::freeze, redis::thaw);
    }

    @Test
    void aRedisThatIsGone() throws Exception {
        goAway(redis::stopServer, redis::startServer);
    }

    private void goAway(Runnable leave, Runnable comeBack) throws Exception {
        assertThat(redisHealth()).isEqualTo("answers");
        leave.run();

        List<Future<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < CALLERS * CALLS_EACH; i++) {
            String key = "key-" + i;
            calls.add(callers.submit(() -> call(user(), key)));
        }
        List<String> users = new ArrayList<>();
        List<Long> took = new ArrayList<>();
        for (int i = 0; i < WEBHOOKS; i++) {
            users.add(user());
            long began = System.nanoTime();
            write(gateway, users.get(i), "hello " + i);
            took.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
        }
        assertThat(took).as("milliseconds until a webhook was answered").allMatch(millis -> millis < LONGEST_MILLIS)
                .filteredOn(millis -> millis >= SOON_MILLIS).hasSizeLessThan(WEBHOOKS / 4);
        for (Future<Integer> call : calls) {
            assertThat(call.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(503);
        }
        assertThat(readiness()).as("webhooks are to come").contains("UP");
        assertThat(redisHealth()).isEqualTo("away");

        comeBack.run();
        await().atMost(LIMIT).untilAsserted(() -> {
            for (String user : users) {
                assertThat(textsTo(graph, user)).containsExactly("echo");
            }
        });
        String user = user();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(call(user, "after")).isEqualTo(202));
        assertThat(call(user, "after")).as("the same request again").isEqualTo(202);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(textsTo(graph, user)).containsExactly("after"));
        Flows.awaitQuiet(gateway);
        for (String each : users) {
            assertThat(textsTo(graph, each)).containsExactly("echo");
        }
        assertThat(gateway.deadLetters()).isEmpty();
    }
}
