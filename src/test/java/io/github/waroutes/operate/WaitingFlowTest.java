package io.github.waroutes.operate;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator does about what waits: sees it, has it tried at once, gives it up, pauses and resumes. Each wait by itself would outlast the test. */
@WhatsAppSimulator
class WaitingFlowTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static TestGateway gateway;
    private static Path audit;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        audit = directory.resolve("audit.jsonl");
        gateway = new TestGateway(directory).with(whatsapp).with("whatsapp.management.token", "open-sesame").with("whatsapp.management.audit-file", audit)
                .with("whatsapp.mark-read", false).with("whatsapp.retry.throttle.delay", 600_000).with("whatsapp.alarm.try-again-after", 600_000).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @AfterEach
    void nothingWaits(SimulatedGraph graph) {
        graph.works();
        change("resume", "{}");
        change("waiting/release", "{\"all\":true}");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.inbound") + gateway.queued("whatsapp.outbound")).isZero());
    }

    private static JsonNode get(String path) {
        return json(call(HttpRequest.newBuilder(url(path))));
    }

    private static JsonNode change(String path, String body) {
        return json(post(path, body));
    }

    private static HttpResponse<String> post(String path, String body) {
        return call(HttpRequest.newBuilder(url(path)).header("Authorization", "Bearer open-sesame").POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static HttpResponse<String> call(HttpRequest.Builder request) {
        return TestGateway.send(request.timeout(LIMIT).build());
    }

    private static URI url(String path) {
        return URI.create("http://127.0.0.1:" + gateway.managementPort + "/manage/" + path);
    }

    private static JsonNode json(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode held() {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(get("waiting").path("total").asInt()).isEqualTo(1));
        return get("waiting").at("/messages/0");
    }

    private static void queued(String queue, int messages) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued(queue)).isEqualTo(messages));
    }

    @Test
    void aHeldConversationIsSeenAndReleased(SimulatedUser kim, SimulatedGraph graph) {
        graph.fails(131056).forUser(kim).times(1);
        kim.sends("hello");
        JsonNode held = held();
        assertThat(held.path("queue").asText()).isEqualTo("whatsapp.outbound");
        assertThat(held.path("number").asText()).isEqualTo("default");
        assertThat(held.path("type").asText()).isEqualTo("text");
        assertThat(held.path("error").asText()).contains("131056");
        assertThat(held.path("tries_again").asText()).isGreaterThan(held.path("stored_at").asText());
        assertThat(held.toString()).doesNotContain(kim.id()).doesNotContain(kim.name());
        assertThat(graph.sentTo(kim)).isEmpty();

        assertThat(change("waiting/release", "{\"ids\":[" + held.path("id") + "]}").path("ordered").asInt()).isEqualTo(1);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.sentTo(kim)).hasSize(1));
        assertThat(get("waiting").path("total").asInt()).isZero();
    }

    @Test
    void aHeldMessageIsGivenUpAndTheNextOneFollows(SimulatedUser kim, SimulatedGraph graph) throws IOException {
        graph.fails(131056).forUser(kim).times(1);
        kim.sends("hello");
        String id = held().path("id").asText();
        int before = gateway.deadLetters().size();
        kim.sends("are you there?");
        queued("whatsapp.outbound", 2);

        assertThat(post("waiting/give-up", "{\"ids\":[\"" + id + "\"]}").body()).contains("Give a reason");
        change("waiting/give-up", "{\"ids\":[\"" + id + "\"],\"reason\":\"called by phone\"}");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.deadLetters()).hasSize(before + 1));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.sentTo(kim)).as("the second answer").hasSize(1));
        assertThat(get("messages/dead-letters").at("/messages/" + before + "/error/message").asText()).contains("operator");
        assertThat(Files.readString(audit)).contains("called by phone");
    }

    @Test
    void aStoppedNumberTriesAtOnceWhenItIsReleased(SimulatedUser kim, SimulatedGraph graph) {
        graph.fails(190).always();
        kim.sends("hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(get("numbers").at("/0/state").asText()).isEqualTo("stopped"));
        kim.sends("hello again");
        queued("whatsapp.outbound", 2);
        graph.works();

        change("waiting/release", "{\"number\":\"default\"}");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.sentTo(kim)).hasSize(2));
        assertThat(get("numbers").at("/0/state").asText()).isEqualTo("ok");
    }

    @Test
    void whatLiesInTheQueueOfAStoppedNumberIsListedAndOneOfItGivenUp(SimulatedUser kim, SimulatedUser sam, SimulatedGraph graph) {
        graph.fails(190).always();
        kim.sends("hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(get("numbers").at("/0/state").asText()).isEqualTo("stopped"));
        assertThat(get("numbers").at("/0/error").asText()).isEqualTo("190");
        sam.sends("hello");
        queued("whatsapp.outbound", 2);
        kim.sends("are you there?");
        queued("whatsapp.outbound", 3);

        await().atMost(LIMIT).untilAsserted(() -> assertThat(get("waiting?number=default").path("messages").findValuesAsText("state"))
                .containsExactly("stopped", "stopped", "stopped"));
        JsonNode all = get("waiting");
        assertThat(all.path("total").asInt()).isEqualTo(3);
        assertThat(all.path("messages").findValuesAsText("error")).containsExactly("190", "190", "190");
        assertThat(all.path("messages").findValuesAsText("stored_at")).isSorted();
        JsonNode second = get("waiting?skip=1&limit=1").path("messages");
        assertThat(second).hasSize(1);
        assertThat(second.get(0)).isEqualTo(all.at("/messages/1"));
        assertThat(all.toString()).doesNotContain(kim.id()).doesNotContain(sam.id());

        int before = gateway.deadLetters().size();
        change("waiting/give-up", "{\"ids\":[" + second.get(0).path("id") + "],\"reason\":\"called by phone\"}");
        assertThat(get("waiting?skip=1&limit=1").at("/messages/0/given_up").asBoolean()).isTrue();
        assertThat(get("waiting?limit=1").at("/messages/0").has("given_up")).isFalse();
        graph.works();
        change("waiting/release", "{\"number\":\"default\"}");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.sentTo(kim)).hasSize(2));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.deadLetters()).hasSize(before + 1));
        assertThat(graph.sentTo(sam)).isEmpty();
        assertThat(get("waiting").path("total").asInt()).isZero();
    }

    @Test
    void aReleasedNumberThatStillFailsRestsAgain(SimulatedUser kim, SimulatedGraph graph) {
        graph.fails(190).always();
        kim.sends("hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(get("numbers").at("/0/state").asText()).isEqualTo("stopped"));
        int before = graph.callsTo(kim).size();

        change("waiting/release", "{\"number\":\"default\"}");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.callsTo(kim)).hasSizeGreaterThan(before));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(get("numbers").at("/0/state").asText()).isEqualTo("stopped"));
        assertThat(graph.callsTo(kim)).as("one probe").hasSize(before + 1);
        assertThat(gateway.queued("whatsapp.outbound")).isEqualTo(1);
    }

    @Test
    void allThatAStoppedNumberHasIsGivenUpAndWhatComesAfterIsNot(SimulatedUser kim, SimulatedUser sam, SimulatedGraph graph) {
        graph.fails(190).always();
        kim.sends("hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(get("numbers").at("/0/state").asText()).isEqualTo("stopped"));
        kim.sends("hello again");
        sam.sends("hello");
        queued("whatsapp.outbound", 3);
        int before = gateway.deadLetters().size();

        change("waiting/give-up", "{\"number\":\"default\",\"reason\":\"the shop is closed\"}");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.deadLetters()).hasSize(before + 3));
        kim.sends("and now?");
        queued("whatsapp.outbound", 1);
        graph.works();
        change("waiting/release", "{\"number\":\"default\"}");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.sentTo(kim)).hasSize(1));
        assertThat(graph.sentTo(sam)).isEmpty();
    }

    @Test
    void aPauseHoldsOverARestartUntilItIsResumed(SimulatedUser kim, SimulatedGraph graph) {
        JsonNode paused = change("pause", "{\"number\":\"default\",\"reason\":\"a new price list\"}");
        assertThat(paused.at("/0/what").asText()).isEqualTo("sending");
        assertThat(paused.at("/0/number").asText()).isEqualTo("default");
        kim.sends("hello");
        queued("whatsapp.outbound", 1);
        assertThat(get("numbers").at("/0/state").asText()).isEqualTo("paused");
        assertThat(get("numbers").at("/0/reason").asText()).isEqualTo("a new price list");
        assertThat(get("waiting").path("messages").findValuesAsText("state")).containsExactly("paused");
        assertThat(get("waiting").at("/messages/0/reason").asText()).isEqualTo("a new price list");

        gateway.stop();
        gateway.start();
        assertThat(get("pauses")).isEqualTo(paused);
        change("pause", "{\"what\":\"handling\",\"reason\":\"a new price list\"}");
        kim.sends("are you there?");
        queued("whatsapp.inbound", 1);
        assertThat(gateway.queued("whatsapp.outbound")).isEqualTo(1);
        assertThat(graph.sentTo(kim)).isEmpty();

        assertThat(change("resume", "{\"what\":\"handling\"}")).hasSize(1);
        queued("whatsapp.outbound", 2);
        assertThat(change("resume", "{}")).isEmpty();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.sentTo(kim)).hasSize(2));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"pause|{}|400|Give a reason", "pause|{\"what\":\"everything\",\"reason\":\"x\"}|400|handling, sending or all",
        "pause|{\"what\":\"handling\",\"number\":\"default\",\"reason\":\"x\"}|400|only the sending", "pause|{\"number\":\"nowhere\",\"reason\":\"x\"}|400|There is no number",
        "waiting/release|{}|400|Say which", "waiting/release|{\"ids\":[\"nothing\"]}|400|An id is", "waiting/give-up|{\"all\":true,\"reason\":\"x\"}|400|Say which"})
    void aMistakeIsSaidAndChangesNothing(String path, String body, int status, String problem) {
        HttpResponse<String> response = post(path, body);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(problem);
        assertThat(get("pauses")).isEmpty();
        assertThat(call(HttpRequest.newBuilder(url(path)).POST(HttpRequest.BodyPublishers.ofString(body))).statusCode()).isEqualTo(401);
    }

    @Test
    void theAnswersAreAsTheDescriptionSays(SimulatedUser kim, SimulatedUser sam, SimulatedGraph graph) throws IOException {
        int before = gateway.deadLetters().size();
        graph.fails(131026).forUser(sam).times(1);
        sam.sends("hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.deadLetters()).hasSize(before + 1));
        assertThat(call(HttpRequest.newBuilder(url("openapi.yaml"))).body()).contains("openapi: 3.1.0").contains("/manage/waiting/give-up");
        graph.fails(131056).forUser(kim).times(1);
        kim.sends("hello");
        held();
        change("pause", "{\"what\":\"sending\",\"reason\":\"a test\"}");
        JsonNode document = ManagementOpenApiTest.document();
        for (String path : new String[] {"waiting", "pauses", "numbers", "queues", "config", "messages/dead-letters"}) {
            JsonNode schema = document.path("paths").path("/manage/" + path.replace("dead-letters", "{shelf}")).at("/get/responses/200/content/application~1json/schema");
            assertThat(ManagementOpenApiTest.unknown(document, schema, get(path), path)).isEmpty();
        }
    }

    @Test
    void theSettingsAreToldWithoutSecrets() {
        JsonNode settings = get("config");
        assertThat(settings.toString()).contains("{\"name\":\"whatsapp.mark-read\",\"value\":\"false\"}").contains("{\"name\":\"whatsapp.management.token\",\"value\":\"***\"}")
                .contains("\"name\":\"whatsapp.inbound.workers\",\"value\":\"32\",\"default\":true").doesNotContain("open-sesame").doesNotContain(TestGateway.SECRET);
    }
}
