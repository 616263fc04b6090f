package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aMultipart;
import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.binaryEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.deleteRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matching;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.NUMBER;
import static io.github.waroutes.flow.Flows.awaitUnsent;
import static io.github.waroutes.flow.Flows.json;
import static io.github.waroutes.flow.Flows.messagesTo;
import static io.github.waroutes.flow.Flows.refusal;
import static io.github.waroutes.flow.Flows.requestsTo;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import io.github.waroutes.TestGateway;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppAuthException;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppMediaException;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.error.WhatsAppNetworkException;
import io.github.waroutes.error.WhatsAppServiceException;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.util.ObjectHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files on their way to Meta: the upload, what spares it, what it may answer, and the message that carries the file. */
class UploadFlowTest {

    private static final String UPLOAD = "/v26.0/" + NUMBER + "/media";
    private static final String MEDIA = "990001";

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static ProducerTemplate template;

    /** Content that no other test has uploaded. */
    private final byte[] content = ("%PDF- a made-up document " + UUID.randomUUID()).getBytes(StandardCharsets.UTF_8);

    @BeforeAll
    static void start() {
        gateway = Flows.gateway(directory).start();
        template = gateway.camel().createProducerTemplate();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void metaTakesEverything() {
        Flows.reset(gateway);
        answers(okJson("{\"id\":\"" + MEDIA + "\"}"));
        gateway.meta.stubFor(delete(urlEqualTo("/v26.0/" + MEDIA)).willReturn(okJson("{\"success\":true}")));
    }

    @AfterEach
    void noTemporaryFileIsLeft() {
        await().atMost(LIMIT).untilAsserted(() -> {
            Path media = directory.resolve("media");
            try (Stream<Path> files = Files.exists(media) ? Files.walk(media) : Stream.empty()) {
                assertThat(files).noneMatch(file -> file.toString().endsWith(".bin"));
            }
        });
    }

    private static void answers(ResponseDefinitionBuilder answer) {
        gateway.meta.stubFor(post(urlEqualTo(UPLOAD)).willReturn(answer));
    }

    private static int uploads() {
        return gateway.meta.findAll(postRequestedFor(urlEqualTo(UPLOAD))).size();
    }

    private static double counted(String status) {
        return gateway.counter("whatsapp.media.uploads", "status", status);
    }

    private Path file(String name) throws Exception {
        return Files.write(Files.createDirectories(directory.resolve("files-" + UUID.randomUUID())).resolve(name), content);
    }

    private static Message call(String endpoint, Object body, Map<String, Object> headers) {
        Exchange done = template.request(endpoint, exchange -> {
            exchange.getMessage().setBody(body);
            exchange.getMessage().setHeaders(new HashMap<>(headers));
        });
        if (done.getException() != null) {
            throw new CamelExecutionException("failed", done, done.getException());
        }
        return done.getMessage();
    }

    private static String upload(Object body, String type) {
        return call("direct:whatsapp-upload-media", body, Map.of("WhatsAppMediaType", type)).getBody(String.class);
    }

    private static <T extends WhatsAppException> T failure(Class<T> type, String endpoint, Object body, Map<String, Object> headers) {
        Throwable thrown = catchThrowableOfType(CamelExecutionException.class, () -> call(endpoint, body, headers));
        assertThat(thrown).as("the call fails").isNotNull();
        WhatsAppException typed = ObjectHelper.getException(WhatsAppException.class, thrown);
        assertThat(typed).isExactlyInstanceOf(type);
        return type.cast(typed);
    }

    private <T extends WhatsAppException> T uploadFailure(Class<T> type) {
        return failure(type, "direct:whatsapp-upload-media", content, Map.of("WhatsAppMediaType", "application/pdf"));
    }

    static Stream<String> bodies() {
        return Stream.of("bytes", "stream", "file", "path");
    }

    private Object body(String form) throws Exception {
        return switch (form) {
            case "bytes" -> content;
            case "stream" -> new ByteArrayInputStream(content);
            case "file" -> file("report.pdf").toFile();
            default -> file("report.pdf");
        };
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void whateverHoldsTheFileItGoesToMetaInThreePartsWithTheToken(String form) throws Exception {
        double before = counted("success");
        Message out = call("direct:whatsapp-upload-media", body(form), Map.of("WhatsAppMediaType", "application/pdf",
                "WhatsAppMediaFilename", "../Q3 \"report\"\r\nX: 1.pdf", "WhatsAppUser", "15555550100", "Mine", "kept"));

        assertThat(out.getBody()).isEqualTo(MEDIA);
        assertThat(out.getHeaders()).containsEntry("WhatsAppMediaId", MEDIA).containsEntry("Mine", "kept")
                .containsEntry("WhatsAppUser", "15555550100").containsEntry("WhatsAppMediaType", "application/pdf")
                .doesNotContainKeys("Authorization", "Content-Type", "CamelHttpPath", "Expect");
        gateway.meta.verify(1, postRequestedFor(urlEqualTo(UPLOAD))
                .withHeader("Authorization", equalTo("Bearer " + TestGateway.TOKEN))
                .withHeader("Expect", equalTo("100-continue"))
                .withHeader("Content-Type", matching("multipart/form-data; *boundary=[^;]+"))
                .withHeader("Mine", absent()).withHeader("WhatsAppUser", absent())
                .withRequestBodyPart(aMultipart("messaging_product").withBody(equalTo("whatsapp")).build())
                .withRequestBodyPart(aMultipart("type").withBody(equalTo("application/pdf")).build())
                .withRequestBodyPart(aMultipart("file").withHeader("Content-Type", equalTo("application/pdf"))
                        .withHeader("Content-Disposition", containing("filename=\"Q3 _report___X_ 1.pdf\""))
                        .withBody(binaryEqualTo(content)).build()));
        gateway.meta.verify(1, anyRequestedFor(anyUrl()));
        assertThat(counted("success")).isEqualTo(before + 1);
        assertThat(gateway.metrics().lines()).anyMatch(line -> line.startsWith("whatsapp_api_latency_seconds_bucket{")
                && line.contains("endpoint=\"media_upload\"") && line.contains("method=\"POST\"") && !line.endsWith(" 0"));
    }

    @Test
    void aFileOfTheCallersOwnStaysWhereItIs() throws Exception {
        Path file = file("report.pdf");
        upload(file, "application/pdf");
        assertThat(file).hasBinaryContent(content);
    }

    @Test
    void aFileWithoutATypeHasThatOfItsName() throws Exception {
        assertThat(call("direct:whatsapp-upload-media", file("Report.PDF"), Map.of()).getBody()).isEqualTo(MEDIA);
        gateway.meta.verify(1, postRequestedFor(urlEqualTo(UPLOAD))
                .withRequestBodyPart(aMultipart("type").withBody(equalTo("application/pdf")).build())
                .withRequestBodyPart(aMultipart("file").withHeader("Content-Disposition", containing("filename=\"file.pdf\"")).build()));
    }

    @Test
    void theSameContentIsUploadedOnceHoweverItComes() throws Exception {
        double before = counted("reused");
        for (String form : bodies().toList()) {
            assertThat(upload(body(form), "application/pdf")).isEqualTo(MEDIA);
        }
        assertThat(uploads()).isEqualTo(1);
        assertThat(counted("reused")).isEqualTo(before + 3);
    }

    @Test
    void theSameContentForAnotherNumberOrOfAnotherTypeIsAnotherUpload() {
        String other = "/v26.0/200000000000002/media";
        gateway.meta.stubFor(post(urlEqualTo(other)).willReturn(okJson("{\"id\":\"990002\"}")));
        assertThat(upload(content, "application/pdf")).isEqualTo(MEDIA);
        assertThat(call("direct:whatsapp-upload-media", content, Map.of("WhatsAppMediaType", "application/pdf",
                "WhatsAppPhoneNumberId", "200000000000002")).getBody()).isEqualTo("990002");
        upload(content, "text/plain");
        upload(content, "text/plain; charset=utf-8");
        assertThat(uploads()).isEqualTo(3);
    }

    @Test
    void ofManyUploadsOfTheSameContentAtTheSameMomentOneIsMade() throws Exception {
        answers(okJson("{\"id\":\"" + MEDIA + "\"}").withFixedDelay(500));
        assertThat(atOnce(8, () -> upload(content, "application/pdf"))).containsOnly(MEDIA).hasSize(8);
        assertThat(uploads()).isEqualTo(1);
    }

    @Test
    void whoWaitsForAnUploadThatFailsFailsWithItAndTheNextOneIsMade() throws Exception {
        answers(refusal(500, 131000).withFixedDelay(500));
        List<String> failures = atOnce(4, () -> {
            try {
                return upload(content, "application/pdf");
            } catch (CamelExecutionException e) {
                return ObjectHelper.getException(WhatsAppException.class, e).getClass().getSimpleName();
            }
        });
        assertThat(failures).containsOnly("WhatsAppServiceException");
        assertThat(uploads()).isLessThan(4);
        answers(okJson("{\"id\":\"" + MEDIA + "\"}"));
        assertThat(upload(content, "application/pdf")).isEqualTo(MEDIA);
    }

    private static <T> List<T> atOnce(int count, Callable<T> call) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> one : threads.invokeAll(java.util.Collections.nCopies(count, call))) {
                results.add(one.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aFileThatIsTooLargeIsRefusedBeforeMetaIsAsked() {
        double before = counted("error");
        WhatsAppMediaException refused = failure(WhatsAppMediaException.class, "direct:whatsapp-upload-media",
                new byte[(5 << 20) + 1], Map.of("WhatsAppMediaType", "image/png"));
        assertThat(refused).hasMessageContaining("image is 5242880 bytes").hasMessageContaining("Make the file smaller");
        assertThat(refused.getRetryClass()).isEqualTo(RetryClass.NEVER);
        gateway.meta.verify(0, anyRequestedFor(anyUrl()));
        assertThat(counted("error")).isEqualTo(before + 1);
    }

    @Test
    void aStreamThatDoesNotEndIsRefusedAtItsLimit() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 1;
            }
        };
        assertThat(failure(WhatsAppMediaException.class, "direct:whatsapp-upload-media", endless,
                Map.of("WhatsAppMediaType", "image/jpeg"))).hasMessageContaining("5242880");
        gateway.meta.verify(0, anyRequestedFor(anyUrl()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"image/gif| |WhatsApp takes no files of the type image/gif. Convert the file to one of image/",
            "image/png|video|WhatsApp takes no image/png as video. Convert the file to video/3gpp or video/mp4",
            "image/png|hologram|WhatsAppMediaKind names no kind of media. Give one of image, audio, voice",
            "png| |WhatsAppMediaType is no mime type. Give one such as image/jpeg",
            "''| |Set the header WhatsAppMediaType"})
    void aTypeThatMetaDoesNotTakeIsRefusedBeforeItIsAsked(String type, String kind, String message) {
        Map<String, Object> headers = new HashMap<>(Map.of("WhatsAppMediaType", type));
        headers.put("WhatsAppMediaKind", kind);
        assertThat(failure(WhatsAppMediaException.class, "direct:whatsapp-upload-media", content, headers)).hasMessageContaining(message);
        gateway.meta.verify(0, anyRequestedFor(anyUrl()));
    }

    @Test
    void whatCannotBeReadIsRefusedAndTheNameIsNotTold() {
        Map<String, Object> pdf = Map.of("WhatsAppMediaType", "application/pdf");
        assertThat(failure(WhatsAppMediaException.class, "direct:whatsapp-upload-media", directory.resolve("kim.pdf"), pdf))
                .hasMessageContaining("cannot be read (NoSuchFileException)").hasMessageNotContaining("kim").hasNoCause();
        assertThat(failure(WhatsAppMediaException.class, "direct:whatsapp-upload-media", null, pdf))
                .hasMessageContaining("Give a File, a Path, an InputStream or a byte[]");
        assertThat(failure(WhatsAppMediaException.class, "direct:whatsapp-upload-media", new byte[0], pdf))
                .hasMessageContaining("empty");
        gateway.meta.verify(0, anyRequestedFor(anyUrl()));
    }

    @Test
    void aMediaErrorOfGraphIsAMediaException() {
        answers(refusal(400, 131053));
        WhatsAppMediaException failure = uploadFailure(WhatsAppMediaException.class);
        assertThat(failure.getErrorCode()).isEqualTo(131053);
        assertThat(failure.getTraceId()).isEqualTo("AbCdEf123");
        assertThat(failure.getContext()).containsEntry("endpoint", "media_upload");
        assertThat(uploads()).isEqualTo(1);
    }

    @Test
    void aFailureIsNotRemembered() {
        answers(refusal(401, 190));
        assertThat(uploadFailure(WhatsAppAuthException.class).getRetryClass()).isEqualTo(RetryClass.ALARM);
        answers(aResponse().withStatus(500).withBody("<html>"));
        assertThat(uploadFailure(WhatsAppServiceException.class).getRetryClass()).isEqualTo(RetryClass.TRANSIENT);
        answers(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER));
        assertThat(uploadFailure(WhatsAppNetworkException.class).isTimeout()).isFalse();
        answers(okJson("{\"success\":true}"));
        assertThat(uploadFailure(WhatsAppServiceException.class)).hasMessageContaining("no media id");
        answers(okJson("{\"id\":\"../1\"}"));
        uploadFailure(WhatsAppServiceException.class);
        assertThat(uploads()).isEqualTo(5);
        answers(okJson("{\"id\":" + MEDIA + "}"));
        assertThat(upload(content, "application/pdf")).isEqualTo(MEDIA);
    }

