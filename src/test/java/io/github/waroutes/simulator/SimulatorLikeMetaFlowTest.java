package io.github.waroutes.simulator;

import static io.github.waroutes.simulator.SimulatorServer.NUMBER;
import static io.github.waroutes.simulator.SimulatorServer.PATIENCE;
import static io.github.waroutes.simulator.SimulatorServer.TOKEN;
import static io.github.waroutes.simulator.SimulatorServer.json;
import static io.github.waroutes.simulator.SimulatorServer.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.waroutes.TestPorts;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the simulator was easier, harder or less clear than Meta: each as Meta does it, and listed as it was. */
class SimulatorLikeMetaFlowTest {

    private static final String USER = "15555550101";
    private static final String TEXT = "{\"messaging_product\":\"whatsapp\",\"to\":\"" + USER + "\",\"type\":\"text\",\"text\":{\"body\":\"hi\"}}";
    private static App app;
    private static SimulatorServer server;

    /** An application whose webhook does what it is told. */
    private static final class App implements AutoCloseable {

        private final List<String> bodies = new CopyOnWriteArrayList<>();
        private final Map<String, AtomicInteger> failing = new ConcurrentHashMap<>();
        private final HttpServer http;

        App(int port) throws IOException {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            http.createContext("/webhook", exchange -> {
                String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                String query = exchange.getRequestURI().getRawQuery();
                boolean handshake = exchange.getRequestMethod().equals("GET");
                if (!handshake) {
                    bodies.add(body);
                }
                boolean fails = !handshake && failing.entrySet().stream().filter(user -> body.contains(user.getKey()))
                        .anyMatch(user -> user.getValue().getAndUpdate(left -> Math.max(0, left - 1)) > 0);
                byte[] answer = (handshake ? query.replaceFirst(".*hub\\.challenge=([0-9]+).*", "$1") : fails ? "{\"oops\":true}" : "")
                        .getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(fails ? 500 : 200, answer.length == 0 ? -1 : answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
            });
            http.start();
        }

        /** The next webhooks about one user fail; statuses of other tests' messages come late and count for nothing here. */
        void fail(String user, int times) {
            failing.put(user, new AtomicInteger(times));
        }

        List<String> bodiesOf(String user) {
            return bodies.stream().filter(body -> body.contains(user)).toList();
        }

        int port() {
            return http.getAddress().getPort();
        }

        @Override
        public void close() {
            http.stop(0);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        app = new App(0);
        server = new SimulatorServer(Map.of("whatsapp.simulator.webhook-url", "http://127.0.0.1:" + app.port() + "/webhook",
                "whatsapp.simulator.verify-token", "verify-me"));
    }

    @AfterAll
    static void stop() {
        server.close();
        app.close();
    }

    @BeforeEach
    void forget() throws Exception {
        json(server.http("DELETE", "/simulator/faults", null, PATIENCE), 200);
        app.bodies.clear();
        app.failing.clear();
    }

    private static List<JsonNode> webhooksOf(String user) throws Exception {
        JsonNode calls = json(server.http("GET", "/simulator/calls?user=" + user, null, PATIENCE), 200);
        // the oldest first
        return StreamSupport.stream(calls.spliterator(), false).filter(call -> call.path("kind").asText().equals("webhook"))
                .sorted((one, other) -> Long.compare(one.path("seq").asLong(), other.path("seq").asLong())).toList();
    }

    @Test
    void everyAttemptOfAWebhookIsListedWithItsOwnStatusAnswerAndTime() throws Exception {
        app.fail("15555550111", 2);
        json(server.say("15555550111", "{\"text\":\"hello\"}"), 200);

        List<JsonNode> attempts = webhooksOf("15555550111");
        assertThat(attempts).extracting(call -> call.path("status").asInt()).containsExactly(500, 500, 200);
        assertThat(attempts).extracting(call -> call.path("attempts").asInt()).containsExactly(1, 2, 3);
        assertThat(attempts).extracting(call -> call.path("at").asText()).doesNotHaveDuplicates().isSorted();
        JsonNode first = json(server.http("GET", "/simulator/calls/" + attempts.get(0).path("seq").asInt(), null, PATIENCE), 200);
        assertThat(first.at("/response/oops").asBoolean()).isTrue();
        assertThat(first.at("/request/object").asText()).isEqualTo("whatsapp_business_account");
        assertThat(app.bodiesOf("15555550111")).hasSize(3).allMatch(body -> body.equals(app.bodiesOf("15555550111").get(0)));
    }

    @Test
    void aWebhookThatIsGivenUpIsListedAsOftenAsItWasPosted() throws Exception {
        app.fail("15555550112", 100);
        json(server.say("15555550112", "{\"text\":\"hello\"}"), 502);

        assertThat(webhooksOf("15555550112")).hasSize(5).allMatch(call -> call.path("status").asInt() == 500);
    }

    @Test
    void aWrongSignatureGoesWithTheWholeWebhookEvenWhereAHandshakeComesFirst() throws Exception {
        json(server.http("DELETE", "/simulator/callback", null, PATIENCE), 200);
        server.fault("{\"fault\":\"wrong-signature\"}");
        server.say("15555550113", "{\"text\":\"hello\"}");

        assertThat(app.bodiesOf("15555550113")).hasSize(1);
        assertThat(parse(app.bodiesOf("15555550113").get(0)).at("/entry/0/changes/0/value/messages/0/text/body").asText()).isEqualTo("hello");
        assertThat(webhooksOf("15555550113")).extracting(call -> call.path("fault").asText()).contains("wrong-signature");
    }

    @Test
    void anApplicationThatWasJustStartedAgainCanRegisterAndGetsItsWebhooksAtOnce() throws Exception {
        int port = TestPorts.free();
        String callback = "{\"url\":\"http://127.0.0.1:" + port + "/webhook\",\"verify_token\":\"x\"}";
        try {
            for (int start = 1; start <= 3; start++) {
                try (App fresh = new App(port)) {
                    json(server.http("POST", "/simulator/callback", callback, PATIENCE), 200);
                    String user = "1555555012" + start;
                    json(server.say(user, "{\"text\":\"hello\"}"), 200);
                    assertThat(webhooksOf(user)).extracting(call -> call.path("status").asInt()).containsExactly(200);
                }
            }
        } finally {
            json(server.http("DELETE", "/simulator/callback", null, PATIENCE), 200);
        }
    }

    @Test
    void aSlowAnswerToASendDoesNotMarkTheStatusesOfThatMessage() throws Exception {
        server.fault("{\"fault\":\"slow\",\"delay_ms\":50}");
        json(server.send("15555550114", "hi"), 200);

        await().atMost(PATIENCE).until(() -> webhooksOf("15555550114").size() >= 3);
        assertThat(webhooksOf("15555550114")).noneMatch(call -> call.has("fault"));
    }

    @Test
    void anExpiredTokenHasItsSubcodeAndASubcodeCanBeAskedFor() throws Exception {
        server.fault("{\"fault\":\"graph-error\",\"code\":190}");
        JsonNode expired = json(server.send(USER, "hi"), 401).path("error");
        assertThat(expired.path("error_subcode").asInt()).isEqualTo(463);
        assertThat(expired.path("message").asText()).startsWith("Error validating access token: Session has expired");

        server.fault("{\"fault\":\"graph-error\",\"code\":100,\"subcode\":33}");
        JsonNode gone = json(server.send(USER, "hi"), 400).path("error");
        assertThat(gone.path("error_subcode").asInt()).isEqualTo(33);
        assertThat(gone.path("type").asText()).isEqualTo("GraphMethodException");
    }

    @Test
    void aWrongTokenHasMetasWordsAndNoSubcode() throws Exception {
        HttpResponse<String> refused = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(server.url + "/graph/v26.0/" + NUMBER))
                .timeout(PATIENCE).header("Authorization", "Bearer wrong").build(), HttpResponse.BodyHandlers.ofString());

