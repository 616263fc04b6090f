package io.github.waroutes.flow;

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

import io.github.waroutes.Payloads;
import io.github.waroutes.junit.GraphFault;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process is killed while it handles two hundred webhooks, and started again. */
@WhatsAppSimulator
class CrashTest {

    private static final int WEBHOOKS = 200;
    private static final int SENDERS = 8;
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration DONE = Duration.ofSeconds(90);

    @TempDir
    Path directory;

    private SimulatedWhatsApp whatsapp;
    private SimulatedGraph graph;

    @Test
    void aKilledProcessLosesNothingAndRepeatsNothing() {
        // it hears no statuses
        graph.forgesWebhooks().always();
        // so slow that the kill comes in the middle, also where the posts take long
        GraphFault slow = graph.isSlow(Duration.ofSeconds(1)).always();
        try (ChildGateway gateway = new ChildGateway(directory)
                .with(whatsapp)
                .with("WHATSAPP_MARK_READ", "false")
                .with("WHATSAPP_BROKER_DIRECTORY", directory.resolve("broker").toString())
                .with("WHATSAPP_OUTBOUND_WORKERS", String.valueOf(SENDERS))
                .start()) {
            gateway.awaitReady();
            postAll(gateway);
            await().atMost(START).pollInterval(Duration.ofMillis(10)).until(() -> Flows.attempts(graph).size() >= 30);
            gateway.kill();
            slow.isOver();
            graph.isSlow(Duration.ofMillis(100)).always();

            Map<String, Long> before = answersByUser();
            assertThat(before).as("the kill came too late to test anything").hasSizeLessThan(WEBHOOKS - SENDERS);

            gateway.start();
            // what was noted and not yet written when the kill came waits too: nobody can tell it from what Meta has taken
            await().atMost(DONE).until(() -> answersByUser().size() >= WEBHOOKS - SENDERS);
            await().atMost(DONE).until(this::quiet);
            assertThat(answersByUser().values()).as("without statuses too, what was on its way is held until there is silence").containsOnly(1L);

            gateway.kill();
            gateway.with("WHATSAPP_OUTCOME_SILENCE_SECONDS", "1").start();
            await().atMost(DONE).until(() -> answersByUser().size() == WEBHOOKS);
            assertThat(answersByUser().keySet()).containsExactlyInAnyOrderElementsOf(users());
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
    private boolean quiet() {
        return Flows.attempts(graph).stream().allMatch(call -> call.at().isBefore(Instant.now().minusSeconds(1)));
    }

    private Map<String, Long> answersByUser() {
        return Flows.attempts(graph).stream().map(call -> call.body().path("to").asText())
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }
}
