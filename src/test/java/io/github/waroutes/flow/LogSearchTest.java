package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.EventListTest;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.TestRedis;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.message.GoodMessages;
import io.github.waroutes.state.Keys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything that a gateway does, in a process of its own with its own log, our loggers at DEBUG: the whole output is searched for what
 * must not be there, and one id leads from an update to the end of its answer.
 */
@WhatsAppSimulator(accessToken = LogSearchTest.TOKEN, appSecret = LogSearchTest.APP_SECRET, verifyToken = LogSearchTest.VERIFY,
        numbers = "es=5002000::7002000:es:bearer-of-es-0123456789:spanish-secret", statusDelay = 50)
class LogSearchTest {

    static final String TOKEN = "bearer-of-the-first-number-0123456789";
    static final String APP_SECRET = "the-app-s-own-secret";
    static final String VERIFY = "the-word-of-the-handshake";
    private static final String API = "api-bearer-4f1b9c";
    private static final String MANAGE = "manage-bearer-77aa2e";
    private static final String WORDS = "a secret of the old lighthouse";
    private static final String NAME = "Kimberly Exampleson";
    private static final String FILE = "my-own-diagnosis.pdf";
    private static final String REFERENCE = "customer-of-the-month-4711";
    private static final String NUMBERS = "numbers:\n  es:\n    phone-number-id: 5002000\n    account-id: 7002000\n    app-secret: spanish-secret\n"
            + "    verify-token: spanish-word\n    access-token: %s\n";
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @RegisterExtension
    static final TestRedis redis = new TestRedis();

    @TempDir
    static Path directory;

    private ChildGateway gateway;

    /** The gateway's own configuration, as the guide says, but for our level. */
    private static Path logback() throws IOException {
        return Files.writeString(directory.resolve("logback.xml"), "<configuration><include resource=\"whatsapp/logback.xml\"/>"
                + "<logger name=\"whatsapp\" level=\"DEBUG\"/><logger name=\"io.github.waroutes\" level=\"DEBUG\"/></configuration>");
    }

    private static void write(String file, String text) throws IOException {
        Files.createDirectories(directory.resolve(file).getParent());
        Files.writeString(directory.resolve(file), text);
    }

    private HttpResponse<String> api(String path, String type, byte[] body, String token) {
        return send(gateway.port, "/api" + path, type, body, token);
    }

    private HttpResponse<String> manage(String path, String body) {
        return send(gateway.managementPort, "/manage" + path, "application/json", body == null ? null : body.getBytes(StandardCharsets.UTF_8), MANAGE);
    }

    private static HttpResponse<String> send(int port, String path, String type, byte[] body, String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(LIMIT)
                .header("Authorization", "Bearer " + token).header("X-WhatsApp-Number", "default");
        if (body != null) {
            request.header("Content-Type", type).POST(BodyPublishers.ofByteArray(body));
        }
        return TestGateway.send(request.build());
    }

    private void awaitEvent(String name) {
        await().atMost(LIMIT).until(() -> gateway.out().contains('"' + name + '"'));
    }

    private static JsonNode json(HttpResponse<String> response) {
        return Flows.json(response.body());
    }

