package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.MESSAGES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process is killed while it handles two hundred webhooks, and started again. */
class CrashTest {

    private static final int WEBHOOKS = 200;
    private static final int SENDERS = 8;
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration DONE = Duration.ofSeconds(90);

    @TempDir
    Path directory;

    @Test
    void aKilledProcessLosesNothingAndRepeatsNothing() {
        WireMockServer meta = new WireMockServer(WireMockConfiguration.options().dynamicPort().containerThreads(64).bindAddress("127.0.0.1"));
        meta.start();
        try (ChildGateway gateway = new ChildGateway(directory)
                .with("WHATSAPP_GRAPH_URL", meta.baseUrl())
                .with("WHATSAPP_MARK_READ", "false")
                .with("WHATSAPP_BROKER_DIRECTORY", directory.resolve("broker").toString())
                .with("WHATSAPP_OUTBOUND_WORKERS", String.valueOf(SENDERS))
                .start()) {
            // so slow that the kill comes in the middle, also where the posts take long
            meta.stubFor(post(urlEqualTo(MESSAGES)).willReturn(Flows.accepted().withFixedDelay(1_000)));
            gateway.awaitReady();
            postAll(gateway);
            await().atMost(START).pollInterval(Duration.ofMillis(10)).until(() -> Sends.messages(meta).size() >= 30);
            gateway.kill();
            meta.stubFor(post(urlEqualTo(MESSAGES)).willReturn(Flows.accepted().withFixedDelay(100)));

            Map<String, Long> before = answersByUser(meta);
            assertThat(before).as("the kill came too late to test anything").hasSizeLessThan(WEBHOOKS - SENDERS);

            gateway.start();
            // what was noted and not yet written when the kill came waits too: nobody can tell it from what Meta has taken
            await().atMost(DONE).until(() -> answersByUser(meta).size() >= WEBHOOKS - SENDERS);
            await().atMost(DONE).until(() -> quiet(meta));
            assertThat(answersByUser(meta).values()).as("without statuses too, what was on its way is held until there is silence").containsOnly(1L);

            gateway.kill();
            gateway.with("WHATSAPP_OUTCOME_SILENCE_SECONDS", "1").start();
            await().atMost(DONE).until(() -> answersByUser(meta).size() == WEBHOOKS);
            assertThat(answersByUser(meta).keySet()).containsExactlyInAnyOrderElementsOf(users());
        } finally {
            meta.stop();
        }
    }

    private static List<String> users() {
        return IntStream.range(0, WEBHOOKS).mapToObj(i -> "+" + (15555557000L + i)).toList();
    }

    private static void postAll(ChildGateway gateway) {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        AtomicInteger taken = new AtomicInteger();
        try {
            CompletableFuture.allOf(users().stream().map(user -> CompletableFuture.runAsync(() -> {
                String body = Payloads.messages(Payloads.text("wamid.CRASH" + user.substring(1), user.substring(1), "hello"));
                if (gateway.webhook(body).statusCode() == 200) {
                    taken.incrementAndGet();
                }
            }, threads)).toArray(CompletableFuture[]::new)).join();
        } finally {
            threads.shutdownNow();
        }
        assertThat(taken).hasValue(WEBHOOKS);
    }

    /** Ten times as long as a send takes, nothing was sent. */
    private static boolean quiet(WireMockServer meta) {
        return meta.findAll(postRequestedFor(urlEqualTo(MESSAGES))).stream()
                .allMatch(request -> request.getLoggedDate().toInstant().isBefore(Instant.now().minusSeconds(1)));
    }

    private static Map<String, Long> answersByUser(WireMockServer meta) {
        return Sends.messages(meta).stream().map(message -> message.path("to").asText())
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }
}
