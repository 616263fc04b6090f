package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.waroutes.TestPorts;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The simulator's routes and a webhook that remembers what it got, on camel-main, over real HTTP. */
class SimulatorFlowTest {

    private static final String NUMBER = "106540352242922";
    private static final String TOKEN = "test-token";
    private static final String SECRET = "test-secret";
    private static final String PHONE = "15555550101";
    private static final String USER_ID = "US.13491208655302741918";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final List<Webhook> WEBHOOKS = new CopyOnWriteArrayList<>();
    private static final Queue<Integer> ANSWERS = new ConcurrentLinkedQueue<>();
    private static Main main;
    private static String url;

    private record Webhook(byte[] body, String signature, String contentType) {
        JsonNode value() {
            try {
                return JSON.readTree(body).at("/entry/0/changes/0/value");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    @BeforeAll
    static void start() throws Exception {
        int port = TestPorts.free();
        url = "http://127.0.0.1:" + port;
        main = new Main();
        main.configure().withBasePackageScanEnabled(false);
        main.configure().withRoutesIncludePattern("classpath:routes/simulator/*.camel.yaml");
        main.configure().withAutoConfigurationEnabled(true);
        main.addOverrideProperty("camel.server.enabled", "true");
        main.addOverrideProperty("camel.server.host", "127.0.0.1");
        main.addOverrideProperty("camel.server.port", Integer.toString(port));
        main.addOverrideProperty("whatsapp.access-token", TOKEN);
        main.addOverrideProperty("whatsapp.app-secret", SECRET + ",older-secret");
        main.addOverrideProperty("whatsapp.simulator.status-delay", "10");
        main.configure().withAdditionalSensitiveKeywords("appsecret");
        main.addOverrideProperty("whatsapp.simulator.webhook-retry-delay", "10");
        main.configure().addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/webhook?httpMethodRestrict=POST").process(exchange -> {
                    WEBHOOKS.add(new Webhook(exchange.getMessage().getBody(byte[].class),
                            exchange.getMessage().getHeader("X-Hub-Signature-256", String.class),
                            exchange.getMessage().getHeader("Content-Type", String.class)));
                    Integer answer = ANSWERS.poll();
                    exchange.getMessage().removeHeaders("*");
                    exchange.getMessage().setHeader("CamelHttpResponseCode", answer == null ? 200 : answer);
                    exchange.getMessage().setBody("");
                });
            }
        });
        main.start();
    }

    @AfterAll
    static void stop() {
        main.stop();
    }

    @BeforeEach
    void forget() throws Exception {
        for (String user : List.of(PHONE, USER_ID)) {
            assertThat(http("DELETE", "/simulator/users/" + user + "/messages", null).statusCode()).isEqualTo(200);
        }
        WEBHOOKS.clear();
        ANSWERS.clear();
    }

    @Test
    void aUsersTextArrivesAsASignedWebhookInMetasShape() throws Exception {
        JsonNode answer = json(say("+" + PHONE, "{\"text\":\"Grüße\",\"name\":\"Kim\"}"), 200);

        assertThat(answer.path("webhook_status").asInt()).isEqualTo(200);
        Webhook webhook = WEBHOOKS.get(0);
        assertThat(webhook.signature()).isEqualTo("sha256=" + hmac(webhook.body()));
        assertThat(webhook.contentType()).isEqualTo("application/json");
        assertThat(new String(webhook.body(), StandardCharsets.UTF_8)).contains("Gr\\u00fc\\u00dfe");
        assertThat(JSON.readTree(webhook.body()).path("object").asText()).isEqualTo("whatsapp_business_account");
        assertThat(JSON.readTree(webhook.body()).at("/entry/0/changes/0/field").asText()).isEqualTo("messages");
        JsonNode value = webhook.value();
        assertThat(value.at("/metadata/phone_number_id").asText()).isEqualTo(NUMBER);
        assertThat(value.at("/contacts/0/profile/name").asText()).isEqualTo("Kim");
        assertThat(value.at("/contacts/0/wa_id").asText()).isEqualTo(PHONE);
        JsonNode message = value.at("/messages/0");
        assertThat(message.path("from").asText()).isEqualTo(PHONE);
        assertThat(message.path("id").asText()).startsWith("wamid.").isEqualTo(answer.path("message_id").asText());
        assertThat(message.path("timestamp").isTextual()).isTrue();
        assertThat(message.path("type").asText()).isEqualTo("text");
        assertThat(message.at("/text/body").asText()).isEqualTo("Grüße");
    }

    @Test
    void aUserKnownByIdOnlyHasNoPhoneNumberAnywhere() throws Exception {
        json(say(USER_ID, "{\"text\":\"hello\"}"), 200);

        JsonNode value = WEBHOOKS.get(0).value();
        assertThat(value.at("/contacts/0/user_id").asText()).isEqualTo(USER_ID);
        assertThat(value.at("/contacts/0").has("wa_id")).isFalse();
        assertThat(value.at("/messages/0/from_user_id").asText()).isEqualTo(USER_ID);
        assertThat(value.at("/messages/0").has("from")).isFalse();
    }

    @Test
    void aVoiceNoteCanBeFoundDownloadedAndTranscribed() throws Exception {
        json(say(PHONE, "{\"voice\":\"where is my parcel\"}"), 200);
        JsonNode audio = WEBHOOKS.get(0).value().at("/messages/0/audio");
        assertThat(WEBHOOKS.get(0).value().at("/messages/0/type").asText()).isEqualTo("audio");
        assertThat(audio.path("mime_type").asText()).isEqualTo("audio/ogg; codecs=opus");
        assertThat(audio.path("voice").asBoolean()).isTrue();

        JsonNode media = json(graph("GET", "/graph/v26.0/" + audio.path("id").asText(), null), 200);
        HttpResponse<byte[]> file = HTTP.send(HttpRequest.newBuilder(URI.create(media.path("url").asText()))
                .header("Authorization", "Bearer " + TOKEN).build(), HttpResponse.BodyHandlers.ofByteArray());
        byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(file.body());

        assertThat(file.statusCode()).isEqualTo(200);
        assertThat(file.headers().firstValue("Content-Type")).hasValue("audio/ogg; codecs=opus");
        assertThat(media.path("sha256").asText()).isEqualTo(HexFormat.of().formatHex(sha256));
        assertThat(media.path("file_size").asInt()).isEqualTo(file.body().length);
        assertThat(media.path("messaging_product").asText()).isEqualTo("whatsapp");
        assertThat(audio.path("sha256").asText()).isEqualTo(Base64.getEncoder().encodeToString(sha256));
        assertThat(json(transcribe(file.body(), "json"), 200)).isEqualTo(JSON.readTree("{\"text\":\"where is my parcel\"}"));
        assertThat(transcribe(file.body(), "text").body()).isEqualTo("where is my parcel\n");
    }

    @Test
    void theTranscriptionRefusesWhatIsNoVoiceNoteInOpenAisShape() throws Exception {
        JsonNode error = json(transcribe("RIFFxxxx".getBytes(StandardCharsets.US_ASCII), "json"), 400).path("error");

        assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(error.path("param").asText()).isEqualTo("file");
        assertThat(json(http("POST", "/simulator/v1/audio/transcriptions", "{}"), 400).at("/error/param").asText())
                .isEqualTo("file");
    }

    @Test
    void mediaNeedsTheTokenOfTheAppAndOfItsAddress() throws Exception {
        json(say(PHONE, "{\"voice\":\"hello\"}"), 200);
        String id = WEBHOOKS.get(0).value().at("/messages/0/audio/id").asText();
        String file = "/simulator/media/" + id;

        assertThat(json(http("GET", "/graph/v26.0/" + id, null), 401).at("/error/code").asInt()).isEqualTo(190);
        assertThat(http("GET", file + "?token=x", null).statusCode()).isEqualTo(401);
        assertThat(graph("GET", file + "?token=9999999999-00", null).statusCode()).isEqualTo(404);
        assertThat(graph("GET", file, null).statusCode()).isEqualTo(404);
        JsonNode unknown = json(graph("GET", "/graph/v26.0/1", null), 400).path("error");
        assertThat(unknown.path("code").asInt()).isEqualTo(100);
        assertThat(unknown.path("error_subcode").asInt()).isEqualTo(33);
    }

    @Test
    void anAcceptedMessageIsFollowedByItsStatusesInOrder() throws Exception {
        JsonNode answer = json(send("""
                {"messaging_product":"whatsapp","to":"+1 (555) 555-0101","type":"text","text":{"body":"hi"},
                 "biz_opaque_callback_data":"order 7"}"""), 200);
        assertThat(answer.path("messaging_product").asText()).isEqualTo("whatsapp");
        assertThat(answer.at("/contacts/0")).isEqualTo(
                JSON.readTree("{\"input\":\"+1 (555) 555-0101\",\"wa_id\":\"" + PHONE + "\"}"));
        String id = answer.at("/messages/0/id").asText();
        assertThat(id).startsWith("wamid.");

        await().atMost(PATIENCE).until(() -> WEBHOOKS.size() == 3);
        assertThat(WEBHOOKS).allSatisfy(webhook -> {
            assertThat(webhook.signature()).isEqualTo("sha256=" + hmac(webhook.body()));
            JsonNode status = webhook.value().at("/statuses/0");
            assertThat(status.path("id").asText()).isEqualTo(id);
            assertThat(status.path("recipient_id").asText()).isEqualTo(PHONE);
            assertThat(status.path("biz_opaque_callback_data").asText()).isEqualTo("order 7");
        });
        assertThat(WEBHOOKS).extracting(webhook -> webhook.value().at("/statuses/0/status").asText())
                .containsExactly("sent", "delivered", "read");
        assertThat(WEBHOOKS).extracting(webhook -> webhook.value().at("/statuses/0/pricing/category").asText())
                .containsExactly("service", "service", "");
        JsonNode entry = conversation(PHONE).path(0);
        assertThat(entry.path("from").asText()).isEqualTo("business");
        assertThat(entry.path("text").asText()).isEqualTo("hi");
        assertThat(entry.path("id").asText()).isEqualTo(id);
        assertThat(entry.path("status").asText()).isEqualTo("read");
    }

    @Test
    void aMessageToAUserIdIsAnsweredWithoutAPhoneNumber() throws Exception {
        JsonNode answer = json(send("{\"messaging_product\":\"whatsapp\",\"recipient\":\"" + USER_ID
                + "\",\"type\":\"text\",\"text\":{\"body\":\"hi\"}}"), 200);

        assertThat(answer.at("/contacts/0")).isEqualTo(
                JSON.readTree("{\"input\":\"" + USER_ID + "\",\"user_id\":\"" + USER_ID + "\"}"));
        await().atMost(PATIENCE).until(() -> WEBHOOKS.size() == 3);
        assertThat(WEBHOOKS).allSatisfy(webhook -> {
            assertThat(webhook.value().at("/statuses/0/recipient_user_id").asText()).isEqualTo(USER_ID);
            assertThat(webhook.value().at("/statuses/0").has("recipient_id")).isFalse();
        });
    }

    @Test
    void theTemplateApprovedByDefaultIsSentAndPricedAsUtility() throws Exception {
        JsonNode answer = json(send("{\"messaging_product\":\"whatsapp\",\"to\":\"+" + PHONE
                + "\",\"type\":\"template\",\"template\":{\"name\":\"hello_world\",\"language\":{\"code\":\"en_US\"}}}"), 200);

        assertThat(answer.at("/messages/0/message_status").asText()).isEqualTo("accepted");
        await().atMost(PATIENCE).until(() -> WEBHOOKS.size() == 3);
        assertThat(WEBHOOKS.get(0).value().at("/statuses/0/pricing/category").asText()).isEqualTo("utility");
    }

    @Test
    void aReadMarkIsRememberedAndOwesNoStatus() throws Exception {
        String id = json(say(PHONE, "{\"text\":\"hello\"}"), 200).path("message_id").asText();
        assertThat(conversation(PHONE).at("/0/status").asText()).isEqualTo("delivered");

        JsonNode answer = json(send("{\"messaging_product\":\"whatsapp\",\"status\":\"read\",\"message_id\":\"" + id
                + "\",\"typing_indicator\":{\"type\":\"text\"}}"), 200);

        assertThat(answer).isEqualTo(JSON.readTree("{\"success\":true}"));
        assertThat(conversation(PHONE).at("/0/status").asText()).isEqualTo("read");
        assertThat(conversation(PHONE).at("/0/typing").asBoolean()).isTrue();
        assertThat(conversation(PHONE).size()).isEqualTo(1);
    }

    @Test
    void aButtonIsPressedInReplyToTheLastMessage() throws Exception {
        String question = json(send("""
                {"messaging_product":"whatsapp","to":"+15555550101","type":"interactive","interactive":{"type":"button",
                 "body":{"text":"Sure?"},"action":{"buttons":[{"type":"reply","reply":{"id":"yes","title":"Yes"}}]}}}"""),
                200).at("/messages/0/id").asText();
        await().atMost(PATIENCE).until(() -> WEBHOOKS.size() == 3);

        json(say(PHONE, "{\"button\":{\"id\":\"yes\",\"title\":\"Yes\"}}"), 200);

        JsonNode message = WEBHOOKS.get(3).value().at("/messages/0");
        assertThat(message.path("interactive")).isEqualTo(
                JSON.readTree("{\"type\":\"button_reply\",\"button_reply\":{\"id\":\"yes\",\"title\":\"Yes\"}}"));
        assertThat(message.at("/context/id").asText()).isEqualTo(question);
    }

    @Test
    void aWebhookThatIsNotTakenComesAgainWithTheSameBytes() throws Exception {
        ANSWERS.addAll(List.of(503, 202));

        JsonNode answer = json(say(PHONE, "{\"text\":\"hello\"}"), 200);

        assertThat(answer.path("webhook_status").asInt()).isEqualTo(200);
        assertThat(WEBHOOKS).hasSize(3).extracting(Webhook::body).containsOnly(WEBHOOKS.get(0).body());
        assertThat(WEBHOOKS).extracting(Webhook::signature).containsOnly("sha256=" + hmac(WEBHOOKS.get(0).body()));
    }

    @Test
    void aWebhookThatIsNeverTakenIsReported() throws Exception {
        ANSWERS.addAll(List.of(503, 500, 429, 202, 401));

        JsonNode answer = json(say(PHONE, "{\"text\":\"hello\"}"), 502);

        assertThat(answer.path("webhook_status").asInt()).isEqualTo(401);
        assertThat(answer.path("error").asText()).contains("whatsapp.simulator.webhook-url");
        assertThat(WEBHOOKS).hasSize(5);
        assertThat(conversation(PHONE).at("/0/status").asText()).isEqualTo("undelivered");
    }

    @Test
    void errorsOfTheCloudApiHaveGraphsShape() throws Exception {
        JsonNode wrongToken = json(http("POST", "/graph/v26.0/" + NUMBER + "/messages", "{}"), 401).path("error");
        assertThat(wrongToken.path("code").asInt()).isEqualTo(190);
        assertThat(wrongToken.path("type").asText()).isEqualTo("OAuthException");
        assertThat(wrongToken.path("fbtrace_id").asText()).isNotBlank();

        JsonNode wrongNumber = json(graph("POST", "/graph/v26.0/1/messages", "{}"), 400).path("error");
        assertThat(wrongNumber.path("code").asInt()).isEqualTo(100);
        assertThat(wrongNumber.path("error_subcode").asInt()).isEqualTo(33);

        assertThat(json(send("not JSON"), 400).at("/error/code").asInt()).isEqualTo(100);
        JsonNode tooLong = json(send("{\"messaging_product\":\"whatsapp\",\"to\":\"+" + PHONE
                + "\",\"type\":\"text\",\"text\":{\"body\":\"" + "x".repeat(4097) + "\"}}"), 400).path("error");
        assertThat(tooLong.path("code").asInt()).isEqualTo(100);
        assertThat(tooLong.at("/error_data/details").asText()).contains("text.body");
        JsonNode template = json(send("{\"messaging_product\":\"whatsapp\",\"to\":\"+" + PHONE
                + "\",\"type\":\"template\",\"template\":{\"name\":\"none\",\"language\":{\"code\":\"en_US\"}}}"), 404);
        assertThat(template.at("/error/code").asInt()).isEqualTo(132001);
        assertThat(WEBHOOKS).isEmpty();
    }

    @Test
    void badRequestsOfAUserAreExplained() throws Exception {
        assertThat(json(say(PHONE, "{\"text\":\"a\",\"voice\":\"b\"}"), 400).path("error").asText()).contains("exactly one");
        assertThat(json(say("nobody", "{\"text\":\"a\"}"), 400).path("error").asText()).contains("phone number");
        HttpResponse<String> form = HTTP.send(HttpRequest.newBuilder(URI.create(url + "/simulator/users/" + PHONE + "/messages"))
                .header("Content-Type", "text/plain").POST(HttpRequest.BodyPublishers.ofString("{}")).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(json(form, 415).path("error").asText()).contains("application/json");
        assertThat(WEBHOOKS).isEmpty();
    }

    @Test
    void aFormIsNeverMistakenForJson() throws Exception {
        // Graph takes forms too, and this one has none of a message's fields
        assertThat(json(form("/graph/v26.0/" + NUMBER + "/messages"), 400).at("/error/error_data/details").asText())
                .contains("is missing");
        assertThat(json(form("/simulator/users/" + PHONE + "/messages"), 415).path("error").asText())
                .contains("application/json");
        assertThat(json(form("/simulator/v1/audio/transcriptions"), 400).at("/error/param").asText()).isEqualTo("file");
    }

    @Test
    void aPathCannotBeOverriddenByTheQuery() throws Exception {
        json(say(PHONE, "{\"text\":\"hello\"}"), 200);

        HttpResponse<String> answer = http("GET", "/simulator/users/" + PHONE + "/messages?user=15555550199", null);

        assertThat(json(answer, 400).path("error").asText()).contains("phone number");
    }

    @Test
    void noHeaderOfARequestComesBackOrReachesTheWebhook() throws Exception {
        HttpResponse<String> answer = HTTP.send(HttpRequest.newBuilder(
                        URI.create(url + "/simulator/users/" + PHONE + "/messages?CamelHttpUri=http://127.0.0.1:1/&x-more=1"))
                .header("Content-Type", "application/json").header("X-Stranger", "1")
                .POST(HttpRequest.BodyPublishers.ofString("{\"text\":\"hello\"}")).build(),
                HttpResponse.BodyHandlers.ofString());

        json(answer, 200);
        assertThat(answer.headers().map()).doesNotContainKeys("x-stranger", "x-more", "user");
        assertThat(WEBHOOKS).hasSize(1);
    }

    @Test
    void aForgottenConversationIsEmpty() throws Exception {
        json(say(PHONE, "{\"text\":\"hello\"}"), 200);
        assertThat(conversation(PHONE).size()).isEqualTo(1);

        assertThat(http("DELETE", "/simulator/users/" + PHONE + "/messages", null).statusCode()).isEqualTo(200);

        assertThat(conversation(PHONE).isEmpty()).isTrue();
    }

    private static HttpResponse<String> say(String user, String body) throws Exception {
        return http("POST", "/simulator/users/" + user + "/messages", body);
    }

    private static HttpResponse<String> send(String body) throws Exception {
        return graph("POST", "/graph/v26.0/" + NUMBER + "/messages", body);
    }

    private static JsonNode conversation(String user) throws Exception {
        return json(http("GET", "/simulator/users/" + user + "/messages", null), 200);
    }

    private static HttpResponse<String> http(String method, String path, String body) throws Exception {
        return HTTP.send(request(method, path, body).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> graph(String method, String path, String body) throws Exception {
        return HTTP.send(request(method, path, body).header("Authorization", "Bearer " + TOKEN).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create(url + path)).timeout(PATIENCE).header("Content-Type", "application/json")
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
    }

    private static HttpResponse<String> form(String path) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(URI.create(url + path)).timeout(PATIENCE)
                .header("Content-Type", "application/x-www-form-urlencoded").header("Authorization", "Bearer " + TOKEN)
                .POST(HttpRequest.BodyPublishers.ofString("messaging_product=whatsapp&model=any")).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> transcribe(byte[] file, String format) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (String[] field : new String[][] {{"model", "any"}, {"response_format", format}}) {
            body.writeBytes(("--border\r\nContent-Disposition: form-data; name=\"" + field[0] + "\"\r\n\r\n" + field[1] + "\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        }
        body.writeBytes(("--border\r\nContent-Disposition: form-data; name=\"file\"; filename=\"voice.ogg\"\r\n"
                + "Content-Type: audio/ogg\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        body.writeBytes(file);
        body.writeBytes("\r\n--border--\r\n".getBytes(StandardCharsets.US_ASCII));
        return HTTP.send(HttpRequest.newBuilder(URI.create(url + "/simulator/v1/audio/transcriptions")).timeout(PATIENCE)
                .header("Content-Type", "multipart/form-data; boundary=border")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer, int status) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        return JSON.readTree(answer.body());
    }

    private static String hmac(byte[] body) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(body));
    }
}
