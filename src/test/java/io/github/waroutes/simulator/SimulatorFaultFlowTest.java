package io.github.waroutes.simulator;

import static io.github.waroutes.simulator.SimulatorServer.NUMBER;
import static io.github.waroutes.simulator.SimulatorServer.PATIENCE;
import static io.github.waroutes.simulator.SimulatorServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every fault, provoked and seen over real HTTP. */
class SimulatorFaultFlowTest {

    private static final String USER = "15555550101";
    private static final String OTHER = "15555550102";
    private static final String SAYS = "15555550106";
    private static final String SAYS_TOO = "15555550107";
    private static SimulatorServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new SimulatorServer(Map.of());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void forget() throws Exception {
        json(server.http("DELETE", "/simulator/faults", null, PATIENCE), 200);
        for (String user : List.of(USER, OTHER, "15555550105")) {
            server.http("DELETE", "/simulator/users/" + user + "/messages", null, PATIENCE);
        }
        server.webhooks.clear();
    }

    @Test
    void aGraphErrorStrikesAsOftenAsAskedAndOnlyItsRecipient() throws Exception {
        JsonNode fault = server.fault("{\"fault\":\"graph-error\",\"code\":131056,\"times\":2,\"recipient\":\"+" + USER
                + "\",\"retry_after\":7}");
        assertThat(fault.path("endpoint").asText()).isEqualTo("messages");

        json(server.send(OTHER, "hi"), 200);
        HttpResponse<String> struck = server.send(USER, "hi");
        JsonNode error = json(struck, 400).path("error");
        assertThat(error.path("code").asInt()).isEqualTo(131056);
        assertThat(error.path("message").asText()).startsWith("(#131056) ");
        assertThat(error.path("type").asText()).isEqualTo("OAuthException");
        assertThat(error.at("/error_data/messaging_product").asText()).isEqualTo("whatsapp");
        assertThat(error.path("fbtrace_id").asText()).isNotBlank();
        assertThat(struck.headers().firstValue("Retry-After")).hasValue("7");
        json(server.send(USER, "hi"), 400);
        json(server.send(USER, "hi"), 200);

        assertThat(server.faults().at("/0/hits").asInt()).isEqualTo(2);
        json(server.http("DELETE", "/simulator/faults", null, PATIENCE), 200);
        assertThat(server.faults()).isEmpty();
    }