    @Test
    @Timeout(300)
    void nothingSecretOrPersonalIsInTheOutputAndOneIdLeadsThroughIt(SimulatedWhatsApp whatsapp, SimulatedGraph graph) throws IOException {
        write("my-routes/images.camel.yaml", "- route:\n    id: images\n    from:\n      uri: direct:images\n      steps:\n        - setBody:\n"
                + "            expression:\n              simple:\n                expression: ${body.noSuchMethod}\n");
        write("numbers/numbers.yaml", NUMBERS.formatted("bearer-of-es-0123456789"));
        gateway = new ChildGateway(directory).with(whatsapp)
                .with("JAVA_TOOL_OPTIONS", "-Dlogback.configurationFile=" + logback())
                .with("CAMEL_MAIN_ROUTES_INCLUDE_PATTERN", "classpath:routes/whatsapp/*.camel.yaml,file:my-routes/*.camel.yaml")
                .with("WHATSAPP_ON_IMAGE", "direct:images").with("WHATSAPP_API_TOKEN", API).with("WHATSAPP_MANAGEMENT_TOKEN", MANAGE)
                .with("WHATSAPP_NUMBERS_FILE", directory.resolve("numbers/numbers.yaml").toString())
                .with("WHATSAPP_REDIS_URL", redis.url()).with("WHATSAPP_BURST_WINDOW", "300").with("WHATSAPP_HTTP_READ_TIMEOUT", "1500")
                .with("WHATSAPP_LIMIT_PAIR_BURST", "10000").with("WHATSAPP_RETRY_TRANSIENT_DELAY", "50").with("WHATSAPP_ALARM_TRY_AGAIN_AFTER", "500")
                .with("WHATSAPP_OUTCOME_SILENCE_SECONDS", "1").with("WHATSAPP_OUTCOME_RESEND", "false").with("WHATSAPP_OUTCOME_ASK_AGAIN_AFTER", "100");
        SimulatedUser kim = whatsapp.user(NAME, "15557770142");
        SimulatedUser other = whatsapp.user("Another Personage", "15557770199");
        SimulatedUser scoped = whatsapp.user("Scoped Personage", "US.13491208655302741918");
        SimulatedUser refused = whatsapp.user("Refused Personage", "15557770133");
        SimulatedUser late = whatsapp.user("Late Personage", "15557770155");
        SimulatedUser lost = whatsapp.user("Lost Personage", "15557770166");
        String texted;
        String failed;
        try (ChildGateway running = gateway) {
            running.start().awaitReady();
            texted = updates(kim, other, scoped);
            webhooks();
            sends(kim);
            failed = failures(refused, late, lost, graph);
            management();
            write("numbers/numbers.yaml", NUMBERS.formatted("bearer-of-es-9876543210"));
            awaitEvent("whatsapp.numbers.changed");
            write("numbers/numbers.yaml", NUMBERS.formatted("bearer of es wrong"));
            awaitEvent("whatsapp.numbers.refused");
            gateway.stop();
        }
        String output = gateway.out() + gateway.err();
        List<String> hidden = new ArrayList<>(List.of(TOKEN, APP_SECRET, VERIFY, API, MANAGE, WORDS, "lighthouse", NAME, "Exampleson", "Personage", FILE,
                REFERENCE, GoodMessages.MARKER, GoodMessages.MARKER.toLowerCase(), "bearer-of", "bearer of", "spanish-secret", "spanish-word", "wamid.", "Idontknow"));
        for (SimulatedUser user : List.of(kim, other, scoped, refused, late, lost)) {
            hidden.add(user.id());
            hidden.addAll(inBase64(user.id()));
        }
        // also as somebody writes it
        hidden.addAll(List.of("555-777-0142", "555 777 0142", "7770142", whatsapp.numbers().get(0).displayPhoneNumber().replaceAll("[^0-9]", "")));
        assertThat(output.lines().filter(line -> hidden.stream().anyMatch(line::contains))).isEmpty();
        events(texted, failed);
    }

    /** What a text in Base64 has in common wherever it begins, as a wamid holds a number. */
    private static List<String> inBase64(String text) {
        List<String> all = new ArrayList<>();
        for (int before = 0; before < 3; before++) {
            String encoded = Base64.getEncoder().withoutPadding().encodeToString(("x".repeat(before) + text).getBytes(StandardCharsets.UTF_8));
            all.add(encoded.substring(before == 0 ? 0 : 4, encoded.length() - 2));
        }
        return all;
    }

    /** Everything that a user can send; gives the id of a text. */
    private String updates(SimulatedUser kim, SimulatedUser other, SimulatedUser scoped) {
        String texted = kim.sends(WORDS).id();
        kim.receives();
        other.sendsTogether(WORDS, "and one more of the lighthouse");
        scoped.sends("hello");
        scoped.receives();
        kim.sendsVoice(WORDS);
        kim.receives();
        kim.edits(WORDS + " again");
        kim.revokes();
        kim.reacts("\uD83E\uDD93");
        kim.tapsQuickReply("to the lighthouse", "payload of the lighthouse");
        kim.sendsVideo();
        kim.sendsDocument(FILE);
        kim.sendsSticker();
        kim.sendsLocation(52.5, 13.25);
        kim.says("{\"contacts\":[{\"name\":{\"formatted_name\":\"" + NAME + "\"},\"phones\":[{\"phone\":\"+15557770199\"}]}]}");
        other.sendsImage("a picture of the lighthouse");
        awaitEvent("whatsapp.route.failed");
        awaitEvent("whatsapp.burst.ended");
        return texted;
    }

