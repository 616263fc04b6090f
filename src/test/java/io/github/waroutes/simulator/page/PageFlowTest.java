package io.github.waroutes.simulator.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.waroutes.simulator.SimulatorServer;
import io.github.waroutes.simulator.common.Events;
import io.github.waroutes.simulator.media.SampleFiles;
import io.github.waroutes.simulator.page.EventReader.Event;
import io.github.waroutes.simulator.people.Conversations;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the chat page is told, over real HTTP. */
class PageFlowTest {

    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final AtomicInteger userS = new AtomicInteger(15_555_550);
    private static SimulatorServer server;

    /** Each test has a user of its own, as statuses of one test may still be under way in the next. */
    private final String user = userS.incrementAndGet() + "000";

    @BeforeAll
    static void start() throws Exception {
        server = new SimulatorServer(Map.of("whatsapp.simulator.status-delay", "100", "camel.server.maxBodySize", "33554432"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void forget() throws Exception {
        for (JsonNode one : get("/simulator/users")) {
            SimulatorServer.json(server.http("DELETE", "/simulator/users/" + one.path("user").asText() + "/messages", null,
                    SimulatorServer.PATIENCE), 200);
        }
        SimulatorServer.json(server.http("DELETE", "/simulator/faults", null, SimulatorServer.PATIENCE), 200);
    }

    @Test
    void aReaderHearsOfAMessageOfAUserAndOfWhatBecomesOfIt() throws Exception {
        try (EventReader reader = reader()) {
            SimulatorServer.json(server.say(user, "{\"text\":\"Grüße 🎈\",\"name\":\"Kim\",\"username\":\"kim\"}"), 200);

            await().atMost(SimulatorServer.PATIENCE).until(() -> mine(reader).stream()
                    .anyMatch(data -> data.at("/message/status").asText().equals("delivered")));
            JsonNode told = mine(reader).get(0);
            assertThat(told.path("user").asText()).isEqualTo(user);
            assertThat(told.path("name").asText()).isEqualTo("Kim");
            assertThat(told.path("username").asText()).isEqualTo("kim");
            assertThat(told.at("/message/text").asText()).isEqualTo("Grüße 🎈");
            assertThat(told.at("/message/message/text/body").asText()).isEqualTo("Grüße 🎈");
            assertThat(told.at("/message/message/from").asText()).isEqualTo(user);
            await().atMost(SimulatorServer.PATIENCE).until(() -> calls(reader).size() == 1);
            assertThat(calls(reader).get(0).path("summary").asText()).isEqualTo("webhook text → 200");
            assertThat(reader.events).extracting(Event::id).isSorted();
            assertThat(reader.head).contains("Content-Type: text/event-stream; charset=utf-8");
        }
    }

    @Test
    void aReaderHearsOfAMessageOfTheBusinessUntilItIsRead() throws Exception {
        try (EventReader reader = reader()) {
            // an event has the message as it is when it is written: of two changes within one batch it shows the later one
            server.beforeAnswer = webhook -> {
                if (webhook.status().path("recipient_id").asText().equals(user)) {
                    awaitStatus(reader, webhook.status().path("status").asText());
                }
            };
            SimulatorServer.json(server.send(user, "hello"), 200);

            awaitStatus(reader, "read");
            JsonNode told = mine(reader).get(0).path("message");
            assertThat(told.path("from").asText()).isEqualTo("business");
            assertThat(told.at("/message/text/body").asText()).isEqualTo("hello");
            assertThat(mine(reader)).extracting(data -> data.at("/message/status").asText())
                    .containsSubsequence("sent", "delivered", "read");
        } finally {
            server.beforeAnswer = webhook -> { };
        }
    }

    private void awaitStatus(EventReader reader, String status) {
        await().atMost(SimulatorServer.PATIENCE).until(() -> mine(reader).stream()
                .anyMatch(data -> data.at("/message/status").asText().equals(status)));
    }

    @Test
    void aReaderThatComesBackGetsWhatItMissedAndNothingTwice() throws Exception {
        long last;
        try (EventReader reader = reader()) {
            server.say(user, "{\"text\":\"one\"}");
            await().atMost(SimulatorServer.PATIENCE).until(() -> texts(reader).contains("one") && calls(reader).size() == 1);
            last = reader.lastId;
        }
        server.say(user, "{\"text\":\"two\"}");
        server.say(user, "{\"text\":\"three\"}");
        try (EventReader reader = EventReader.of(server.url, "Last-Event-ID: " + last)) {
            await().atMost(SimulatorServer.PATIENCE).until(() -> texts(reader).contains("three") && calls(reader).size() == 2);

            assertThat(texts(reader)).doesNotContain("one").containsSubsequence("two", "three");
            assertThat(reader.events).extracting(Event::id).isSorted().doesNotHaveDuplicates().allMatch(id -> id > last);
            assertThat(reader.named("reset")).isEmpty();
        }
    }

    @Test
    void aReaderWithANumberThatIsForgottenOrNeverWasIsToldToBeginAnew() throws Exception {
        for (String last : List.of("1", "999999999999999999", "nonsense")) {
            try (EventReader reader = EventReader.of(server.url, "Last-Event-ID: " + last)) {
                await().atMost(SimulatorServer.PATIENCE).until(() -> reader.named("reset").size() == 1);
                server.say(user, "{\"text\":\"after\"}");

                await().atMost(SimulatorServer.PATIENCE).until(() -> texts(reader).contains("after"));
            }
        }
    }

    @Test
    void aReaderHearsOfFaultsAndOfForgottenConversations() throws Exception {
        server.say(user, "{\"text\":\"hello\"}");
        try (EventReader reader = reader()) {
            server.fault("{\"fault\":\"graph-error\",\"code\":131056}");
            await().atMost(SimulatorServer.PATIENCE).until(() -> !reader.named("faults").isEmpty());
            assertThat(server.send(user, "hello").statusCode()).isEqualTo(400);
            await().atMost(SimulatorServer.PATIENCE).until(() -> reader.named("faults").size() == 2);
            server.http("DELETE", "/simulator/users/" + user + "/messages", null, SimulatorServer.PATIENCE);
            await().atMost(SimulatorServer.PATIENCE).until(() -> !reader.named("forgotten").isEmpty());

            assertThat(reader.named("faults").get(0).data().at("/0/hits").asInt()).isZero();
            assertThat(reader.named("faults").get(1).data()).isEqualTo(server.faults());
            assertThat(reader.named("faults").get(1).data().at("/0/hits").asInt()).isEqualTo(1);
            assertThat(reader.named("forgotten").get(0).data()).isEqualTo(SimulatorServer.parse("{\"user\":\"" + user + "\"}"));
            JsonNode call = calls(reader).get(calls(reader).size() - 1);
            assertThat(call.path("summary").asText()).isEqualTo("POST messages text → 400 (131056)");
            assertThat(call.path("fault").asText()).isEqualTo("graph-error");
            assertThat(call.has("request")).isFalse();
        }
    }

    @Test
    void typingIsShownUntilTheBusinessWrites() throws Exception {
        String id = SimulatorServer.json(server.say(user, "{\"text\":\"hello\"}"), 200).path("message_id").asText();
        server.graph("POST", SimulatorServer.NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\",\"status\":\"read\","
                + "\"message_id\":\"" + id + "\",\"typing_indicator\":{\"type\":\"text\"}}");
        assertThat(messages().at("/0/typing").asBoolean()).isTrue();

        server.send(user, "hello");

        assertThat(messages().at("/0/typing").asBoolean()).isFalse();
        assertThat(messages().at("/0/status").asText()).isEqualTo("read");
    }

    @Test
    void usersAreListedTheLatestFirstWithTheirLastWords() throws Exception {
        server.say(user, "{\"text\":\"first\",\"name\":\"Kim\",\"username\":\"kim\"}");
        server.say("US.13491208655302741918", "{\"voice\":\"second\"}");

        JsonNode users = get("/simulator/users");

        assertThat(users).extracting(one -> one.path("user").asText()).containsExactly("US.13491208655302741918", user);
        assertThat(users.at("/0/last/text").asText()).isEqualTo("second");
        assertThat(users.at("/0/last/type").asText()).isEqualTo("audio");
        assertThat(users.at("/1/name").asText()).isEqualTo("Kim");
        assertThat(users.at("/1/username").asText()).isEqualTo("kim");
        assertThat(users.at("/1/messages").asInt()).isEqualTo(1);
        assertThat(users.at("/1/last/from").asText()).isEqualTo("user");
    }

    @Test
    void theSettingsNameWhatCanBeSaidAndGoWrong() throws Exception {
        JsonNode settings = get("/simulator/settings");

        assertThat(settings.path("phone_number_id").asText()).isEqualTo(SimulatorServer.NUMBER);
        assertThat(settings.path("account_id").asText()).isEqualTo(SimulatorServer.ACCOUNT);
        assertThat(settings.path("webhook_url").asText()).isEqualTo(server.url + "/webhook");
        assertThat(settings.path("kinds")).extracting(JsonNode::asText).contains("text", "audio", "raw");
        assertThat(settings.path("faults")).extracting(fault -> fault.path("fault").asText()).contains("cut", "graph-error");
        assertThat(settings.at("/faults/0/endpoints/0").asText()).isEqualTo("messages");
        assertThat(settings.at("/templates/0")).isEqualTo(SimulatorServer.parse("{\"name\":\"hello_world\",\"language\":\"en_US\","
                + "\"status\":\"APPROVED\",\"category\":\"UTILITY\"}"));
    }

    @Test
    void aTemplateIsShownWithItsParametersInPlace() throws Exception {
        server.graph("POST", SimulatorServer.ACCOUNT + "/message_templates", "{\"name\":\"order_sent\",\"language\":\"en_US\","
                + "\"category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\",\"text\":\"Hi {{1}}, order {{2}} is on its way.\"},"
                + "{\"type\":\"FOOTER\",\"text\":\"The shop\"},{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"QUICK_REPLY\",\"text\":\"Thanks\"}]}]}");
        SimulatorServer.json(server.graph("POST", SimulatorServer.NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\",\"to\":\""
                + user + "\",\"type\":\"template\",\"template\":{\"name\":\"order_sent\",\"language\":{\"code\":\"en_US\"},\"components\":["
                + "{\"type\":\"body\",\"parameters\":[{\"type\":\"text\",\"text\":\"Kim\"},{\"type\":\"text\",\"text\":\"7\"}]},"
                + "{\"type\":\"button\",\"sub_type\":\"quick_reply\",\"index\":\"0\",\"parameters\":[{\"type\":\"payload\",\"payload\":\"thx\"}]}]}}"), 200);

        assertThat(messages().at("/0/rendered")).isEqualTo(SimulatorServer.parse("{\"body\":\"Hi Kim, order 7 is on its way.\","
                + "\"footer\":\"The shop\",\"buttons\":[{\"type\":\"QUICK_REPLY\",\"text\":\"Thanks\",\"payload\":\"thx\"}]}"));
    }

    @Test
    void aFailedMessageSaysWhy() throws Exception {
        server.send("1999556131026", "hello");

        await().atMost(SimulatorServer.PATIENCE).until(() -> get("/simulator/users/1999556131026/messages").at("/0/status").asText()
                .equals("failed"));
        JsonNode error = get("/simulator/users/1999556131026/messages").at("/0/error");
        assertThat(error.path("code").asInt()).isEqualTo(131026);
        assertThat(error.path("title").asText()).isNotBlank();
    }

    @Test
    void anUploadedRecordingIsSaidPlayedAndTranscribedWithTheWordsGiven() throws Exception {
        byte[] recording = "not really WebM".getBytes(StandardCharsets.UTF_8);
        HttpResponse<String> uploaded = upload("audio/webm;codecs=opus", recording, "?words=where%20is%20my%20order");
        String id = SimulatorServer.json(uploaded, 200).path("id").asText();
        assertThat(SimulatorServer.parse(uploaded.body()).path("bytes").asInt()).isEqualTo(recording.length);

        SimulatorServer.json(server.say(user, "{\"audio\":{\"id\":\"" + id + "\",\"voice\":true}}"), 200);

        JsonNode entry = messages().path(0);
        assertThat(entry.path("type").asText()).isEqualTo("audio");
        assertThat(entry.path("media")).isEqualTo(SimulatorServer.parse("{\"id\":\"" + id + "\",\"mime_type\":\"audio/webm;codecs=opus\","
                + "\"url\":\"/simulator/files/" + id + "\",\"voice\":true,\"transcript\":\"where is my order\"}"));
        assertThat(entry.at("/message/audio/voice").asBoolean()).isTrue();
        assertThat(transcribe(recording)).contains("where is my order");
        HttpResponse<byte[]> shown = server.download(server.url + "/simulator/files/" + id);
        assertThat(shown.body()).isEqualTo(recording);
        assertThat(shown.headers().firstValue("Content-Type")).hasValue("audio/webm;codecs=opus");
        assertThat(shown.headers().firstValue("Content-Security-Policy")).hasValue("sandbox");
        assertThat(shown.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(shown.headers().firstValue("Content-Disposition")).hasValue("inline");
    }

    @Test
    void aFileThatABrowserCouldRunIsOnlySaved() throws Exception {
        for (String type : List.of("text/html", "image/svg+xml", "application/javascript")) {
            String id = SimulatorServer.json(upload(type, "<b>x</b>".getBytes(StandardCharsets.UTF_8), "?filename=a%20%22b%22.html"), 200)
                    .path("id").asText();

            HttpResponse<byte[]> shown = server.download(server.url + "/simulator/files/" + id);

            assertThat(shown.headers().firstValue("Content-Disposition")).hasValue("attachment; filename*=UTF-8''a%20%22b%22.html");
            assertThat(shown.headers().firstValue("Content-Security-Policy")).hasValue("sandbox");
        }
    }

    @Test
    void anUploadThatCannotBeTakenIsRefusedWithASentence() throws Exception {
        byte[] file = {1};
        assertThat(refusal(upload("image/png", new byte[(16 << 20) + 1], ""), 413)).contains("16 MiB");
        assertThat(refusal(upload("multipart/form-data; boundary=x", file, ""), 415)).contains("Content-Type");
        assertThat(refusal(upload("nonsense", file, ""), 415)).contains("Content-Type");
        assertThat(refusal(upload("image/png", new byte[0], ""), 400)).contains("empty");
        assertThat(refusal(upload("image/png", file, "?words=" + "x".repeat(1001)), 400)).contains("words");
        assertThat(refusal(server.http("GET", "/simulator/files/1", null, SimulatorServer.PATIENCE), 404)).contains("no such file");
        assertThat(refusal(server.say(user, "{\"audio\":{\"id\":\"1\"}}"), 400)).contains("audio.id");
    }

    @Test
    void callsAreRecordedWithTokensAndSignaturesMasked() throws Exception {
        server.say(user, "{\"text\":\"hello\"}");
        server.send(user, "hi");
        JsonNode calls = get("/simulator/calls?limit=1000&user=" + user);
        JsonNode sent = first(calls, "POST messages text → 200");
        JsonNode told = first(calls, "webhook text → 200");

        assertThat(sent.path("kind").asText()).isEqualTo("graph");
        assertThat(sent.path("user").asText()).isEqualTo(user);
        assertThat(sent.has("request_headers")).isFalse();
        JsonNode call = get("/simulator/calls/" + sent.path("seq").asText());
        assertThat(call.at("/request/text/body").asText()).isEqualTo("hi");
        assertThat(call.at("/response/messages/0/id").asText()).startsWith("wamid.");
        assertThat(call.at("/request_headers/Authorization").asText()).isEqualTo("Bearer …oken");
        JsonNode webhook = get("/simulator/calls/" + told.path("seq").asText());
        assertThat(webhook.at("/request/entry/0/changes/0/value/messages/0/text/body").asText()).isEqualTo("hello");
        assertThat(webhook.at("/request_headers/X-Hub-Signature-256").asText()).matches("sha256=…[0-9a-f]{4}");
        assertThat(webhook.at("/request_headers/Content-Type").asText()).isEqualTo("application/json");
        assertThat(webhook.path("path").asText()).isEqualTo("/webhook");
        assertThat(webhook.path("attempts").asInt()).isEqualTo(1);
        assertThat(call.toString() + webhook).doesNotContain(SimulatorServer.TOKEN);
    }

    @Test
    void theTokenOfAMediaAddressIsMaskedAndTheBytesAreOnlyCounted() throws Exception {
        server.say(user, "{\"voice\":\"hello\"}");
        String id = messages().at("/0/media/id").asText();
        String url = SimulatorServer.json(server.graph("GET", id, null), 200).path("url").asText();
        int length = server.download(url).body().length;

        JsonNode call = get("/simulator/calls/" + first(get("/simulator/calls"), "GET file → 200").path("seq").asText());

        assertThat(call.path("kind").asText()).isEqualTo("media");
        assertThat(call.path("path").asText()).matches("/simulator/media/" + id + "\\?token=….{4}");
        assertThat(call.path("response")).isEqualTo(SimulatorServer.parse("{\"bytes\":" + length + "}"));
    }

    @Test
    void aWebhookThatWasRefusedSaysHowOftenItWasTried() throws Exception {
        server.fault("{\"fault\":\"wrong-signature\"}");
        server.say(user, "{\"text\":\"forged\"}");

        JsonNode call = get("/simulator/calls?limit=1&user=" + user).path(0);

        assertThat(call.path("summary").asText()).isEqualTo("webhook text → 401");
        assertThat(call.path("fault").asText()).isEqualTo("wrong-signature");
    }

    @Test
    void aReplayedWebhookComesAgainWithTheSameBytesAndARightSignature() throws Exception {
        server.fault("{\"fault\":\"wrong-signature\"}");
        server.say(user, "{\"text\":\"again\"}");
        byte[] refused = server.webhooks.get(server.webhooks.size() - 1).body();
        long seq = get("/simulator/calls?limit=1&user=" + user).at("/0/seq").asLong();

        JsonNode answer = SimulatorServer.json(server.http("POST", "/simulator/calls/" + seq + "/replay", "", SimulatorServer.PATIENCE), 200);

        SimulatorServer.Webhook last = server.webhooks.get(server.webhooks.size() - 1);
        assertThat(last.genuine()).isTrue();
        assertThat(last.body()).isEqualTo(refused);
        assertThat(answer.path("status").asInt()).isEqualTo(200);
        assertThat(get("/simulator/calls/" + answer.path("seq").asText()).path("replay_of").asLong()).isEqualTo(seq);
    }

    @Test
    void aReplayedGraphCallIsMadeAgain() throws Exception {
        server.send(user, "once more");
        long seq = first(get("/simulator/calls?user=" + user), "POST messages text → 200").path("seq").asLong();

        JsonNode answer = SimulatorServer.json(server.http("POST", "/simulator/calls/" + seq + "/replay", "", SimulatorServer.PATIENCE), 200);

        assertThat(messages()).extracting(entry -> entry.path("text").asText()).containsExactly("once more", "once more");
        assertThat(answer.path("status").asInt()).isEqualTo(200);
        JsonNode call = get("/simulator/calls/" + answer.path("seq").asText());
        assertThat(call.path("replay_of").asLong()).isEqualTo(seq);
        assertThat(call.path("request_headers").has("X-Simulator-Replay")).isFalse();
    }

    @Test
    void aReplayThatIsCutHasNoStatus() throws Exception {
        server.send(user, "cut me");
        long seq = first(get("/simulator/calls?user=" + user), "POST messages text → 200").path("seq").asLong();
        server.fault("{\"fault\":\"cut\"}");

        JsonNode answer = SimulatorServer.json(server.http("POST", "/simulator/calls/" + seq + "/replay", "", SimulatorServer.PATIENCE), 200);

        assertThat(answer.path("status").asInt()).isZero();
        assertThat(get("/simulator/calls/" + answer.path("seq").asText()).path("fault").asText()).isEqualTo("cut");
    }

    @Test
    void whatCannotBeReplayedOrIsNotThereIsRefused() throws Exception {
        server.upload("image/png", SampleFiles.png());
        long seq = first(get("/simulator/calls"), "POST media → 200").path("seq").asLong();

        assertThat(refusal(server.http("POST", "/simulator/calls/" + seq + "/replay", "", SimulatorServer.PATIENCE), 409)).contains("body");
        assertThat(refusal(server.http("POST", "/simulator/calls/999999/replay", "", SimulatorServer.PATIENCE), 404)).contains("no such call");
        assertThat(refusal(server.http("GET", "/simulator/calls/x", null, SimulatorServer.PATIENCE), 400)).contains("number");
        assertThat(refusal(server.http("GET", "/simulator/calls?limit=0", null, SimulatorServer.PATIENCE), 400)).contains("limit");
        assertThat(refusal(server.http("GET", "/simulator/calls?before=-1", null, SimulatorServer.PATIENCE), 400)).contains("before");
        assertThat(refusal(server.http("GET", "/simulator/calls?user=x", null, SimulatorServer.PATIENCE), 400)).contains("user");
    }

    @Test
    void aCallNamesTheEndpointThatAFaultWouldStrike() throws Exception {
        String media = SimulatorServer.parse(server.upload("text/plain", new byte[] {'x'}).body()).path("id").asText();
        server.graph("GET", media, null);
        server.graph("GET", SimulatorServer.ACCOUNT + "/phone_numbers", null);
        server.send(user, "hi");

        assertThat(get("/simulator/calls?limit=20")).filteredOn(call -> !call.path("kind").asText().equals("webhook"))
                .extracting(call -> call.path("endpoint").asText()).startsWith("messages", "account", "media", "media");
    }

    @Test
    void olderCallsCanBeAskedForByNumber() throws Exception {
        server.send(user, "one");
        server.send(user, "two");
        JsonNode newest = get("/simulator/calls?limit=2&user=" + user);

        JsonNode older = get("/simulator/calls?limit=1&user=" + user + "&before=" + newest.at("/0/seq").asText());

        assertThat(older.path(0)).isEqualTo(newest.path(1));
    }

    @Test
    void requestsUnderAnotherHostNameOrFromAnotherPageAreRefused() throws Exception {
        for (String path : List.of("/simulator/users", "/simulator/events", "/simulator/calls", "/simulator/settings", "/simulator/faults")) {
            assertThat(raw("GET " + path, "Host: evil.example")).startsWith("HTTP/1.1 403").contains("localhost");
        }
        String say = "POST /simulator/users/" + user + "/messages";
        String host = "Host: " + server.url.substring(7);
        assertThat(raw(say, host, "Origin: http://evil.example")).startsWith("HTTP/1.1 403").contains("other web pages");
        assertThat(raw(say, host, "Origin: null")).startsWith("HTTP/1.1 403");
        assertThat(raw("DELETE /simulator/faults", host, "Origin: http://localhost:1")).startsWith("HTTP/1.1 403");
        assertThat(raw("DELETE /simulator/faults", host, "Origin: " + server.url)).startsWith("HTTP/1.1 200");
        assertThat(raw("GET /simulator/users", host, "Origin: http://evil.example")).startsWith("HTTP/1.1 403");
    }

    @Test
    void thePagesOwnFilesComeWithAStrictPolicyAndNothingElseComes() throws Exception {
        assertThat(raw("GET /simulator", "Host: localhost")).startsWith("HTTP/1.1 302").contains("Location: /simulator/");
        HttpResponse<String> file = server.http("GET", "/simulator/page/sample.js", null, SimulatorServer.PATIENCE);
        assertThat(file.body()).contains("sample");
        assertThat(file.headers().firstValue("Content-Type")).hasValue("text/javascript; charset=utf-8");
        assertThat(file.headers().firstValue("Content-Security-Policy")).get().asString().contains("default-src 'none'", "script-src 'self'",
                "frame-ancestors 'none'").doesNotContain("unsafe");
        assertThat(file.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(file.headers().firstValue("Cache-Control")).hasValue("no-cache");
        for (String name : List.of("nothing.js", "..%2fdemo.properties", "demo.properties", "sample.class", "Sample.js")) {
            assertThat(server.http("GET", "/simulator/page/" + name, null, SimulatorServer.PATIENCE).statusCode()).as(name).isEqualTo(404);
        }
    }

    @Test
    void aSlowReaderIsCutOffWhileOthersGoOn() throws Exception {
        Conversations conversations = conversations();
        try (EventReader slow = EventReader.idle(server.url); EventReader quick = reader()) {
            String words = "x".repeat(4000);
            for (int i = 0; i < Events.CAPACITY + 2000; i++) {
                // no faster than a reader that reads can follow
                if (i % 500 == 499) {
                    String seen = "m" + (i - 400);
                    await().atMost(SimulatorServer.PATIENCE).until(() -> quick.named("message").stream()
                            .anyMatch(event -> event.data().at("/message/id").asText().equals(seen)));
                }
                conversations.userSaid("1555555" + 1000 + i % 50, "Kim", "m" + i, "text",
                        JsonNodeFactory.instance.objectNode().put("text", words).put("more", words));
            }
            String last = "m" + (Events.CAPACITY + 1999);
            await().atMost(SimulatorServer.PATIENCE).until(() -> quick.named("message").stream()
                    .anyMatch(event -> event.data().at("/message/id").asText().equals(last)));
            slow.read();
            await().atMost(SimulatorServer.PATIENCE).until(() -> slow.ended);
            assertThat(quick.ended).isFalse();
            assertThat(quick.named("message")).hasSize(Events.CAPACITY + 2000);
            assertThat(slow.named("message").size()).isLessThan(Events.CAPACITY);
            try (EventReader back = EventReader.of(server.url, "Last-Event-ID: " + slow.lastId)) {
                await().atMost(SimulatorServer.PATIENCE).until(() -> back.named("reset").size() == 1);
            }
        }
    }

    @Test
    void manyReadersHoldNoThreads() throws Exception {
        List<EventReader> idle = new ArrayList<>();
        try (EventReader one = reader()) {
            int before = Thread.activeCount();
            for (int i = 0; i < 300; i++) {
                idle.add(EventReader.idle(server.url));
            }
            await().atMost(SimulatorServer.PATIENCE).until(() -> stream().readers() > 300);
            server.say(user, "{\"text\":\"to all\"}");

            await().atMost(SimulatorServer.PATIENCE).until(() -> texts(one).contains("to all"));
            assertThat(Thread.activeCount()).isLessThan(before + 100);
            idle.forEach(EventReader::read);
            await().atMost(SimulatorServer.PATIENCE).until(() -> idle.stream().allMatch(reader -> texts(reader).contains("to all")));
        } finally {
            for (EventReader reader : idle) {
                reader.close();
            }
        }
        await().atMost(SimulatorServer.PATIENCE).until(() -> stream().readers() == 0);
    }

    @Test
    void openStreamsEndAtOnceWhenTheSimulatorEnds() throws Exception {
        SimulatorServer other = new SimulatorServer(Map.of());
        try (EventReader reader = EventReader.of(other.url)) {
            await().atMost(SimulatorServer.PATIENCE).until(() -> reader.lastId > 0);
            long began = System.nanoTime();

            other.close();

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
            await().atMost(SimulatorServer.PATIENCE).until(() -> reader.ended);
            assertThat(reader.complete).isTrue();
        } finally {
            other.close();
        }
    }

    private static Conversations conversations() {
        return server.camel().getRegistry().lookupByNameAndType("simulatorConversations", Conversations.class);
    }

    /** The stream in use: Camel may have built another. */
    private static EventStream stream() {
        return (EventStream) server.camel().getRoute("simulator-stream-events").getRoutePolicyList().stream()
                .filter(EventStream.class::isInstance).findFirst().orElseThrow();
    }

    private static EventReader reader() throws Exception {
        EventReader reader = EventReader.of(server.url);
        await().atMost(SimulatorServer.PATIENCE).until(() -> reader.lastId > 0);
        return reader;
    }

    private List<JsonNode> mine(EventReader reader) {
        return reader.named("message").stream().map(Event::data).filter(data -> user.equals(data.path("user").asText())).toList();
    }

    private List<JsonNode> calls(EventReader reader) {
        return reader.named("call").stream().map(Event::data).filter(call -> user.equals(call.path("user").asText())).toList();
    }

    private static List<String> texts(EventReader reader) {
        return reader.named("message").stream().map(event -> event.data().at("/message/text").asText()).toList();
    }

    private static JsonNode first(JsonNode calls, String summary) {
        for (JsonNode call : calls) {
            if (call.path("summary").asText().equals(summary)) {
                return call;
            }
        }
        throw new AssertionError("No call \"" + summary + "\" in " + calls);
    }

    private static String refusal(HttpResponse<String> answer, int status) throws Exception {
        return SimulatorServer.json(answer, status).path("error").asText();
    }

    private HttpResponse<String> upload(String type, byte[] file, String query) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(URI.create(server.url + "/simulator/users/" + user + "/files" + query))
                .timeout(SimulatorServer.PATIENCE).header("Content-Type", type).POST(HttpRequest.BodyPublishers.ofByteArray(file)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String transcribe(byte[] file) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes("--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nany\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        body.writeBytes(file);
        body.writeBytes("\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII));
        return HTTP.send(HttpRequest.newBuilder(URI.create(server.url + "/simulator/v1/audio/transcriptions"))
                .timeout(SimulatorServer.PATIENCE).header("Content-Type", "multipart/form-data; boundary=b")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())).build(), HttpResponse.BodyHandlers.ofString()).body();
    }

    /** A request with headers that Java's client does not let one set. */
    private static String raw(String line, String... headers) throws Exception {
        URI url = URI.create(server.url);
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write((line + " HTTP/1.1\r\n" + String.join("\r\n", headers)
                    + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private JsonNode messages() throws Exception {
        return get("/simulator/users/" + user + "/messages");
    }

    private static JsonNode get(String path) throws Exception {
        return SimulatorServer.json(server.http("GET", path, null, SimulatorServer.PATIENCE), 200);
    }
}