    @Test
    void aReadMarkUsesUpNoFaultOfMessages() throws Exception {
        String id = json(server.say(SAYS, "{\"text\":\"hi\"}"), 200).path("message_id").asText();
        server.fault("{\"fault\":\"graph-error\",\"code\":131000}");
        String mark = "{\"messaging_product\":\"whatsapp\",\"status\":\"read\",\"message_id\":\"" + id + "\"}";

        json(server.graph("POST", NUMBER + "/messages", mark), 200);
        json(server.send(USER, "hi"), 500);
        server.fault("{\"fault\":\"graph-error\",\"code\":2,\"endpoint\":\"read_mark\"}");
        assertThat(json(server.graph("POST", NUMBER + "/messages", mark), 503).at("/error/code").asInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"1999555131056,131056,400", "1999555000190,190,401", "1999555131016,131016,500", "1999555132001,132001,404",
        "1999555133004,133004,503", "1999555131031,131031,403", "1999555000250,250,403", "1999555999999,999999,400"})
    void aMagicRecipientAlwaysGetsItsError(String recipient, int code, int status) throws Exception {
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThat(json(server.send(recipient, "hi"), status).at("/error/code").asInt()).isEqualTo(code);
        }
    }

    @Test
    void theOtherMagicRecipientIsAcceptedAndFails() throws Exception {
        JsonNode answer = json(server.graph("POST", NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\","
                + "\"to\":\"+1999556131026\",\"text\":{\"body\":\"hi\"},\"biz_opaque_callback_data\":\"order 7\"}"), 200);

        await().atMost(PATIENCE).until(() -> !server.statusesOf("1999556131026").isEmpty());
        JsonNode status = server.statusesOf("1999556131026").get(0);
        assertThat(status.path("status").asText()).isEqualTo("failed");
        assertThat(status.path("id").asText()).isEqualTo(answer.at("/messages/0/id").asText());
        assertThat(status.path("biz_opaque_callback_data").asText()).isEqualTo("order 7");
        assertThat(status.at("/errors/0/code").asInt()).isEqualTo(131026);
        assertThat(status.at("/errors/0/message").asText()).isEqualTo(status.at("/errors/0/title").asText()).isNotBlank();
        assertThat(status.at("/errors/0/error_data/details").asText()).isNotBlank();
        assertThat(status.has("pricing")).isFalse();
    }

    @Test
    void aFailedStatusCanBeAskedFor() throws Exception {
        server.fault("{\"fault\":\"failed-status\",\"code\":131047}");
        json(server.send("15555550103", "hi"), 200);

        await().atMost(PATIENCE).until(() -> !server.statusesOf("15555550103").isEmpty());
        assertThat(server.statusesOf("15555550103").get(0).at("/errors/0/code").asInt()).isEqualTo(131047);
        assertThat(conversation("15555550103").at("/0/status").asText()).isEqualTo("failed");
    }

    @Test
    void anHtmlPageComesInsteadOfJson() throws Exception {
        server.fault("{\"fault\":\"html-502\"}");
        HttpResponse<String> answer = server.send(USER, "hi");

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.headers().firstValue("Content-Type")).hasValueSatisfying(type -> assertThat(type).startsWith("text/html"));
        assertThat(answer.body()).startsWith("<!DOCTYPE html>");
        json(server.send(USER, "hi"), 200);
    }

    @Test
    void aSlowAnswerIsLateAndWhole() throws Exception {
        server.fault("{\"fault\":\"slow\",\"delay_ms\":400}");
        long began = System.nanoTime();

        json(server.send(USER, "hi"), 200);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
        json(server.send(USER, "again"), 200);
    }

    @Test
    void slowAnswersHoldNoWorker() throws Exception {
        server.fault("{\"fault\":\"slow\",\"delay_ms\":4000,\"times\":60}");
        long began = System.nanoTime();
        List<CompletableFuture<Integer>> answers = IntStream.range(0, 60).mapToObj(n -> CompletableFuture.supplyAsync(() -> {
            try {
                return server.send(USER, "hi").statusCode();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }, task -> new Thread(task, "sender").start())).toList();

        assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isEqualTo(200));
        // the server has 20 workers: were they held, this would take three rounds of 4 s
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(11_500));
    }

    @Test
    void noAnswerMeansNoneAndNothingIsTaken() throws Exception {
        server.fault("{\"fault\":\"no-answer\",\"delay_ms\":60000}");

        assertThatExceptionOfType(HttpTimeoutException.class).isThrownBy(() -> server.http("POST",
                "/graph/v26.0/" + NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\",\"to\":\"+" + USER
                        + "\",\"text\":{\"body\":\"hi\"}}", Duration.ofMillis(500)));

        assertThat(conversation(USER)).isEmpty();
    }

    @Test
    void noAnswerEndsWithAClosedConnection() throws Exception {
        server.fault("{\"fault\":\"no-answer\",\"delay_ms\":200}");

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> assertThat(server.send(USER, "hi")).extracting(HttpResponse::statusCode, HttpResponse::body).isNull())
                .isNotInstanceOf(HttpTimeoutException.class);
    }

    @Test
    void aCutConnectionTakesNothing() throws Exception {
        server.fault("{\"fault\":\"cut\",\"times\":2}");

        // the JDK's client may try once more by itself when a kept connection fails
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> server.send(USER, "hi"));

        json(server.http("DELETE", "/simulator/faults", null, PATIENCE), 200);
        assertThat(conversation(USER)).isEmpty();
        json(server.send(USER, "hi"), 200);
    }

    @Test
    void aLostAnswerLeavesAMessageThatWasTaken() throws Exception {
        server.fault("{\"fault\":\"answer-lost\",\"recipient\":\"15555550104\"}");

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> server.send("15555550104", "hi"));

        await().atMost(PATIENCE).until(() -> server.statusesOf("15555550104").size() == 3);
        assertThat(statuses("15555550104")).containsExactly("sent", "delivered", "read");
        assertThat(conversation("15555550104")).hasSize(1);
    }

    @Test
    void aWebhookComesTwiceWithTheSameBytes() throws Exception {
        server.fault("{\"fault\":\"duplicate-webhook\",\"recipient\":\"" + SAYS + "\"}");

        json(server.say(SAYS_TOO, "{\"text\":\"hi\"}"), 200);
        json(server.say(SAYS, "{\"text\":\"hi\"}"), 200);

        List<SimulatorServer.Webhook> said = said();
        assertThat(said).hasSize(3).allMatch(SimulatorServer.Webhook::genuine);
        assertThat(said.get(1).body()).isEqualTo(said.get(2).body()).isNotEqualTo(said.get(0).body());
    }

    @Test
    void statusesComeOutOfOrderAndTheSameSeedMixesThemAlike() throws Exception {
        List<List<String>> runs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            forget();
            server.fault("{\"fault\":\"reordered-webhooks\",\"seed\":5,\"recipient\":\"15555550105\"}");
            json(server.send("15555550105", "hi"), 200);
            await().atMost(PATIENCE).until(() -> server.statusesOf("15555550105").size() == 3);
            runs.add(statuses("15555550105"));
        }

        assertThat(runs.get(0)).containsExactlyInAnyOrder("sent", "delivered", "read")
                .isNotEqualTo(List.of("sent", "delivered", "read")).isEqualTo(runs.get(1));
    }

    @Test
    void aWrongSignatureIsPostedOnceAndNotRepeated() throws Exception {
        server.fault("{\"fault\":\"wrong-signature\",\"recipient\":\"" + SAYS + "\"}");

        assertThat(json(server.say(SAYS, "{\"text\":\"hi\"}"), 502).path("webhook_status").asInt()).isEqualTo(401);
        assertThat(said()).hasSize(1).noneMatch(SimulatorServer.Webhook::genuine);
        json(server.say(SAYS, "{\"text\":\"hi\"}"), 200);
    }

    @Test
    void aSlowWebhookIsLate() throws Exception {
        server.fault("{\"fault\":\"slow\",\"endpoint\":\"webhook\",\"delay_ms\":300,\"recipient\":\"" + SAYS + "\"}");
        long began = System.nanoTime();

        json(server.say(SAYS, "{\"text\":\"hi\"}"), 200);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void aDownloadCanHaveAWrongHashAndItsRightLength() throws Exception {
        JsonNode media = voiceNote();
        server.fault("{\"fault\":\"wrong-hash\"}");

        byte[] spoilt = server.download(media.path("url").asText()).body();
        byte[] right = server.download(media.path("url").asText()).body();

        assertThat(spoilt).hasSize(media.path("file_size").asInt());
        assertThat(sha256(spoilt)).isNotEqualTo(media.path("sha256").asText());
        assertThat(sha256(right)).isEqualTo(media.path("sha256").asText());
    }

    @Test
    void aMediaUrlCanBeExpired() throws Exception {
        JsonNode media = voiceNote();
        server.fault("{\"fault\":\"expired-url\"}");

        assertThat(server.download(media.path("url").asText()).statusCode()).isEqualTo(404);
        assertThat(server.download(media.path("url").asText()).statusCode()).isEqualTo(200);
    }

    @Test
    void aDownloadCanBeRedirectedToAnotherHost() throws Exception {
        JsonNode media = voiceNote();
        server.fault("{\"fault\":\"redirect\"}");

        HttpResponse<byte[]> answer = server.download(media.path("url").asText());

        assertThat(answer.statusCode()).isEqualTo(302);
        String location = answer.headers().firstValue("Location").orElseThrow();
        assertThat(location).startsWith("http://localhost:").contains("/simulator/media/" + media.path("id").asText());
        assertThat(server.download(location).statusCode()).isEqualTo(200);
    }

    @Test
    void faultsOfMediaAndTranscriptionStrikeThere() throws Exception {
        String id = voiceNote().path("id").asText();
        server.fault("{\"fault\":\"graph-error\",\"code\":131052,\"endpoint\":\"media\"}");
        server.fault("{\"fault\":\"html-502\",\"endpoint\":\"transcription\",\"status\":503}");

        json(server.graph("GET", NUMBER, null), 200);
        assertThat(json(server.graph("GET", id, null), 400).at("/error/code").asInt()).isEqualTo(131052);
        assertThat(server.http("POST", "/simulator/v1/audio/transcriptions", "{}", PATIENCE).statusCode()).isEqualTo(503);
    }

    @Test
    void aSeededRunRepeats() throws Exception {
        List<List<Integer>> runs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            forget();
            server.fault("{\"fault\":\"graph-error\",\"code\":131000,\"probability\":0.5,\"seed\":42}");
            List<Integer> statuses = new ArrayList<>();
            for (int message = 0; message < 20; message++) {
                statuses.add(server.send(USER, "hi").statusCode());
            }
            runs.add(statuses);
        }

        assertThat(runs.get(0)).contains(200, 500).isEqualTo(runs.get(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "{\"fault\":\"nonsense\"}", "{\"fault\":\"graph-error\"}",
        "{\"fault\":\"graph-error\",\"code\":\"131056\"}", "{\"fault\":\"cut\",\"code\":1}", "{\"fault\":\"cut\",\"times\":0}",
        "{\"fault\":\"cut\",\"endpoint\":\"webhook\"}", "{\"fault\":\"slow\",\"delay_ms\":120001}",
        "{\"fault\":\"cut\",\"probability\":0}", "{\"fault\":\"cut\",\"probability\":\"often\"}", "{\"fault\":\"cut\",\"seed\":\"x\"}",
        "{\"fault\":\"cut\",\"recipient\":\"Kim\"}", "{\"fault\":\"wrong-hash\",\"recipient\":\"15555550101\"}",
        "{\"fault\":\"cut\",\"tmes\":2}", "{\"fault\":\"html-502\",\"status\":200}"})
    void aFaultThatMakesNoSenseIsRefused(String fault) throws Exception {
        assertThat(json(server.http("POST", "/simulator/faults", fault, PATIENCE), 400).path("error").asText()).isNotBlank();
        assertThat(server.faults()).isEmpty();
    }

    private static List<String> statuses(String phone) {
        return server.statusesOf(phone).stream().map(status -> status.path("status").asText()).toList();
    }

    private static List<SimulatorServer.Webhook> said() {
        return server.webhooks.stream().filter(webhook -> webhook.value().has("messages")).toList();
    }

    private static JsonNode conversation(String user) throws Exception {
        return json(server.http("GET", "/simulator/users/" + user + "/messages", null, PATIENCE), 200);
    }

    private static JsonNode voiceNote() throws Exception {
        json(server.say(SAYS, "{\"voice\":\"hello\"}"), 200);
        String id = said().get(said().size() - 1).message().at("/audio/id").asText();
        return json(server.graph("GET", id, null), 200);
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