    /** What comes to the webhook and is not as it should be. */
    private void webhooks() {
        String text = Payloads.messages(Payloads.text(Payloads.id(), "15557770142", WORDS));
        String change = "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"" + TestGateway.ACCOUNT
                + "\",\"changes\":[{\"field\":\"account_update\",\"value\":{\"event\":\"" + WORDS + "\"}}]}]}";
        URI webhook = URI.create("http://127.0.0.1:" + gateway.port + "/webhook");
        for (String[] one : new String[][] {{text, "other-secret"}, {text.substring(1), APP_SECRET}, {"{\"object\":\"" + WORDS + "\"}", APP_SECRET},
            {text.replace(TestGateway.NUMBER, "5009999"), APP_SECRET}, {text.replace(TestGateway.NUMBER, "5002000"), APP_SECRET}, {change, APP_SECRET}}) {
            byte[] body = one[0].getBytes(StandardCharsets.UTF_8);
            TestGateway.send(HttpRequest.newBuilder(webhook).header("Content-Type", "application/json")
                    .header("X-Hub-Signature-256", TestGateway.signature(one[1], body)).POST(BodyPublishers.ofByteArray(body)).build());
        }
        for (String word : List.of(VERIFY, "Idontknow")) {
            TestGateway.send(HttpRequest.newBuilder(URI.create(webhook + "?hub.mode=subscribe&hub.challenge=42&hub.verify_token=" + word)).build());
        }
    }

    /** Everything that can be sent over the API, also what is refused here, and by Meta. */
    private void sends(SimulatedUser kim) {
        StringBuilder lines = new StringBuilder();
        for (String name : GoodMessages.names()) {
            ObjectNode message = GoodMessages.message(name).put("to", "+1 555-777-0142").put("recipient_type", "individual").put("reference", REFERENCE);
            message.remove("biz_opaque_callback_data");
            lines.append(message).append('\n');
            assertThat(api("/messages", "application/json", message.toString().getBytes(StandardCharsets.UTF_8), API).statusCode()).as(name).isIn(202, 422);
        }
        assertThat(json(api("/bulk", "application/x-ndjson", (lines + WORDS + '\n').getBytes(StandardCharsets.UTF_8), API)).path("refused").asInt()).isPositive();
        byte[] template = ("{\"to\":\"+15557770142\",\"name\":\"nobody_knows\",\"language\":\"en\",\"reference\":\"" + REFERENCE
                + "\",\"parameters\":{\"first_name\":\"" + NAME + "\"}}").getBytes(StandardCharsets.UTF_8);
        JsonNode accepted = json(api("/templates", "application/json", template, API));
        assertThat(api("/templates", "application/json", template, "wrong-" + API).statusCode()).isEqualTo(401);
        byte[] png = Base64.getDecoder().decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");
        for (int i = 0; i < 2; i++) {
            assertThat(api("/media", "image/png", png, API).statusCode()).isEqualTo(201);
        }
        assertThat(api("/media", "text/html", WORDS.getBytes(StandardCharsets.UTF_8), API).statusCode()).isEqualTo(422);
        assertThat(api("/messages", "application/json", ("{\"text\":{\"body\":\"" + WORDS + "\"}}").getBytes(StandardCharsets.UTF_8), API).statusCode()).isEqualTo(422);
        String state = "/messages/" + accepted.path("id").asText();
        await().atMost(LIMIT).until(() -> json(api(state, null, null, API)).path("state").asText().equals("failed"));
        JsonNode told = json(api(state, null, null, API));
        assertThat(List.of(told.path("reference").asText(), told.path("number").asText(), told.path("user").asText()))
                .containsExactly(REFERENCE, "default", "+15557770142");
        assertThat(kim.inbox()).as("Meta does not get a caller's reference").isNotEmpty().noneMatch(message -> message.toString().contains(REFERENCE));
    }