    @Test
    void anAnswerThatDoesNotComeInTimeIsATimeout() {
        answers(okJson("{\"id\":\"1\"}").withFixedDelay(2500));
        assertThat(uploadFailure(WhatsAppNetworkException.class).isTimeout()).isTrue();
    }

    @Test
    void aFileThatIsWrittenToDuringItsUploadIsNotReusedForItsOldContent() throws Exception {
        Path file = file("report.pdf");
        answers(okJson("{\"id\":\"" + MEDIA + "\"}").withFixedDelay(700));
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<WhatsAppMediaException> failed = thread.submit(() -> failure(WhatsAppMediaException.class,
                    "direct:whatsapp-upload-media", file, Map.of("WhatsAppMediaType", "application/pdf")));
            await().atMost(LIMIT).until(() -> uploads() == 1);
            try (OutputStream more = Files.newOutputStream(file, java.nio.file.StandardOpenOption.APPEND)) {
                more.write('x');
            }
            assertThat(failed.get()).hasMessageContaining("changed while it was uploaded");
        } finally {
            thread.shutdownNow();
        }
        upload(content, "application/pdf");
        assertThat(uploads()).isEqualTo(2);
    }

    @Test
    void whatIsDeletedIsUploadedAnew() {
        upload(content, "application/pdf");
        Message out = call("direct:whatsapp-delete-media", "my body", Map.of("WhatsAppMediaId", MEDIA, "Mine", "kept"));
        assertThat(out.getBody()).isEqualTo("my body");
        assertThat(out.getHeaders()).containsEntry("Mine", "kept");
        gateway.meta.verify(1, deleteRequestedFor(urlEqualTo("/v26.0/" + MEDIA))
                .withHeader("Authorization", equalTo("Bearer " + TestGateway.TOKEN)).withHeader("Mine", absent()));
        upload(content, "application/pdf");
        assertThat(uploads()).isEqualTo(2);
    }

    @Test
    void aDeletionThatFailsForgetsTheIdToo() {
        upload(content, "application/pdf");
        gateway.meta.stubFor(delete(urlEqualTo("/v26.0/" + MEDIA)).willReturn(refusal(404, 100)));
        assertThat(failure(WhatsAppMediaException.class, "direct:whatsapp-delete-media", null, Map.of("WhatsAppMediaId", MEDIA))
                .isNotFound()).isTrue();
        gateway.meta.stubFor(delete(urlEqualTo("/v26.0/" + MEDIA)).willReturn(okJson("{\"success\":false}")));
        failure(WhatsAppServiceException.class, "direct:whatsapp-delete-media", null, Map.of("WhatsAppMediaId", MEDIA));
        upload(content, "application/pdf");
        assertThat(uploads()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../1", "1?x=y", "1/2"})
    void anIdThatIsNoneIsNotDeleted(String id) {
        failure(WhatsAppMediaException.class, "direct:whatsapp-delete-media", null, Map.of("WhatsAppMediaId", id));
        gateway.meta.verify(0, anyRequestedFor(anyUrl()));
    }

    private static JsonNode sent(String user) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(requestsTo(gateway, user)).hasSize(1));
        JsonNode message = json(requestsTo(gateway, user).get(0).getBody());
        // our own id, which comes back in each status
        ((ObjectNode) message).remove("biz_opaque_callback_data");
        return message;
    }

    private String sendMedia(String user, Object body, Map<String, Object> headers) {
        Map<String, Object> all = new HashMap<>(headers);
        all.put("WhatsAppUser", user);
        return Flows.send(gateway, "direct:whatsapp-send-media", body, all);
    }

    private static JsonNode message(String user, String rest) {
        return json("{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\",\"to\":\"+" + user + "\"," + rest + "}");
    }

    @Test
    void aDocumentIsUploadedAndSentWithItsCaptionAndName() throws Exception {
        String user = user();
        sendMedia(user, file("offer.pdf"), Map.of("WhatsAppCaption", "Your offer", "WhatsAppMediaFilename", "Angebot für Kim.pdf",
                "WhatsAppQuote", "wamid.Q"));
        assertThat(sent(user)).isEqualTo(message(user, "\"type\":\"document\",\"document\":{\"caption\":\"Your offer\","
                + "\"filename\":\"Angebot für Kim.pdf\",\"id\":\"" + MEDIA + "\"},\"context\":{\"message_id\":\"wamid.Q\"}"));
        assertThat(uploads()).isEqualTo(1);
        assertThat(gateway.counter("whatsapp.messages.sent", "type", "document", "status", "success")).isPositive();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
            "image/jpeg|-|\"type\":\"image\",\"image\":{\"id\":\"990001\"}",
            "audio/ogg; codecs=opus|-|\"type\":\"audio\",\"audio\":{\"id\":\"990001\"}",
            "audio/ogg; codecs=opus|voice|\"type\":\"audio\",\"audio\":{\"voice\":true,\"id\":\"990001\"}",
            "video/mp4|-|\"type\":\"video\",\"video\":{\"id\":\"990001\"}",
            "application/pdf|-|\"type\":\"document\",\"document\":{\"id\":\"990001\"}",
            "image/webp|Sticker|\"type\":\"sticker\",\"sticker\":{\"id\":\"990001\"}"})
    void everyKindIsAMessageOfItsOwn(String type, String kind, String expected) {
        String user = user();
        Map<String, Object> headers = new HashMap<>(Map.of("WhatsAppMediaType", type));
        if (kind != null) {
            headers.put("WhatsAppMediaKind", kind);
        }
        sendMedia(user, new ByteArrayInputStream(content), headers);
        assertThat(sent(user)).isEqualTo(message(user, expected));
        gateway.meta.verify(1, postRequestedFor(urlEqualTo(UPLOAD))
                .withRequestBodyPart(aMultipart("file").withBody(binaryEqualTo(content)).build()));
    }

    @Test
    void aDocumentToManyIsUploadedOnce() throws Exception {
        Path file = file("menu.pdf");
        List<String> users = List.of(user(), user(), user());
        users.forEach(user -> sendMedia(user, file, Map.of()));
        assertThat(users).allSatisfy(user -> assertThat(sent(user).at("/document/filename").asText()).isEqualTo("menu.pdf"));
        assertThat(uploads()).isEqualTo(1);
    }

    @Test
    void aMessageThatCannotBeSentCostsNoUpload() {
        Map<String, Object> pdf = Map.of("WhatsAppMediaType", "application/pdf");
        failure(WhatsAppMessageException.class, "direct:whatsapp-send-media", content, pdf);
        assertThat(failure(WhatsAppMessageException.class, "direct:whatsapp-send-media", content,
                Map.of("WhatsAppMediaType", "audio/ogg", "WhatsAppUser", "15555550100", "WhatsAppCaption", "Listen")))
                .hasMessageContaining("takes no caption");
        assertThat(failure(WhatsAppMessageException.class, "direct:whatsapp-send-media", content,
                Map.of("WhatsAppMediaType", "image/png", "WhatsAppUser", "15555550100", "WhatsAppCaption", "x".repeat(1025))))
                .hasMessageContaining("caption").hasMessageContaining("1024");
        gateway.meta.verify(0, anyRequestedFor(anyUrl()));
    }

    @Test
    void aFileThatCannotBeUploadedIsNoMessage() {
        String user = user();
        answers(refusal(400, 131053));
        failure(WhatsAppMediaException.class, "direct:whatsapp-send-media", content,
                Map.of("WhatsAppMediaType", "application/pdf", "WhatsAppUser", user));
        assertThat(gateway.queued("whatsapp.outbound")).isZero();
        assertThat(requestsTo(gateway, user)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 131052, 131053})
    void anIdThatASendIsRefusedForIsNotUsedAgain(int code) {
        String user = user();
        gateway.meta.stubFor(messagesTo(user).willReturn(refusal(400, code)));
        String id = sendMedia(user, content, Map.of("WhatsAppMediaType", "application/pdf", "WhatsAppMediaFilename", "kim.pdf",
                "WhatsAppCaption", "Dear Kim"));
        assertThat(awaitUnsent(gateway, id).queueHeaders()).containsEntry("WhatsAppMediaId", MEDIA)
                .doesNotContainKeys("WhatsAppCaption", "WhatsAppMediaFilename", "WhatsAppMediaKind");
        upload(content, "application/pdf");
        assertThat(uploads()).isEqualTo(2);
    }

    @Test
    void anIdThatAMessageOfTheCallersOwnIsRefusedForIsNotUsedAgain() {
        String user = user();
        String media = upload(content, "application/pdf");
        gateway.meta.stubFor(messagesTo(user).willReturn(refusal(400, 131053)));
        awaitUnsent(gateway, Flows.send(gateway, "direct:whatsapp-send", message(user, "\"type\":\"document\",\"document\":{\"id\":\""
                + media + "\"}").toString(), Map.of()));
        upload(content, "application/pdf");
        assertThat(uploads()).isEqualTo(2);
    }

    @Test
    void anIdThatIsNotToBlameIsUsedAgain() {
        String user = user();
        gateway.meta.stubFor(messagesTo(user).willReturn(refusal(400, 131026)));
        awaitUnsent(gateway, sendMedia(user, content, Map.of("WhatsAppMediaType", "application/pdf")));
        upload(content, "application/pdf");
        assertThat(uploads()).isEqualTo(1);
    }

    @Test
    void whatIsRefusedHereIsLeftToMetaIfTheOperatorSaysSo() {
        try (TestGateway lenient = Flows.gateway(directory.resolve("lenient")).with("whatsapp.upload.check", "warn").start()) {
            lenient.meta.stubFor(post(urlEqualTo(UPLOAD)).willReturn(okJson("{\"id\":\"7\"}")));
            assertThat(lenient.camel().createProducerTemplate().requestBodyAndHeader("direct:whatsapp-upload-media",
                    new ByteArrayInputStream(new byte[(5 << 20) + 1]), "WhatsAppMediaType", "image/png", String.class)).isEqualTo("7");
            lenient.meta.verify(1, postRequestedFor(urlEqualTo(UPLOAD)));
        }
    }

    @Test
    void aTokenThatIsRefusedIsSeenBeforeALargeFileIsSent() throws Exception {
        try (ServerSocket strict = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TestGateway early = Flows.gateway(directory.resolve("early"))
                        .with("whatsapp.graph.url", "http://127.0.0.1:" + strict.getLocalPort()).start();
                ProducerTemplate sender = early.camel().createProducerTemplate()) {
            ExecutorService thread = Executors.newSingleThreadExecutor();
            try {
                Future<Long> afterHeaders = thread.submit(() -> answer401AtOnce(strict));
                Exchange done = sender.request("direct:whatsapp-upload-media", exchange -> {
                    exchange.getMessage().setBody(new byte[20 << 20]);
                    exchange.getMessage().setHeader("WhatsAppMediaType", "application/pdf");
                });
                assertThat(done.getException()).isInstanceOf(WhatsAppAuthException.class);
                assertThat(afterHeaders.get()).as("bytes of the file that were sent").isZero();
            } finally {
                thread.shutdownNow();
            }
        }
    }

    /** Answers as soon as the headers are there; gives the number of bytes that came after them. */
    private static long answer401AtOnce(ServerSocket server) throws IOException {
        try (Socket socket = server.accept()) {
            InputStream in = socket.getInputStream();
            StringBuilder headers = new StringBuilder();
            while (headers.indexOf("\r\n\r\n") < 0) {
                headers.append((char) in.read());
            }
            byte[] body = "{\"error\":{\"message\":\"made up\",\"code\":190}}".getBytes(StandardCharsets.UTF_8);
            socket.getOutputStream().write(("HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nConnection: close\r\n"
                    + "Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            socket.shutdownOutput();
            long count = 0;
            try {
                while (in.read() >= 0) {
                    count++;
                }
            } catch (SocketException e) {
                // the client gives a connection up on which it owes a body
            }
            return count;
        }
    }
}
