package io.github.waroutes.simulator.load;

import static io.github.waroutes.simulator.SimulatorServer.PATIENCE;
import static io.github.waroutes.simulator.SimulatorServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.simulator.SimulatorServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The load's control API, with a business that takes every webhook and answers nothing unless the test does. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LoadApiTest {

    private static SimulatorServer simulator;

    @BeforeAll
    static void start() throws Exception {
        simulator = new SimulatorServer(Map.of());
    }

    @AfterAll
    static void stop() {
        simulator.close();
    }

    @AfterEach
    void end() throws Exception {
        for (int times = 0; times < 2; times++) {
            simulator.http("DELETE", "/simulator/load", null, PATIENCE);
        }
        await().atMost(PATIENCE).until(() -> !simulator.http("GET", "/simulator/load", null, PATIENCE).body().contains("\"open\""));
        simulator.http("DELETE", "/simulator/faults", null, PATIENCE);
        simulator.webhooks.clear();
    }

    private static JsonNode load(String plan) throws Exception {
        return json(simulator.http("POST", "/simulator/load", plan.replace('\'', '"'), PATIENCE), 202);
    }

    private static JsonNode show() throws Exception {
        return json(simulator.http("GET", "/simulator/load", null, PATIENCE), 200);
    }

    private static JsonNode verdict() {
        return await().atMost(PATIENCE).until(LoadApiTest::show, report -> report.has("clean"));
    }

    private static void awaitWebhooks(int count) {
        await().atMost(PATIENCE).until(() -> simulator.webhooks.stream().filter(webhook -> !webhook.message().isMissingNode())
                .count() >= count);
    }

    private static List<JsonNode> said() {
        return simulator.webhooks.stream().map(SimulatorServer.Webhook::message).filter(message -> !message.isMissingNode()).toList();
    }

    @Test
    @Order(1)
    void beforeTheFirstLoadThereIsNothingToShowOrStop() throws Exception {
        for (String method : new String[] {"GET", "DELETE"}) {
            assertThat(json(simulator.http(method, "/simulator/load", null, PATIENCE), 404).path("error").asText())
                    .contains("POST /simulator/load");
        }
    }

    @Test
    @Order(2)
    void whatUsersSayIsSignedNumberedAndRemembered() throws Exception {
        load("{'users':3,'per_second':50,'seconds':1,'voice_share':0.3,'seed':4,'settle_seconds':0,'drain_seconds':1}");
        awaitWebhooks(50);

        assertThat(simulator.webhooks).allMatch(SimulatorServer.Webhook::genuine);
        Set<String> users = new HashSet<>();
        said().forEach(message -> users.add(message.path("from").asText()));
        assertThat(users).containsExactlyInAnyOrder("15552000000", "15552000001", "15552000002");
        assertThat(said()).extracting(message -> message.path("type").asText()).contains("text", "audio");
        assertThat(said()).filteredOn(message -> message.has("text"))
                .allMatch(message -> message.at("/text/body").asText().matches("#[0-9]+\\.[0-9a-z]{6} .+"));
        assertThat(said()).extracting(message -> message.path("id").asText()).doesNotHaveDuplicates();
        String first = said().get(0).path("from").asText();
        assertThat(simulator.http("GET", "/simulator/users/" + first + "/messages", null, PATIENCE).body())
                .contains(said().get(0).path("id").asText());
    }

    @Test
    @Order(3)
    void whatTheBusinessDoesNotAnswerIsLostAndWhatItQuotesIsAnswered() throws Exception {
        JsonNode started = load("{'users':1,'per_second':4,'seconds':1,'drain_seconds':1}");
        assertThat(started.path("id").asText()).matches("[0-9a-z]{6}");
        assertThat(started.path("planned").asInt()).isEqualTo(4);
        awaitWebhooks(4);

        String quote = said().get(0).path("id").asText();
        simulator.graph("POST", SimulatorServer.NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\",\"to\":\"+15552000000\","
                + "\"context\":{\"message_id\":\"" + quote + "\"},\"type\":\"text\",\"text\":{\"body\":\"yes\"}}");
        simulator.send("15552000000", "nothing to do with it");
        JsonNode verdict = verdict();

        assertThat(verdict.path("state").asText()).isEqualTo("done");
        assertThat(verdict.path("acknowledged").asInt()).isEqualTo(4);
        assertThat(verdict.path("answered").asInt()).isEqualTo(1);
        assertThat(verdict.path("unrelated").asInt()).isEqualTo(1);
        assertThat(verdict.path("lost").asInt()).isEqualTo(3);
        assertThat(verdict.path("clean").asBoolean()).isFalse();
        assertThat(verdict.path("problems").asText()).isEqualTo("3 lost");
        assertThat(verdict.at("/acknowledgement_ms/p99").asDouble()).isPositive();

        simulator.send("15552000000", said().get(1).at("/text/body").asText());

        assertThat(show().path("late").asInt()).isEqualTo(1);
        assertThat(show().path("lost").asInt()).isEqualTo(3);
    }

    @Test
    @Order(4)
    void aForeignBusinessIsJudgedByTheNumberOfItsAnswers() throws Exception {
        load("{'users':1,'per_second':4,'seconds':1,'answer':'any','settle_seconds':0,'drain_seconds':1}");
        awaitWebhooks(4);
        for (int answer = 0; answer < 5; answer++) {
            simulator.send("15552000000", "hello");
        }

        JsonNode verdict = verdict();

        assertThat(verdict.path("answered").asInt()).isEqualTo(4);
        assertThat(verdict.path("lost").asInt()).isZero();
        assertThat(verdict.path("out_of_order").isNull()).isTrue();
    }

    @Test
    @Order(5)
    void anAnswerThatFailsLaterAnswersNothing() throws Exception {
        load("{'users':1,'per_second':1,'seconds':1,'drain_seconds':1,'faults':[{'fault':'failed-status','code':131026}]}");
        awaitWebhooks(1);
        simulator.send("15552000000", said().get(0).at("/text/body").asText());

        JsonNode verdict = verdict();

        assertThat(verdict.path("failed").asInt()).isEqualTo(1);
        assertThat(verdict.path("problems").asText()).isEqualTo("1 lost");
    }

    @Test
    @Order(6)
    void aForgedWebhookIsPostedOnceAndIsNotExpectedToBeTaken() throws Exception {
        load("{'users':1,'per_second':1,'seconds':1,'settle_seconds':0,'faults':[{'fault':'wrong-signature'}]}");

        JsonNode verdict = verdict();

        assertThat(simulator.webhooks).hasSize(1).noneMatch(SimulatorServer.Webhook::genuine);
        assertThat(verdict.path("forged").asInt()).isEqualTo(1);
        assertThat(verdict.path("clean").asBoolean()).isTrue();
    }

    @Test
    @Order(7)
    void theFaultsOfALoadEndWithIt() throws Exception {
        simulator.fault("{\"fault\":\"slow\",\"recipient\":\"15555550101\"}");
        load("{'users':1,'per_second':1,'seconds':1,'drain_seconds':1,'seed':9,"
                + "'faults':[{'fault':'duplicate-webhook','probability':0.5}]}");
        assertThat(simulator.faults()).hasSize(2);
        assertThat(simulator.faults().get(1).path("seed").asInt()).isEqualTo(9);

        verdict();

        assertThat(simulator.faults()).hasSize(1);
        assertThat(simulator.faults().get(0).path("fault").asText()).isEqualTo("slow");
    }

    @Test
    @Order(8)
    void aWrongFaultStartsNothingAndLeavesNoFaultBehind() throws Exception {
        JsonNode error = json(simulator.http("POST", "/simulator/load", ("{'users':1,'per_second':1,'seconds':1,"
                + "'faults':[{'fault':'cut'},{'fault':'none'}]}").replace('\'', '"'), PATIENCE), 400);

        assertThat(error.path("error").asText()).contains("fault must be one of");
        assertThat(simulator.faults()).isEmpty();
        assertThat(simulator.webhooks).isEmpty();
    }

    @Test
    @Order(9)
    void whileALoadRunsASecondOneIsRefused() throws Exception {
        JsonNode first = load("{'users':1,'per_second':1,'seconds':60}");

        JsonNode error = json(simulator.http("POST", "/simulator/load", "{\"users\":1,\"per_second\":1,\"seconds\":1}", PATIENCE), 409);

        assertThat(error.path("error").asText()).contains("DELETE /simulator/load");
        assertThat(show().path("id").asText()).isEqualTo(first.path("id").asText());
    }

    @Test
    @Order(10)
    void stoppedOnceItSaysNoMoreAndStoppedTwiceItWaitsNoMore() throws Exception {
        load("{'users':1,'per_second':10,'seconds':600,'drain_seconds':600}");
        awaitWebhooks(3);

        json(simulator.http("DELETE", "/simulator/load", null, PATIENCE), 200);
        await().atMost(PATIENCE).until(() -> show().path("state").asText().equals("draining"));
        int said = show().path("sent").asInt();
        json(simulator.http("DELETE", "/simulator/load", null, PATIENCE), 200);
        JsonNode verdict = verdict();

        assertThat(verdict.path("state").asText()).isEqualTo("stopped");
        assertThat(verdict.path("sent").asInt()).isEqualTo(said);
        assertThat(verdict.path("lost").asInt()).isEqualTo(said);
        assertThat(verdict.path("problems").asText()).contains("not sent").contains("lost");
    }

    @ParameterizedTest
    @Order(11)
    @CsvSource(delimiter = '|', value = {
        "{\"users\":1,\"per_second\":1}|400|seconds must be a whole number",
        "{\"users\":1,\"per_second\":1,\"seconds\":1,\"rate\":5}|400|nothing else",
        "[]|400|must be a JSON object",
        "{|400|must be a JSON object",
    })
    void whatIsWrongIsRefusedWithWhatToDo(String plan, int status, String error) throws Exception {
        assertThat(json(simulator.http("POST", "/simulator/load", plan, PATIENCE), status).path("error").asText()).contains(error);
    }

    @Test
    @Order(12)
    void theCommandTellsHowItGoesAndWhatCameOfIt() throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        LoadOptions options = LoadOptions.read(List.of("--users", "1", "--rate", "2", "--seconds", "1", "--drain", "1"));

        boolean clean = new LoadWatch(simulator.url, new PrintStream(printed, true, StandardCharsets.UTF_8), true, null).run(options);

        assertThat(clean).isFalse();
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("1 users, 2 messages a second for 1 s").contains("\r")
                .containsPattern("sent +2 of 2").containsPattern("lost +2").contains("The verdict: NOT clean: 2 lost.");
    }

    @Test
    @Order(13)
    void aSlowAnswerFailsTheCommandOnlyWhenASpeedWasAskedFor() throws Exception {
        for (String speed : new String[] {"60000", "0"}) {
            ByteArrayOutputStream printed = new ByteArrayOutputStream();
            simulator.webhooks.clear();
            Thread business = new Thread(() -> {
                awaitWebhooks(1);
                try {
                    simulator.send("15552000000", said().get(0).at("/text/body").asText());
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            business.start();
            LoadOptions options = LoadOptions.read(List.of("--users", "1", "--rate", "1", "--seconds", "1", "--settle", "0",
                    "--max-p99", speed));

            boolean clean = new LoadWatch(simulator.url, new PrintStream(printed, true, StandardCharsets.UTF_8), false, null).run(options);
            business.join();

            assertThat(clean).as(printed.toString(StandardCharsets.UTF_8)).isEqualTo(speed.equals("60000"));
        }
    }

    @Test
    @Order(14)
    void theCommandSaysWhenNoSimulatorIsThere() throws Exception {
        LoadOptions options = LoadOptions.read(List.of("--url", "http://127.0.0.1:1"));
        LoadWatch watch = new LoadWatch(options.url(), System.out, false, null);

        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(LoadWatch.Unmeasured.class, () -> watch.run(options)))
                .hasMessageContaining("No simulator answers at http://127.0.0.1:1");
    }
}
