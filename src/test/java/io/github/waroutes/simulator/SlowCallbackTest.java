package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.github.waroutes.TestPorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the callback does, or that there is none, must not be felt by who sends. */
class SlowCallbackTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static Simulator simulator;
    private static HttpServer callback;
    private static ExecutorService hands;
    private static final AtomicInteger TOLD = new AtomicInteger();

    @BeforeAll
    static void start() throws Exception {
        hands = Executors.newCachedThreadPool();
        callback = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
        callback.setExecutor(task -> hands.execute(task));
        callback.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            CompletableFuture.delayedExecutor(250, TimeUnit.MILLISECONDS, hands).execute(() -> {
                TOLD.incrementAndGet();
                try {
                    exchange.sendResponseHeaders(200, -1);
                } catch (IOException e) {
                    TOLD.decrementAndGet();
                }
                exchange.close();
            });
        });
        callback.start();
        simulator = Simulator.builder().statusDelay(Duration.ofMillis(20)).start();
    }

    @AfterAll
    static void stop() {
        simulator.close();
        callback.stop(0);
        hands.shutdownNow();
    }

    @Test
    void sendingIsQuickWhileNothingIsAtTheCallback() throws Exception {
        try (Simulator alone = Simulator.builder().webhookUrl("http://127.0.0.1:" + TestPorts.free() + "/webhook").start()) {
            long slowest = 0;
            for (int n = 0; n < 3000; n++) {
                long began = System.nanoTime();
                assertThat(send(alone, "1555555%04d".formatted(n % 500), n)).isEqualTo(200);
                slowest = Math.max(slowest, System.nanoTime() - began);
            }
            // on a busy machine too; on the threads of the requests it was 15 s and more
            assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void statusesAreNotHeldUpByACallbackThatTakesAQuarterOfASecond() throws Exception {
        simulator.webhookUrl("http://127.0.0.1:" + callback.getAddress().getPort() + "/");
        int before = TOLD.get();
        for (int n = 0; n < 300; n++) {
            assertThat(send(simulator, "1555556%04d".formatted(n), n)).isEqualTo(200);
        }
        // one after the other they would take 225 s
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(TOLD.get() - before).isGreaterThanOrEqualTo(900));
    }

    @Test
    void fortyUsersTalkAtOnceToAnotherProcess() {
        simulator.webhookUrl("http://127.0.0.1:" + callback.getAddress().getPort() + "/");
        List<CompletableFuture<HttpResponse<String>>> said = new ArrayList<>();
        for (int n = 0; n < 40; n++) {
            said.add(post(simulator, "/simulator/users/1555557%04d/messages".formatted(n), "{\"text\":\"hello\"}"));
        }
        assertThat(said).allSatisfy(one -> assertThat(one.join().statusCode()).isEqualTo(200));
    }

    @Test
    void whoRepeatsAWebhookDoesNotQueueBehindTheStatusesThatAreOwed() throws Exception {
        try (Simulator alone = Simulator.builder().statusDelay(Duration.ofMillis(10)).webhookRetryDelay(Duration.ofMillis(50))
                .webhookUrl("http://127.0.0.1:" + callback.getAddress().getPort() + "/").start()) {
            for (int n = 0; n < 1500; n++) {
                assertThat(send(alone, "1555558%04d".formatted(n % 1000), n)).isEqualTo(200);
            }
            alone.webhookUrl("http://127.0.0.1:" + TestPorts.free() + "/");
            // those whose turn it is go on posting; this one is tried five times within 50 + 100 + 200 + 400 ms
            HttpResponse<String> said = post(alone, "/simulator/users/15555590001/messages", "{\"text\":\"hello\"}").join();
            assertThat(said.statusCode()).isEqualTo(502);
        }
    }

    @Test
    void closingDoesNotWaitForWhatIsOwed() throws Exception {
        Simulator alone = Simulator.builder().statusDelay(Duration.ofMillis(60_000))
                .webhookUrl("http://127.0.0.1:" + TestPorts.free() + "/").start();
        for (int n = 0; n < 200; n++) {
            assertThat(send(alone, "1555556%04d".formatted(n), n)).isEqualTo(200);
        }
        long began = System.nanoTime();
        alone.close();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    }

    private static int send(Simulator to, String recipient, int n) throws Exception {
        return HTTP.send(request(to.graphUrl() + "/v26.0/" + to.phoneNumberId() + "/messages",
                "{\"messaging_product\":\"whatsapp\",\"to\":\"+" + recipient + "\",\"text\":{\"body\":\"" + n + "\"}}", to),
                HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static CompletableFuture<HttpResponse<String>> post(Simulator to, String path, String body) {
        return HTTP.sendAsync(request(to.url() + path, body, to), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest request(String address, String body, Simulator to) {
        return HttpRequest.newBuilder(URI.create(address)).timeout(PATIENCE).header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + to.accessToken()).POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }
}
