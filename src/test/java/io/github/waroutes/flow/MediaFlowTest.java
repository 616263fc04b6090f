package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aMultipart;
import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.binaryEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.APOLOGY;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnanswered;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.json;
import static io.github.waroutes.flow.Flows.refusal;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.queue.StoredMessage;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A voice message: media id, URL, bytes, words, answer; and what can go wrong at each hop. WireMock stands for Meta: the simulator shows no
 * headers of a call, and gives neither URLs that lead elsewhere nor files that are too large, broken off or of another type.
 */
class MediaFlowTest {

    private static final byte[] VOICE = "OggS a made-up voice".getBytes(StandardCharsets.UTF_8);
    private static final String MEDIA = "777001";
    private static final String HOP1 = "/v26.0/" + MEDIA;
    private static final String HOP2 = "/whatsapp_business/attachments/?mid=1&ext=2&hash=a%2Fb%3D";
    private static final String SPEECH = "/v1/audio/transcriptions";
    private static final long MAX_BYTES = 50_000;
    private static final int TRANSIENT_TRIES = 3;

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static WireMockServer elsewhere;

    private String user;
    private double successes;
    private double missing;
    private double errors;

    @BeforeAll
    static void start() {
        elsewhere = new WireMockServer(WireMockConfiguration.options().dynamicPort());
        elsewhere.start();
        gateway = Flows.gateway(directory).with("whatsapp.media.max-bytes", MAX_BYTES).with("whatsapp.understanding", "echo")
                .with("whatsapp.media.allowed-hosts", "127.0.0.1,localhost,media.example.com")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:whatsapp-understanding-echo").setBody(simple("You said: ${body}"));
                    }
                }).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        elsewhere.stop();
    }

    @BeforeEach
    void allGoesWell() throws Exception {
        Flows.reset(gateway);
        elsewhere.resetAll();
        elsewhere.stubFor(any(anyUrl()).willReturn(aResponse().withHeader("Content-Type", "audio/ogg").withBody(VOICE)));
        hop1(gateway.meta().url(HOP2), hex(VOICE));
        hop2(voice());
        gateway.meta().stubFor(post(urlEqualTo(SPEECH)).willReturn(okJson("{\"text\":\" when do you open? \"}")));
        user = user();
        successes = downloads("success");
        missing = downloads("not_found");
        errors = downloads("error");
    }

    @AfterEach
    void noFileIsLeft() {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(files()).isEmpty());
    }

    private static List<Path> files() throws IOException {
        Path media = directory.resolve("media");
        if (!Files.exists(media)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(media)) {
            return files.filter(file -> file.toString().endsWith(".bin")).toList();
        }
    }

    private static double downloads(String status) {
        return gateway.counter("whatsapp.media.downloads", "status", status);
    }

    private static String hex(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static void hop1(String url, String hash) {
        gateway.meta().stubFor(get(urlEqualTo(HOP1)).willReturn(okJson(("{\"messaging_product\":\"whatsapp\",\"url\":\"%s\","
                + "\"mime_type\":\"audio/ogg\",\"sha256\":\"%s\",\"file_size\":20,\"id\":\"" + MEDIA + "\"}").formatted(url, hash))));
    }

    private static void hop2(ResponseDefinitionBuilder answer) {
        gateway.meta().stubFor(get(urlEqualTo(HOP2)).willReturn(answer));
    }

    private static ResponseDefinitionBuilder voice() {
        return aResponse().withHeader("Content-Type", "audio/ogg").withBody(VOICE);
    }

    private static int hop1Calls() {
        return gateway.meta().findAll(getRequestedFor(urlEqualTo(HOP1))).size();
    }

    private static int hop2Calls() {
        return gateway.meta().findAll(getRequestedFor(urlEqualTo(HOP2))).size();
    }

    private String speak() {
        String id = Payloads.id();
        String payload = Payloads.messages(Payloads.audio(id, user, MEDIA, "x"));
        assertThat(gateway.webhook(payload).statusCode()).isEqualTo(200);
        return id;
    }

    private void assertAnswered() {
        awaitTexts(gateway, user, "You said: when do you open?");
    }

    /** One apology, one dead letter that holds the update as it came; gives the exception. */
    private JsonNode assertGivenUp() {
        String id = speak();
        StoredMessage letter = awaitUnanswered(gateway, id);
        awaitTexts(gateway, user, APOLOGY);
        Flows.awaitQuiet(gateway);
        awaitTexts(gateway, user, APOLOGY);
        assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).hasSize(1);
        assertThat(json(letter.queueBody()).at("/entry/0/changes/0/value/messages/0"))
                .isEqualTo(Payloads.audio(id, user, MEDIA, "x"));
        assertThat(letter.queueHeaders()).containsEntry("WhatsAppMediaId", MEDIA).containsEntry("WhatsAppUser", user)
                .containsEntry("WhatsAppMessageId", id).containsEntry("WhatsAppDeadLetterSource", "whatsapp.inbound");
        assertThat(downloads("success")).isEqualTo(successes);
        gateway.meta().verify(0, postRequestedFor(urlEqualTo(SPEECH)));
        return exception(letter);
    }

    private void assertCounted(double notFound, double failed) {
        assertThat(downloads("not_found")).isEqualTo(missing + notFound);
        assertThat(downloads("error")).isEqualTo(errors + failed);
    }

    private void assertMediaException(JsonNode exception, boolean notFound) {
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppMediaException");
        assertThat(exception.path("media_id").asText()).isEqualTo(MEDIA);
        assertThat(exception.path("not_found").asBoolean()).isEqualTo(notFound);
    }

    @Test
    void aVoiceMessageIsFetchedInTwoHopsTranscribedAndAnswered() {
        speak();
        assertAnswered();

        for (String hop : List.of(HOP1, HOP2)) {
            gateway.meta().verify(1, getRequestedFor(urlEqualTo(hop)).withHeader("Authorization", equalTo("Bearer " + TestGateway.TOKEN))
                    .withHeader("User-Agent", equalTo("whatsapp-cloud-routes")));
        }
        gateway.meta().verify(1, postRequestedFor(urlEqualTo(SPEECH)).withoutHeader("Authorization")
                .withRequestBodyPart(aMultipart("file").withBody(binaryEqualTo(VOICE))
                        .withHeader("Content-Type", equalTo("audio/ogg")).build())
                .withRequestBodyPart(aMultipart("model").withBody(equalTo("whisper-1")).build()));
        assertThat(downloads("success")).isEqualTo(successes + 1);
        assertCounted(0, 0);
        assertThat(gateway.metrics()).contains("whatsapp_media_downloads_total{").contains("endpoint=\"media_download\"")
                .contains("endpoint=\"media\"").contains("endpoint=\"transcription\"");
    }

    @Test
    void nothingOfTheUpdateReachesTheHopsHeaders() {
        speak();
        assertAnswered();
        gateway.meta().findAll(anyRequestedFor(anyUrl())).forEach(request ->
                assertThat(request.getHeaders().keys()).noneMatch(name -> name.startsWith("WhatsApp") || name.startsWith("Camel")));
    }

    @Test
    void theHashMayBeBase64() throws Exception {
        hop1(gateway.meta().url(HOP2), Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(VOICE)));
        speak();
        assertAnswered();
    }

    @ParameterizedTest
    @CsvSource({"400, 100", "404, 100"})
    void aMediaIdThatMetaDoesNotHaveIsNotFound(int status, int code) {
        gateway.meta().stubFor(get(urlEqualTo(HOP1)).willReturn(aResponse().withStatus(status)
                .withHeader("Content-Type", "application/json").withBody("{\"error\":{\"message\":\"Unsupported get request.\","
                        + "\"type\":\"GraphMethodException\",\"code\":" + code + ",\"error_subcode\":33}}")));
        assertMediaException(assertGivenUp(), true);
        assertCounted(1, 0);
        assertThat(hop1Calls()).isEqualTo(1);
    }

    @Test
    void aBare404AtTheFirstHopIsNotFoundToo() {
        gateway.meta().stubFor(get(urlEqualTo(HOP1)).willReturn(aResponse().withStatus(404)));
        assertMediaException(assertGivenUp(), true);
        assertCounted(1, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"url\":null}", "{\"url\":7}", "{\"url\":{}}", "{\"url\":\"\"}"})
    void anAnswerWithoutAUrlIsAnError(String answer) {
        gateway.meta().stubFor(get(urlEqualTo(HOP1)).willReturn(okJson(answer)));
        JsonNode exception = assertGivenUp();
        assertMediaException(exception, false);
        assertThat(exception.path("message").asText()).contains("holds no URL");
        assertCounted(0, 1);
    }

    @Test
    void anAuthErrorAtTheFirstHopIsNotTriedAgain() {
        gateway.meta().stubFor(get(urlEqualTo(HOP1)).willReturn(refusal(401, 190)));
        assertThat(assertGivenUp().path("type").asText()).isEqualTo("WhatsAppAuthException");
        assertThat(hop1Calls()).isEqualTo(1);
        assertCounted(0, 1);
    }

    @Test
    void aDownloadThatFailsIsTriedAgainAndThenGivenUp() {
        hop2(aResponse().withStatus(500));
        JsonNode exception = assertGivenUp();
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppServiceException");
        assertThat(exception.at("/context/endpoint").asText()).isEqualTo("media_download");
        assertThat(hop2Calls()).isEqualTo(TRANSIENT_TRIES);
        assertCounted(0, TRANSIENT_TRIES);
    }

    @Test
    void aDownloadThatFailsOnceSucceedsTheSecondTime() {
        gateway.meta().stubFor(get(urlEqualTo(HOP2)).inScenario("once").whenScenarioStateIs(Scenario.STARTED)
                .willReturn(aResponse().withStatus(500)).willSetStateTo("then"));
        gateway.meta().stubFor(get(urlEqualTo(HOP2)).inScenario("once").whenScenarioStateIs("then").willReturn(voice()));
        String id = speak();
        assertAnswered();
        assertThat(downloads("success")).isEqualTo(successes + 1);
        assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = Fault.class, names = {"CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK"})
    void aDownloadWhoseConnectionBreaksIsTriedAgainAndThenGivenUp(Fault fault) {
        hop2(aResponse().withStatus(200).withHeader("Content-Type", "audio/ogg").withFault(fault));
        assertThat(assertGivenUp().path("type").asText()).isEqualTo("WhatsAppNetworkException");
        assertThat(hop2Calls()).isEqualTo(TRANSIENT_TRIES);
        assertCounted(0, TRANSIENT_TRIES);
    }

    @Test
    void anExpiredUrlIsAskedForAnewOnce() throws Exception {
        String fresh = "/fresh?mid=2";
        gateway.meta().stubFor(get(urlEqualTo(HOP1)).inScenario("expired").whenScenarioStateIs(Scenario.STARTED)
                .willReturn(okJson("{\"url\":\"" + gateway.meta().url("/stale") + "\"}")).willSetStateTo("then"));
        gateway.meta().stubFor(get(urlEqualTo(HOP1)).inScenario("expired").whenScenarioStateIs("then")
                .willReturn(okJson("{\"url\":\"" + gateway.meta().url(fresh) + "\",\"sha256\":\"" + hex(VOICE) + "\"}")));
        gateway.meta().stubFor(get(urlEqualTo("/stale")).willReturn(aResponse().withStatus(404)));
        gateway.meta().stubFor(get(urlEqualTo(fresh)).willReturn(voice()));
        speak();
        assertAnswered();
        assertThat(hop1Calls()).isEqualTo(2);
        gateway.meta().verify(1, getRequestedFor(urlEqualTo("/stale")));
        gateway.meta().verify(1, getRequestedFor(urlEqualTo(fresh)));
        assertThat(downloads("success")).isEqualTo(successes + 1);
        assertCounted(0, 0);
    }

    @Test
    void aUrlThatExpiresTwiceIsNotFound() {
        hop2(aResponse().withStatus(404));
        assertMediaException(assertGivenUp(), true);
        assertThat(hop1Calls()).isEqualTo(2);
        assertThat(hop2Calls()).isEqualTo(2);
        assertCounted(1, 0);
    }

    @Test
    void bytesOfAnotherHashAreRefused() throws Exception {
        hop1(gateway.meta().url(HOP2), hex("another voice".getBytes(StandardCharsets.UTF_8)));
        JsonNode exception = assertGivenUp();
        assertMediaException(exception, false);
        assertThat(exception.path("message").asText()).contains("SHA-256");
        assertThat(hop2Calls()).isEqualTo(1);
        assertCounted(0, 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileThatIsTooLargeIsRefusedWhetherOrNotItSaysSo(boolean chunked) {
        byte[] large = new byte[(int) MAX_BYTES + 1];
        ResponseDefinitionBuilder answer = aResponse().withHeader("Content-Type", "audio/ogg").withBody(large);
        hop2(chunked ? answer.withChunkedDribbleDelay(5, 50)
                : answer.withHeader("Content-Length", String.valueOf(large.length)));
        JsonNode exception = assertGivenUp();
        assertMediaException(exception, false);
        assertThat(exception.path("message").asText()).contains("whatsapp.media.max-bytes");
        assertCounted(0, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.2:%d/x", "http://media.example.com:%d/x", "https://127.0.0.1:%d/x",
            "http://user@127.0.0.1:%d/x", "http://127.0.0.1:%d/{{whatsapp.app-secret}}", "http://127.0.0.1:%d\\\\@evil.example/"})
    void theTokenDoesNotGoWhereItMayNot(String url) {
        hop1(url.formatted(elsewhere.port()), "");
        JsonNode exception = assertGivenUp();
        assertMediaException(exception, false);
        elsewhere.verify(0, anyRequestedFor(anyUrl()));
        assertCounted(0, 1);
    }

    @Test
    void aRedirectAtTheSecondHopIsNotFollowed() {
        hop2(aResponse().withStatus(302).withHeader("Location", "http://127.0.0.1:" + elsewhere.port() + "/taken"));
        assertGivenUp();
        elsewhere.verify(0, anyRequestedFor(anyUrl()));
        assertThat(hop2Calls()).isEqualTo(1);
        assertCounted(0, 1);
    }

    @Test
    void bytesOfAnotherTypeAreRefused() {
        hop2(aResponse().withHeader("Content-Type", "text/html").withBody("<html>Log in</html>"));
        JsonNode exception = assertGivenUp();
        assertMediaException(exception, false);
        assertThat(exception.path("message").asText()).contains("type");
        assertCounted(0, 1);
    }

    @Test
    void anAudioWithoutAMediaIdIsKeptAndNotApologisedFor() {
        String id = Payloads.id();
        com.fasterxml.jackson.databind.node.ObjectNode audio = Payloads.message(id, user, "audio");
        audio.putObject("audio");
        gateway.webhook(Payloads.messages(audio));
        await().atMost(LIMIT).until(() -> gateway.browse("whatsapp.unhandled").stream()
                .anyMatch(kept -> id.equals(kept.queueHeaders().get("WhatsAppMessageId"))));
        assertThat(Flows.textsTo(gateway, user)).isEmpty();
    }
}
