package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.simulator.GraphCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters are replayed, and the process is killed again and again meanwhile. */
@WhatsAppSimulator
class ReplayCrashTest {

    private static final int USERS = 40;
    private static final int KILLS = 3;
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final String DEAD = "/manage/messages/dead-letters";

    @TempDir
    Path directory;

    private SimulatedWhatsApp whatsapp;
    private SimulatedGraph graph;

    @Test
    void eachDeadLetterIsSentOnceHoweverOftenTheProcessIsKilled() {
        graph.fails(131026).always();
        try (ChildGateway gateway = new ChildGateway(directory).with(whatsapp).with("WHATSAPP_MARK_READ", "false")
                .with("WHATSAPP_MANAGEMENT_TOKEN", "open-sesame").with("WHATSAPP_BROKER_DIRECTORY", directory.resolve("broker").toString())
                // what may have been sent when the kill came, and of which no status tells, is a dead letter again, for a person
                .with("WHATSAPP_OUTCOME_SILENCE_SECONDS", "3").with("WHATSAPP_OUTCOME_RESEND", "false").start()) {
            gateway.awaitReady();
            users().forEach(user -> {
                for (int i = 0; i < 2; i++) {
                    assertThat(gateway.webhook(Payloads.messages(Payloads.text("wamid.REPLAY" + user + i, user, "hello"))).statusCode()).isEqualTo(200);
                }
            });
            await().atMost(LIMIT).until(() -> total(gateway) == 2 * USERS);
            graph.works();
            graph.isSlow(Duration.ofMillis(100)).always();

            for (int kill = 0; kill < KILLS; kill++) {
                int before = sent().size();
                replay(gateway, "\"all\":true,\"limit\":10");
                await().atMost(LIMIT).pollInterval(Duration.ofMillis(5)).until(() -> sent().size() > before);
                replay(gateway, "\"all\":true,\"limit\":10");
                gateway.kill();
                gateway.start();
                gateway.awaitReady();
            }
            replay(gateway, "\"filter\":{\"error\":\"131026\"},\"limit\":1000");
            // each is sent, or a dead letter because nobody can tell whether it was
            await().atMost(LIMIT).untilAsserted(() -> assertThat(sent().size() + total(gateway)).isGreaterThanOrEqualTo(2 * USERS));
            assertThat(byUser()).allSatisfy((user, count) -> assertThat(count).as("nothing is sent twice").isLessThanOrEqualTo(2));
            assertThat(number(call(gateway, HttpRequest.newBuilder(url(gateway, DEAD + "?error=131026"))), "matching")).isZero();
            assertThat(total(gateway)).as("only what was on its way when a kill came").isLessThan(KILLS * 20);
        }
    }

    private static List<String> users() {
        return IntStream.range(0, USERS).mapToObj(i -> Long.toString(15555558000L + i)).toList();
    }

    private List<GraphCall> sent() {
        return graph.sent();
    }

    private Map<String, Long> byUser() {
        return sent().stream().map(call -> call.body().path("to").asText()).collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    private static long total(ChildGateway gateway) {
        return number(call(gateway, HttpRequest.newBuilder(url(gateway, DEAD + "?limit=0"))), "total");
    }

    private static void replay(ChildGateway gateway, String which) {
        call(gateway, HttpRequest.newBuilder(url(gateway, DEAD + "/replay")).header("Authorization", "Bearer open-sesame")
                .POST(HttpRequest.BodyPublishers.ofString("{" + which + "}")));
    }

    private static URI url(ChildGateway gateway, String path) {
        return URI.create("http://127.0.0.1:" + gateway.managementPort + path);
    }

    private static String call(ChildGateway gateway, HttpRequest.Builder request) {
        HttpResponse<String> response = TestGateway.send(request.timeout(TestGateway.LIMIT).build());
        assertThat(response.statusCode()).as(response.body() + gateway.err()).isEqualTo(200);
        return response.body();
    }

    private static long number(String body, String member) {
        try {
            return new ObjectMapper().readTree(body).path(member).asLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
