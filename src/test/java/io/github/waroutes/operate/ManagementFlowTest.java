package io.github.waroutes.operate;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.queue.StoredMessage;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator does over the management port of a running gateway. */
@WhatsAppSimulator
class ManagementFlowTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DEAD = "/manage/messages/dead-letters";
    private static final AtomicBoolean BROKEN = new AtomicBoolean();
    private static TestGateway gateway;
    private static Path audit;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        audit = directory.resolve("audit.jsonl");
        gateway = new TestGateway(directory).with(whatsapp).with("whatsapp.management.token", "open-sesame").with("whatsapp.management.audit-file", audit)
                .with("whatsapp.on.text", "direct:shop").with("whatsapp.reply.apology", "")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:shop").routeId("shop").setBody(simple("you said ${body[text][body]}")).to("direct:whatsapp-reply").process(exchange -> {
                            if (BROKEN.get()) {
                                throw new IllegalArgumentException("the shop is closed");
                            }
                        });
                    }
                }).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void open() throws IOException {
        BROKEN.set(false);
        if (list("").path("total").asInt() > 0) {
            assertThat(post(DEAD + "/drop", "{\"all\":true,\"limit\":1000,\"reason\":\"between tests\"}", "open-sesame").statusCode()).isEqualTo(200);
        }
        Files.deleteIfExists(audit);
    }

    private static HttpResponse<String> get(String path, String token, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.managementPort + path)).timeout(LIMIT);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return TestGateway.send(request.build());
    }

    private static HttpResponse<String> post(String path, String body, String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.managementPort + path)).timeout(LIMIT)
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return TestGateway.send(request.build());
    }

    /** The first line of the answer to a page that reaches this machine by a name of its own. */
    private static String rebound(String path) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", gateway.managementPort)) {
            socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: shop.example:9876\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().findFirst().orElse("");
        }
    }

    private static JsonNode json(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode list(String query) {
        return json(get(DEAD + query, null));
    }

    /** The messages of these users are given up; gives the ids of the dead letters, oldest first. */
    private static List<String> givenUp(int before, SimulatedUser user, String... texts) {
        BROKEN.set(true);
        for (String text : texts) {
            user.sends(text);
            user.receives("you said " + text);
        }
        await().atMost(LIMIT).untilAsserted(() -> assertThat(list("").path("total").asInt()).isEqualTo(before + texts.length));
        BROKEN.set(false);
        return StreamSupport.stream(list("?limit=1000").path("messages").spliterator(), false).skip(before).map(one -> one.path("id").asText()).toList();
    }

    @Test
    void aDeadLetterIsListedWithItsReasonAndNobodysData(SimulatedUser kim) {
        String id = givenUp(0, kim, "open the door").get(0);
        JsonNode letter = list("").path("messages").get(0);
        assertThat(letter.path("id").asText()).isEqualTo(id);
        assertThat(letter.path("queue").asText()).isEqualTo("whatsapp.inbound");
        assertThat(letter.path("kind").asText()).isEqualTo("message");
        assertThat(letter.path("number").asText()).isEqualTo("default");
        assertThat(letter.path("route").asText()).isEqualTo("shop");
        assertThat(letter.path("place").asText()).startsWith("ManagementFlowTest.java");
        assertThat(letter.at("/error/type").asText()).isEqualTo("WhatsAppRouteException");
        assertThat(letter.path("to_do").asText()).isNotBlank();
        String shown = get(DEAD + '/' + id, null).body();
        assertThat(list("") + shown).doesNotContain(kim.id()).doesNotContain("open the door").doesNotContain("wamid").doesNotContain(kim.name());

        assertThat(get(DEAD + '/' + id + "?unmask=true", null).statusCode()).isEqualTo(401);
        assertThat(get(DEAD + '/' + id + "?%75nmask=tru%65", null).statusCode()).as("however it is written").isEqualTo(401);
        assertThat(get(DEAD + '/' + id + "?unmask=true", "open-sesame").body()).contains(kim.id()).contains("open the door");
        assertThat(get(DEAD + "/nothing:1", null).statusCode()).isEqualTo(404);
    }

    @Test
    void whatIsReplayedIsHandledOnceMoreAndAnsweredOnceAltogether(SimulatedUser kim, SimulatedGraph graph) throws IOException {
        List<String> ids = givenUp(0, kim, "one", "two", "three");
        int before = graph.sentTo(kim).size();
        assertThat(before).isEqualTo(3);

        assertThat(json(post(DEAD + "/replay", "{\"ids\":[\"" + ids.get(0) + "\"]}", "open-sesame"))).isEqualTo(JSON.readTree("{\"replayed\":1,\"left\":0}"));
        assertThat(json(post(DEAD + "/replay", "{\"all\":true,\"limit\":1}", "open-sesame"))).isEqualTo(JSON.readTree("{\"replayed\":1,\"left\":1}"));
        assertThat(json(post(DEAD + "/replay", "{\"filter\":{\"route\":\"shop\"}}", "open-sesame")).path("replayed").asInt()).isEqualTo(1);
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(gateway.counter("whatsapp.messages.received")).isPositive();
            assertThat(gateway.queued("whatsapp.inbound")).isZero();
            assertThat(gateway.queued("whatsapp.outbound")).isZero();
        });
        assertThat(graph.sentTo(kim)).as("the answers were sent before").hasSize(before);
        assertThat(list("").path("total").asInt()).as("this time nothing failed").isZero();
        assertThat(Files.readAllLines(audit)).hasSize(3).allSatisfy(line -> assertThat(JSON.readTree(line).path("action").asText()).isEqualTo("replay"));
    }

    @Test
    void whatWasGivenUpBeforeItsAnswerIsAnsweredInOrderWhenItIsReplayed(SimulatedUser kim, SimulatedGraph graph) {
        graph.fails(131026).forUser(kim).always();
        for (String text : List.of("one", "two", "three")) {
            kim.sends(text);
        }
        await().atMost(LIMIT).untilAsserted(() -> assertThat(list("?error=131026").path("matching").asInt()).isEqualTo(3));
        assertThat(list("?error=131047").path("matching").asInt()).isZero();
        JsonNode letter = list("?error=131026&number=default&type=text&limit=1").path("messages").get(0);
        assertThat(letter.path("kind").asText()).isEqualTo("outbound");
        assertThat(letter.at("/error/error_code").asInt()).isEqualTo(131026);

        graph.works();
        assertThat(json(post(DEAD + "/replay", "{\"filter\":{\"error\":\"131026\"}}", "open-sesame")).path("replayed").asInt()).isEqualTo(3);
        kim.receives("you said one", "you said two", "you said three");
        assertThat(graph.sentTo(kim)).hasSize(3);
    }

    @Test
    void whatIsDroppedIsGoneAndTheAuditLogKnowsWhy(SimulatedUser kim) throws IOException {
        List<String> ids = givenUp(0, kim, "one", "two");
        assertThat(post(DEAD + "/drop", "{\"all\":true}", "open-sesame").body()).contains("Give a reason");
        assertThat(json(post(DEAD + "/drop", "{\"ids\":[\"" + ids.get(1) + "\"],\"reason\":\"a test\"}", "open-sesame")).path("dropped").asInt()).isEqualTo(1);
        assertThat(list("").path("messages")).hasSize(1);
        assertThat(list("").at("/messages/0/id").asText()).isEqualTo(ids.get(0));
        JsonNode line = JSON.readTree(Files.readString(audit));
        assertThat(line.path("reason").asText()).isEqualTo("a test");
        assertThat(line.at("/dropped/0").asText()).isEqualTo(ids.get(1));
    }

    @Test
    void anUpdateThatNothingHandledIsSeenAndHandledOnceMoreWhenItIsReplayed(SimulatedWhatsApp whatsapp) {
        String unhandled = "/manage/messages/unhandled";
        assertThat(gateway.webhook("{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"" + whatsapp.accountId()
                + "\",\"time\":1780315200,\"changes\":[{\"field\":\"account_update\",\"value\":{\"event\":\"VERIFIED_ACCOUNT\"}}]}]}").statusCode()).isEqualTo(200);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(json(get(unhandled, null)).path("total").asInt()).isEqualTo(1));
        JsonNode update = json(get(unhandled + "?kind=change", null)).path("messages").get(0);
        assertThat(update.path("type").asText()).isEqualTo("account_update");

        double before = gateway.counter("whatsapp.updates.unhandled");
        assertThat(json(post(unhandled + "/replay", "{\"ids\":[\"" + update.path("id").asText() + "\"]}", "open-sesame")).path("replayed").asInt()).isEqualTo(1);
        // there is still no route for it
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.counter("whatsapp.updates.unhandled")).isEqualTo(before + 1));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(json(get(unhandled, null)).path("total").asInt()).isEqualTo(1));
        assertThat(get("/manage/messages/other", null).statusCode()).isEqualTo(404);
    }

    @Test
    void aFilterFindsWhatLiesFarBehind() {
        int letters = 20_000;
        for (int first = 0; first < letters; first += 1000) {
            gateway.camel().createFluentProducerTemplate().to("whatsapp-queue:whatsapp.dead-letter")
                    .withBody(IntStream.range(first, first + 1000).mapToObj(i -> new StoredMessage("far:" + i, null, Map.of("WhatsAppDeadLetterId", "far:" + i,
                            "WhatsAppDeadLetterSource", "whatsapp.elsewhere", "WhatsAppDeadLetterCode", i % 100 == 99 ? "190" : "131026"), new byte[500])).toList())
                    .send();
        }
        try {
            assertThat(json(post(DEAD + "/replay", "{\"filter\":{\"error\":\"190\"},\"limit\":1000}", "open-sesame")).path("replayed").asInt()).isEqualTo(200);
            assertThat(gateway.browse("whatsapp.elsewhere")).hasSize(200).extracting(StoredMessage::queueId).first().isEqualTo("far:99");
            assertThat(json(post(DEAD + "/drop", "{\"ids\":[\"far:19998\"],\"reason\":\"a test\"}", "open-sesame")).path("dropped").asInt()).isEqualTo(1);
            assertThat(list("?skip=19790&limit=100").path("messages")).hasSize(9);
            assertThat(list("?limit=1").path("total").asInt()).isEqualTo(letters - 201);
            assertThat(json(get("/manage/queues", null)).toString()).contains("{\"name\":\"whatsapp.dead-letter\",\"messages\":19799,\"oldest_seconds\":");
        } finally {
            while (list("?limit=0").path("total").asInt() > 0) {
                post(DEAD + "/drop", "{\"all\":true,\"limit\":1000,\"reason\":\"between tests\"}", "open-sesame");
            }
        }
    }

    @Test
    void theCommandsReadWithoutATokenAlthoughTheirClientSpeaksHttp2() {
        StringWriter out = new StringWriter();
        int code = Commands.run(new PrintWriter(out, true), new PrintWriter(out, true), DefaultCamelContext::new, "queues", "--url",
                "http://127.0.0.1:" + gateway.managementPort);
        assertThat(code).as(out.toString()).isZero();
        assertThat(out.toString()).contains("whatsapp.inbound");
    }

    @Test
    void theNumbersAndTheQueuesAreTold() {
        JsonNode number = json(get("/manage/numbers", null)).get(0);
        assertThat(number.path("name").asText()).isEqualTo("default");
        assertThat(number.path("state").asText()).isEqualTo("ok");
        assertThat(json(get("/manage/queues", null)).toString()).contains("whatsapp.inbound").contains("whatsapp.dead-letter");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{|must be a JSON object", "{}|Say which", "{\"all\":true,\"ids\":[\"a\"]}|Say which",
        "{\"ids\":[]}|ids must be a list", "{\"filter\":{\"colour\":\"red\"}}|colour is no criterion", "{\"filter\":{\"number\":\"nowhere\"}}|There is no number",
        "{\"filter\":{\"since\":\"yesterday\"}}|must be a time", "{\"all\":true,\"limit\":5000}|limit must be a number"})
    void aMistakeIsSaidAndChangesNothing(String body, String problem) {
        HttpResponse<String> response = post(DEAD + "/replay", body, "open-sesame");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(response.body()).contains(problem);
    }

    @Test
    void aFilterIsNoExpressionOfACallersChoice(SimulatedUser kim) {
        givenUp(0, kim, "one");
        assertThat(json(post(DEAD + "/replay", "{\"filter\":{\"error\":\"1' OR '1'='1\"}}", "open-sesame")).path("replayed").asInt()).isZero();
        assertThat(list("").path("total").asInt()).isEqualTo(1);
    }

    @Test
    void nobodyChangesAnythingWithoutTheTokenAndNoWebPageReads() throws IOException {
        assertThat(post(DEAD + "/replay", "{\"all\":true}", null).statusCode()).isEqualTo(401);
        assertThat(post(DEAD + "/drop", "{\"all\":true,\"reason\":\"x\"}", "wrong").statusCode()).isEqualTo(401);
        assertThat(rebound(DEAD + "?Host=localhost&Authorization=Bearer%20open-sesame")).startsWith("HTTP/1.1 401 ");
        assertThat(gateway.get(gateway.url(DEAD)).statusCode()).as("on the public port").isEqualTo(404);
    }
}