        JsonNode error = json(refused, 401).path("error");
        assertThat(error.path("message").asText()).isEqualTo("Invalid OAuth access token - Cannot parse access token");
        assertThat(error.has("error_subcode")).isFalse();
        assertThat(error.at("/error_data/details").asText()).contains("whatsapp.access-token");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"130429|(#130429) Rate limit hit",
        "131056|(#131056) (Business Account, Consumer Account) pair rate limit hit", "131047|(#131047) Re-engagement message",
        "80007|(#80007) Rate limit issues", "131048|(#131048) Spam rate limit hit", "131000|(#131000) Something went wrong",
        "132001|(#132001) Template name does not exist in the translation", "4|(#4) Application request limit reached"})
    void anErrorThatPeopleMeetHasMetasWords(int code, String message) throws Exception {
        server.fault("{\"fault\":\"graph-error\",\"code\":" + code + "}");

        JsonNode error = parse(server.send(USER, "hi").body()).path("error");
        assertThat(error.path("message").asText()).isEqualTo(message);
        assertThat(error.at("/error_data/details").asText()).isNotBlank();
    }

    @Test
    void aFailedStatusHasMetasTitleWithoutTheCode() throws Exception {
        server.fault("{\"fault\":\"failed-status\",\"code\":131047}");
        json(server.send("15555550115", "hi"), 200);

        await().atMost(PATIENCE).until(() -> app.bodies.stream().anyMatch(body -> body.contains("131047")));
        JsonNode error = parse(app.bodies.stream().filter(body -> body.contains("131047")).findFirst().orElseThrow())
                .at("/entry/0/changes/0/value/statuses/0/errors/0");
        assertThat(error.path("title").asText()).isEqualTo(error.path("message").asText()).isEqualTo("Re-engagement message");
        assertThat(error.at("/error_data/details").asText())
                .startsWith("Message failed to send because more than 24 hours have passed since the customer last replied to this number.");
    }

    private static HttpResponse<String> upload(String field, String partType, String filename) throws Exception {
        String body = "--b\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\n" + field + "\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename + "\"\r\nContent-Type: " + partType
                + "\r\n\r\nsome bytes\r\n--b--\r\n";
        return post("multipart/form-data; boundary=b", NUMBER + "/media", body);
    }

    private static HttpResponse<String> post(String type, String path, String body) throws Exception {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(server.url + "/graph/v26.0/" + path)).timeout(PATIENCE)
                .header("Content-Type", type).header("Authorization", "Bearer " + TOKEN)
                .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void anUploadIsWhatItsFilePartSaysNotWhatTheFieldBesideItSays() throws Exception {
        String id = json(upload("application/x-anything", "audio/ogg", "a.ogg"), 200).path("id").asText();
        assertThat(json(server.graph("GET", id, null), 200).path("mime_type").asText()).isEqualTo("audio/ogg");

        JsonNode error = json(upload("audio/ogg", "application/octet-stream", "a.ogg"), 400).path("error");
        assertThat(error.path("code").asInt()).isEqualTo(100);
        assertThat(error.path("message").asText()).startsWith("(#100) Param file must be a file with one of the following types: ")
                .endsWith("Received file of type 'application/octet-stream'.");
    }

    @ParameterizedTest
    @CsvSource({"audio/opus,voice.opus,audio,200,false", "image/png,picture.jpg,image,200,true", "image/png,PICTURE.PNG,image,200,false",
        "image/png,picture,image,200,false"})
    void aFileWhoseNameEndsAsAnotherTypeGetsAnIdAndFailsWhenItIsSent(String type, String filename, String kind, int status, boolean fails)
            throws Exception {
        String id = json(upload(type, type, filename), status).path("id").asText();
        String wamid = json(server.graph("POST", NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\",\"to\":\"" + USER + "\",\"type\":\""
                + kind + "\",\"" + kind + "\":{\"id\":\"" + id + "\"}}"), 200).at("/messages/0/id").asText();

        await().atMost(PATIENCE).until(() -> app.bodies.stream().anyMatch(body -> body.contains(wamid)));
        assertThat(parse(app.bodies.stream().filter(body -> body.contains(wamid)).findFirst().orElseThrow())
                .at("/entry/0/changes/0/value/statuses/0/status").asText()).isEqualTo(fails ? "failed" : "sent");
    }

    @Test
    void aFormIsTakenLikeJsonWithItsObjectsInStrings() throws Exception {
        String form = "messaging_product=whatsapp&to=" + USER + "&type=text&biz_opaque_callback_data=" + encoded("{\"mine\":1}")
                + "&text=" + encoded("{\"body\":\"hi & bye\"}");
        String wamid = json(post("application/x-www-form-urlencoded", NUMBER + "/messages", form), 200).at("/messages/0/id").asText();

        await().atMost(PATIENCE).until(() -> app.bodies.stream().anyMatch(body -> body.contains(wamid)));
        assertThat(parse(app.bodies.stream().filter(body -> body.contains(wamid)).findFirst().orElseThrow())
                .at("/entry/0/changes/0/value/statuses/0/biz_opaque_callback_data").asText()).isEqualTo("{\"mine\":1}");
        JsonNode conversation = json(server.http("GET", "/simulator/users/" + USER + "/messages", null, PATIENCE), 200);
        assertThat(conversation.toString()).contains("hi & bye");
    }

    @Test
    void anObjectMayBeAStringOfItsJson() throws Exception {
        json(server.graph("POST", NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\",\"to\":\"" + USER
                + "\",\"type\":\"text\",\"text\":\"{\\\"body\\\":\\\"in a string\\\"}\"}"), 200);

        assertThat(json(server.http("GET", "/simulator/users/" + USER + "/messages", null, PATIENCE), 200).toString()).contains("in a string");
        assertThat(json(server.graph("POST", NUMBER + "/messages", TEXT.replace("{\"body\":\"hi\"}", "\"{not json\"")), 400)
                .at("/error/error_data/details").asText()).contains("text");
    }

    @ParameterizedTest
    @ValueSource(strings = {NUMBER + "/whatsapp_commerce_settings", SimulatorServer.ACCOUNT + "/flows", NUMBER + "/a/b", "12345/messages",
        "oauth/access_token"})
    void whatTheSimulatorDoesNotHaveItSays(String path) throws Exception {
        for (String method : List.of("GET", "POST")) {
            assertThat(json(server.graph(method, path, method.equals("GET") ? null : "{}"), 400).at("/error/error_data/details").asText())
                    .as(method).startsWith("The simulator does not have this");
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