    /** What fails at Meta; gives the id of a text whose answer was refused. */
    private String failures(SimulatedUser refused, SimulatedUser late, SimulatedUser lost, SimulatedGraph graph) {
        graph.fails(131026).forUser(refused).times(1);
        String failed = refused.sends("hello").id();
        await().atMost(LIMIT).until(() -> gateway.out().lines().anyMatch(line -> line.contains("whatsapp.dead_letter.stored")
                && line.contains(Keys.hash("message:" + failed))));
        graph.failsLater(131049).forUser(late).times(1);
        late.sends("hello");
        awaitEvent("whatsapp.status.failed");
        graph.losesAnswers().forUser(lost).times(1);
        lost.sends("hello");
        awaitEvent("whatsapp.send_message.timeout");
        graph.fails(190).forUser(refused).times(1);
        refused.sends("hello");
        awaitEvent("whatsapp.number.stopped");
        awaitEvent("whatsapp.number.resumed");
        return failed;
    }

    /** What an operator does. */
    private void management() {
        JsonNode letters = json(manage("/messages/dead-letters?limit=1000", null)).path("messages");
        assertThat(letters).isNotEmpty().allSatisfy(letter -> assertThat(letter.path("trace_id").asText()).matches("[0-9a-f]{32}"));
        String id = letters.get(0).path("id").asText();
        assertThat(manage("/messages/dead-letters/" + id + "?unmask=true", null).statusCode()).isEqualTo(200);
        assertThat(manage("/messages/dead-letters/replay", "{\"ids\":[\"" + id + "\"]}").statusCode()).isEqualTo(200);
        assertThat(manage("/messages/dead-letters/drop", "{\"all\":true,\"reason\":\"" + WORDS + "\"}").statusCode()).isEqualTo(200);
        for (String path : List.of("/numbers", "/queues", "/messages/unhandled")) {
            assertThat(manage(path, null).statusCode()).isEqualTo(200);
        }
    }

    /** Each line is JSON, each event has the fields it may have, and one id leads through them. */
    private void events(String texted, String failed) throws IOException {
        Map<String, Set<String>> fields = EventListTest.fields();
        Set<String> names = new TreeSet<>();
        Set<String> ofText = new TreeSet<>();
        Set<String> ofFailed = new TreeSet<>();
        assertThat(gateway.out().lines().filter(line -> !line.startsWith("{"))).as("each line is JSON").isEmpty();
        gateway.out().lines().map(Flows::json).filter(line -> line.has("event")).forEach(line -> {
            String name = line.path("event").asText();
            names.add(name);
            line.fieldNames().forEachRemaining(field -> assertThat(Set.of("@timestamp", "message", "logger_name", "thread_name", "level", "event").contains(field)
                    || fields.get(name).contains(field)).as(name + " may have the field " + field).isTrue());
            String trace = line.path("trace_id").toString();
            if (trace.contains(Keys.hash("message:" + texted))) {
                ofText.add(name + (name.startsWith("whatsapp.status") || name.equals("whatsapp.delivery.report") ? ' ' + line.path("type").asText() : ""));
            } else if (trace.contains(Keys.hash("message:" + failed))) {
                ofFailed.add(name);
            }
        });
        assertThat(ofText).contains("whatsapp.webhook.received", "whatsapp.burst.ended", "whatsapp.send_message.start", "whatsapp.send_message.success",
                "whatsapp.status.received sent", "whatsapp.status.received delivered", "whatsapp.status.received read", "whatsapp.delivery.report read");
        assertThat(ofFailed).contains("whatsapp.webhook.received", "whatsapp.send_message.start", "whatsapp.send_message.error", "whatsapp.dead_letter.stored",
                "whatsapp.delivery.report");
        assertThat(names).contains("whatsapp.client.initialized", "whatsapp.webhook.signature_invalid", "whatsapp.webhook.refused", "whatsapp.webhook.handshake",
                "whatsapp.webhook.handshake_refused", "whatsapp.webhook.unknown_number.stored", "whatsapp.webhook.foreign_number.refused", "whatsapp.message.noted",
                "whatsapp.message.type_not_handled", "whatsapp.update.unhandled", "whatsapp.download_media.success", "whatsapp.upload_media.success",
                "whatsapp.upload_media.reused", "whatsapp.upload_media.failed", "whatsapp.api.accepted", "whatsapp.api.refused", "whatsapp.send_template.template_error",
                "whatsapp.management.changed", "whatsapp.numbers.changed");
    }
}
