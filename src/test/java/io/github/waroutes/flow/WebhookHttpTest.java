package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.SECRET;
import static io.github.waroutes.TestGateway.VERIFY_TOKEN;
import static io.github.waroutes.TestGateway.signature;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The webhook as a stranger sees it, over HTTP: signature, handshake, limits. */
@WhatsAppSimulator(appSecret = SECRET, verifyToken = VERIFY_TOKEN, statusDelay = 600_000, reset = false)
class WebhookHttpTest {

    private static final String NEW_SECRET = "new-secret";
    private static final int MAX_BYTES = 100_000;
    private static final String JSON = "application/json";
    private static final AtomicLong USERS = new AtomicLong(15555551000L);

    @TempDir
    static Path directory;

    private static final EchoUnderstanding UNDERSTANDING = new EchoUnderstanding();
    private static SimulatedWhatsApp whatsapp;
    private static SimulatedGraph graph;
    private static TestGateway gateway;

    private final String user = String.valueOf(USERS.incrementAndGet());

    @BeforeAll
    static void start() {
        gateway = new TestGateway(directory).with(whatsapp)
                .with("whatsapp.app-secret", NEW_SECRET + "," + SECRET)
                .with("whatsapp.webhook.max-bytes", MAX_BYTES)
                .with("whatsapp.understanding", "mine")
                .with(UNDERSTANDING)
                .start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private List<String> answers() {
        return Flows.textsTo(graph, user);
    }

    private byte[] text(String text) {
        return bytes(Payloads.messages(Payloads.text(Payloads.id(), user, text)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Proves that nothing before was stored for this test's user: order holds in a conversation, so it would come first. */
    private void onlyThisIsAnswered(String text) {
        assertThat(gateway.post(text(text), JSON, signature(SECRET, text(text))).statusCode()).as("another body").isEqualTo(401);
        byte[] body = text(text);
        assertThat(gateway.post(body, JSON, signature(SECRET, body)).statusCode()).isEqualTo(200);
        await().atMost(LIMIT).until(() -> !answers().isEmpty());
        assertThat(answers()).containsExactly("re: " + text);
    }

    private static void refused(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).isEqualTo(status);
        echoesNothing(answer);
    }

    private static void echoesNothing(HttpResponse<String> answer) {
        assertThat(answer.body()).doesNotContainIgnoringCase("secretword");
        assertThat(answer.headers().map().toString()).doesNotContainIgnoringCase("secretword")
                .doesNotContainIgnoringCase("whatsapp").doesNotContainIgnoringCase("camel");
    }

    // ---- signature

    @Test
    void aSignedWebhookIsAnsweredWith200AndAnEmptyBody() {
        byte[] body = text("hello");
        HttpResponse<String> answer = gateway.post(body, JSON, signature(SECRET, body));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        echoesNothing(answer);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(answers()).containsExactly("re: hello"));
    }

    @Test
    void eachOfTwoSecretsSigns() {
        for (String secret : new String[] {NEW_SECRET, SECRET}) {
            byte[] body = text("by one of two");
            assertThat(gateway.post(body, JSON, signature(secret, body)).statusCode()).isEqualTo(200);
        }
        await().atMost(LIMIT).untilAsserted(() -> assertThat(answers()).hasSize(2));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {
        "",
        "secretword",
        "sha256=",
        "sha256=secretword",
        "sha1=0000000000000000000000000000000000000000",
        "sha256=0000000000000000000000000000000000000000000000000000000000000000"
    })
    void withoutTheRightSignatureTheAnswerIs401AndNothingIsStored(String signature) {
        double refusedBefore = gateway.counter("whatsapp.webhook.refused", "reason", "signature");
        double storedBefore = gateway.counter("whatsapp.webhook.updates");

        HttpResponse<String> answer = gateway.post(text("secretword"), JSON, signature);

        refused(answer, 401);
        assertThat(answer.body()).isEmpty();
        assertThat(gateway.counter("whatsapp.webhook.refused", "reason", "signature")).isEqualTo(refusedBefore + 1);
        assertThat(gateway.counter("whatsapp.webhook.updates")).isEqualTo(storedBefore);
        onlyThisIsAnswered("after a forged one");
    }

    @Test
    void aValidSignatureOfOtherBytesIs401() {
        byte[] body = text("hello");
        refused(gateway.post(body, JSON, signature("another-secret", body)), 401);
        refused(gateway.post(body, JSON, signature(SECRET, text("hello"))), 401);
        refused(gateway.post(bytes(new String(body, StandardCharsets.UTF_8) + " "), JSON, signature(SECRET, body)), 401);
        onlyThisIsAnswered("after three forged ones");
    }

    @Test
    void nonAsciiTextArrivesWholeWhetherEscapedOrRaw() {
        String text = "\u00e4 \u4f60\u597d \ud83d\ude00 end";
        String escaped = Payloads.messages(Payloads.text(Payloads.id(), user, "PLACE"))
                .replace("PLACE", "\\u00e4 \\u4f60\\u597d \\ud83d\\ude00 end");
        byte[] raw = text(text);
        assertThat(bytes(escaped)).hasSizeGreaterThan(raw.length);
        assertThat(gateway.post(bytes(escaped), JSON, signature(SECRET, bytes(escaped))).statusCode()).isEqualTo(200);
        assertThat(gateway.post(raw, JSON, signature(SECRET, raw)).statusCode()).isEqualTo(200);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(answers())
                .containsExactly("re: " + text, "re: " + text));
        assertThat(UNDERSTANDING.texts().stream().filter(text::equals)).hasSize(2);
    }

    // ---- handshake

    private HttpResponse<String> handshake(String query) {
        return gateway.get(gateway.url("/webhook" + query));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1158201444", "0012", "some-text"})
    void theHandshakeIsAnsweredWithExactlyTheChallenge(String challenge) {
        HttpResponse<String> answer = handshake("?hub.mode=subscribe&hub.challenge=" + challenge + "&hub.verify_token=" + VERIFY_TOKEN);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(challenge);
        assertThat(answer.headers().firstValue("Content-Type")).hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    }

    @Test
    void aChallengeThatIsHtmlComesBackAsPlainText() {
        HttpResponse<String> answer = handshake("?hub.mode=subscribe&hub.challenge=%3Cscript%3Ealert(1)%3C/script%3E&hub.verify_token="
                + VERIFY_TOKEN);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("<script>alert(1)</script>");
        assertThat(answer.headers().allValues("Content-Type")).singleElement().asString().startsWith("text/plain");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "",
        "?",
        "?hub.mode&hub.verify_token&hub.challenge",
        "?hub.mode=&hub.verify_token=&hub.challenge=",
        "?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=secretword",
        "?hub.mode=subscribe&hub.verify_token=TEST-VERIFY-TOKEN&hub.challenge=secretword",
        "?hub.mode=unsubscribe&hub.verify_token=" + VERIFY_TOKEN + "&hub.challenge=secretword",
        "?hub.verify_token=" + VERIFY_TOKEN + "&hub.challenge=secretword",
        "?hub.mode=subscribe&hub.challenge=secretword",
        "?hub.mode=subscribe&hub.verify_token=" + VERIFY_TOKEN,
        "?hub.mode=subscribe&hub.verify_token=" + VERIFY_TOKEN + "&hub.challenge",
        "?hub.mode=subscribe&hub.verify_token=wrong&hub.verify_token=" + VERIFY_TOKEN + "&hub.challenge=secretword",
        "?hub=subscribe&hub.verify_token=wrong&hub.challenge=secretword",
        "?hub.mode=subscribe&hub.verify_token=$%7Bexception%7D&hub.challenge=secretword",
        "?secretword"
    })
    void anyOtherHandshakeIsRefusedWith403(String query) {
        HttpResponse<String> answer = handshake(query);
        refused(answer, 403);
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE", "PATCH", "OPTIONS"})
    void otherMethodsAreRefusedWith405(String method) {
        HttpRequest request = HttpRequest.newBuilder(gateway.url("/webhook?x=secretword")).timeout(LIMIT)
                .method(method, HttpRequest.BodyPublishers.ofString("secretword")).build();
        refused(TestGateway.send(request), 405);
    }

    // ---- limits

    @ParameterizedTest
    @ValueSource(strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=secretword",
        "application/xml",
        "application/octet-stream",
        "application/json-seq",
        "application/json, text/plain"
    })
    void aBodyThatSaysItIsNoJsonIsRefusedWith415(String contentType) {
        byte[] body = text("secretword");
        refused(gateway.post(body, contentType, signature(SECRET, body)), 415);
        onlyThisIsAnswered("after " + contentType.length());
    }

    @Test
    void aBodyThatDoesNotSayWhatItIsIsRefusedWith415() {
        byte[] body = text("secretword");
        refused(gateway.post(body, null, signature(SECRET, body)), 415);
        onlyThisIsAnswered("after no type");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON",
        "APPLICATION/JSON ; Charset=\"utf-8\""})
    void jsonIsTakenHoweverItsTypeIsSpelled(String contentType) {
        byte[] body = text("typed");
        assertThat(gateway.post(body, contentType, signature(SECRET, body)).statusCode()).isEqualTo(200);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(answers()).containsExactly("re: typed"));
    }

    /** A signed webhook of exactly so many bytes. */
    private byte[] ofSize(int size) {
        String id = Payloads.id();
        int rest = size - Payloads.messages(Payloads.text(id, user, "")).length();
        byte[] body = bytes(Payloads.messages(Payloads.text(id, user, "x".repeat(rest))));
        assertThat(body).hasSize(size);
        return body;
    }

    private HttpResponse<String> chunked(byte[] body, String signature) {
        return TestGateway.send(HttpRequest.newBuilder(gateway.url("/webhook")).timeout(LIMIT)
                .header("Content-Type", JSON).header("X-Hub-Signature-256", signature)
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))).build());
    }

    @Test
    void aBodyOverTheLimitIsRefusedWith413() {
        byte[] body = ofSize(MAX_BYTES + 1);
        refused(gateway.post(body, JSON, signature(SECRET, body)), 413);
        refused(chunked(body, signature(SECRET, body)), 413);
        refused(gateway.post(new byte[MAX_BYTES * 3], JSON, null), 413);
        onlyThisIsAnswered("after too large ones");
    }

    @Test
    void aBodyOfExactlyTheLimitIsTaken() {
        byte[] body = ofSize(MAX_BYTES);
        byte[] other = ofSize(MAX_BYTES);
        assertThat(gateway.post(body, JSON, signature(SECRET, body)).statusCode()).isEqualTo(200);
        assertThat(chunked(other, signature(SECRET, other)).statusCode()).isEqualTo(200);
        assertThat(gateway.post(ofSize(MAX_BYTES), JSON, signature(SECRET, body)).statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "secretword", "[\"secretword\"]", "\"secretword\"", "null", "{\"secretword\":1}", "{\"object\":\"secretword\"",
        "{\"object\":\"secretword\"}", "{\"entry\":[{\"id\":\"secretword\"}]}"
    })
    void aSignedBodyThatIsNoWhatsAppWebhookIsRefusedWith400(String body) {
        double before = gateway.counter("whatsapp.webhook.refused", "reason", "400");
        try (CapturedLog log = new CapturedLog()) {
            HttpResponse<String> answer = gateway.post(bytes(body), JSON, signature(SECRET, bytes(body)));
            refused(answer, 400);
            assertThat(answer.body()).isEmpty();
            assertThat(log.events("whatsapp.webhook.refused")).hasSize(1);
            assertThat(log.everything()).doesNotContain("secretword");
        }
        assertThat(gateway.counter("whatsapp.webhook.refused", "reason", "400")).isEqualTo(before + 1);
    }

    @Test
    void headersAndParametersOfTheRequestReachNoRoute() {
        byte[] body = text("with strange headers");
        HttpResponse<String> answer = TestGateway.send(HttpRequest.newBuilder(gateway.url("/webhook?CamelHttpUri=http://x.example"
                        + "&WhatsAppUpdateId=secretword&WhatsAppUser=15555559999&Long-Running-Action=z&CamelHttpResponseCode=201"
                        + "&breadcrumbId=secretword&CamelHttpPath=/x"))
                .timeout(LIMIT)
                .header("Content-Type", JSON).header("X-Hub-Signature-256", signature(SECRET, body))
                .header("CamelHttpUri", "http://x.example").header("WhatsAppPhoneNumberId", "secretword")
                .header("WhatsAppConversation", "secretword").header("WhatsAppQuote", "secretword")
                .header("X-Other", "secretword")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build());
        assertThat(answer.statusCode()).isEqualTo(200);
        echoesNothing(answer);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(answers()).containsExactly("re: with strange headers"));
        EchoUnderstanding.Heard heard = UNDERSTANDING.heard("with strange headers");
        assertThat(heard.headers().keySet()).containsExactlyInAnyOrder("WhatsAppUpdateKind", "WhatsAppMessageType", "WhatsAppUpdateId",
                "WhatsAppAccountId", "WhatsAppPhoneNumberId", "WhatsAppMessageId", "WhatsAppUser", "WhatsAppProfileName",
                "WhatsAppTimestamp", "WhatsAppConversation");
        assertThat(heard.headers().toString()).doesNotContain("secretword").doesNotContain("15555559999");
        assertThat(heard.headers()).containsEntry("WhatsAppUser", user).containsEntry("WhatsAppPhoneNumberId", TestGateway.NUMBER);
        assertThat(shown("?limit=1000")).filteredOn(call -> call.path("summary").asText().startsWith("POST messages")).isNotEmpty()
                .allSatisfy(call -> assertThat(call.path("path").asText() + shown("/" + call.path("seq").asText()).path("request_headers"))
                        .contains("Authorization").doesNotContain("secretword"));
    }

    /** Calls to Graph as the simulator's page has them; one alone has its headers too. */
    private static JsonNode shown(String which) {
        return Flows.json(gateway.get(URI.create(whatsapp.url() + "/simulator/calls" + which)).body());
    }

    @ParameterizedTest
    @CsvSource({"/, 404", "/webhook/other, 404", "/observe/metrics, 404", "/observe/health, 404"})
    void thePublicPortServesNothingElse(String path, int status) {
        assertThat(gateway.get(gateway.url(path)).statusCode()).isEqualTo(status);
    }
}
