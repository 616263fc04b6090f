package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.NUMBER;
import static io.github.waroutes.flow.Flows.awaitUnsent;
import static io.github.waroutes.flow.Flows.json;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
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
import io.github.waroutes.TestGateway;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppMediaException;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.error.WhatsAppNetworkException;
import io.github.waroutes.junit.GraphFault.At;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.simulator.GraphCall;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.util.ObjectHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files on their way to Meta: the upload, what spares it, what it may answer, and the message that carries the file. */
@WhatsAppSimulator(numbers = "other=200000000000002")
class UploadFlowTest {

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static SimulatedWhatsApp whatsapp;
    private static SimulatedGraph graph;

    private final byte[] content = newContent();

    @BeforeAll
    static void start() {
        gateway = Flows.gateway(directory).with(whatsapp).without("whatsapp.numbers.").start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @AfterEach
    void noTemporaryFileIsLeft() {
        assertNoTemporaryFile(directory);
    }

    /** Of a gateway with this directory. */
    static void assertNoTemporaryFile(Path directory) {
        await().atMost(LIMIT).untilAsserted(() -> {
            Path media = directory.resolve("media");
            try (Stream<Path> files = Files.exists(media) ? Files.walk(media) : Stream.empty()) {
                assertThat(files).noneMatch(file -> file.toString().endsWith(".bin"));
            }
        });
    }

    /** Content that no other test has uploaded. */
    static byte[] newContent() {
        return ("%PDF- a made-up document " + UUID.randomUUID()).getBytes(StandardCharsets.UTF_8);
    }

    /** The uploads of the first number. */
    private static List<GraphCall> uploads() {
        return graph.calls().stream().filter(call -> call.path().endsWith("/v26.0/" + NUMBER + "/media")).toList();
    }

    /** The id that Meta gave the last of them. */
    private static String media() {
        return uploads().get(uploads().size() - 1).answer().path("id").asText();
    }

    private static double counted(String status) {
        return gateway.counter("whatsapp.media.uploads", "status", status);
    }

    static Path file(Path directory, String name, byte[] content) throws Exception {
        return Files.write(Files.createDirectories(directory.resolve("files-" + UUID.randomUUID())).resolve(name), content);
    }

    private Path file(String name) throws Exception {
        return file(directory, name, content);
    }

    static Message call(TestGateway gateway, String endpoint, Object body, Map<String, Object> headers) {
        try (ProducerTemplate template = gateway.camel().createProducerTemplate()) {
            Exchange done = template.request(endpoint, exchange -> {
                exchange.getMessage().setBody(body);
                exchange.getMessage().setHeaders(new HashMap<>(headers));
            });
            if (done.getException() != null) {
                throw new CamelExecutionException("failed", done, done.getException());
            }
            return done.getMessage();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String upload(Object body, String type) {
        return call(gateway, "direct:whatsapp-upload-media", body, Map.of("WhatsAppMediaType", type)).getBody(String.class);
    }

    static <T extends WhatsAppException> T failure(TestGateway gateway, Class<T> type, String endpoint, Object body, Map<String, Object> headers) {
        Throwable thrown = catchThrowableOfType(CamelExecutionException.class, () -> call(gateway, endpoint, body, headers));
        assertThat(thrown).as("the call fails").isNotNull();
        WhatsAppException typed = ObjectHelper.getException(WhatsAppException.class, thrown);
        assertThat(typed).isExactlyInstanceOf(type);
        return type.cast(typed);
    }

    private static <T extends WhatsAppException> T failure(Class<T> type, String endpoint, Object body, Map<String, Object> headers) {
        return failure(gateway, type, endpoint, body, headers);
    }

    private <T extends WhatsAppException> T uploadFailure(Class<T> type) {
        return failure(type, "direct:whatsapp-upload-media", content, Map.of("WhatsAppMediaType", "application/pdf"));
    }

    static Stream<String> bodies() {
        return Stream.of("bytes", "stream", "file", "path");
    }

    static Object body(String form, Path directory, byte[] content) throws Exception {
        return switch (form) {
            case "bytes" -> content;
            case "stream" -> new ByteArrayInputStream(content);
            case "file" -> file(directory, "report.pdf", content).toFile();
            default -> file(directory, "report.pdf", content);
        };
    }

    @Test
    void aFileOfTheCallersOwnStaysWhereItIs() throws Exception {
        Path file = file("report.pdf");
        upload(file, "application/pdf");
        assertThat(file).hasBinaryContent(content);
    }

    @Test
    void theSameContentIsUploadedOnceHoweverItComes() throws Exception {
        double before = counted("reused");
        for (String form : bodies().toList()) {
            assertThat(upload(body(form, directory, content), "application/pdf")).isEqualTo(media());
        }
        assertThat(uploads()).hasSize(1);
        assertThat(counted("reused")).isEqualTo(before + 3);
    }

    @Test
    void theSameContentForAnotherNumberOrOfAnotherTypeIsAnotherUpload() {
        assertThat(upload(content, "application/pdf")).isEqualTo(media());
        assertThat(call(gateway, "direct:whatsapp-upload-media", content, Map.of("WhatsAppMediaType", "application/pdf",
                "WhatsAppPhoneNumberId", "200000000000002")).getBody()).isNotEqualTo(media());
        assertThat(graph.calls()).hasSize(2).last().satisfies(call -> assertThat(call.path()).endsWith("/200000000000002/media"));
        upload(content, "text/plain");
        upload(content, "text/plain; charset=utf-8");
        assertThat(uploads()).hasSize(3);
    }

    @Test
    void ofManyUploadsOfTheSameContentAtTheSameMomentOneIsMade() throws Exception {
        graph.isSlow(Duration.ofMillis(500)).at(At.MEDIA);
        assertThat(atOnce(8, () -> upload(content, "application/pdf"))).containsOnly(media()).hasSize(8);
        assertThat(uploads()).hasSize(1);
    }

    static <T> List<T> atOnce(int count, Callable<T> call) throws Exception {
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
        assertThat(graph.calls()).isEmpty();
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
        assertThat(graph.calls()).isEmpty();
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
        assertThat(graph.calls()).isEmpty();
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
        assertThat(graph.calls()).isEmpty();
    }

    @Test
    void aMediaErrorOfGraphIsAMediaException() {
        graph.fails(131053).at(At.MEDIA);
        WhatsAppMediaException failure = uploadFailure(WhatsAppMediaException.class);
        assertThat(failure.getErrorCode()).isEqualTo(131053);
        assertThat(failure.getTraceId()).isEqualTo(uploads().get(0).answer().at("/error/fbtrace_id").asText()).isNotEmpty();
        assertThat(failure.getContext()).containsEntry("endpoint", "media_upload");
        assertThat(uploads()).hasSize(1);
    }

    @Test
    void anAnswerThatDoesNotComeInTimeIsATimeout() {
        graph.isSlow(Duration.ofMillis(2500)).at(At.MEDIA);
        assertThat(uploadFailure(WhatsAppNetworkException.class).isTimeout()).isTrue();
    }

    @Test
    void aFileThatIsWrittenToDuringItsUploadIsNotReusedForItsOldContent() throws Exception {
        Path file = file("report.pdf");
        graph.isSlow(Duration.ofMillis(700)).at(At.MEDIA);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<WhatsAppMediaException> failed = thread.submit(() -> failure(WhatsAppMediaException.class,
                    "direct:whatsapp-upload-media", file, Map.of("WhatsAppMediaType", "application/pdf")));
            await().atMost(LIMIT).until(() -> uploads().size() == 1);
            try (OutputStream more = Files.newOutputStream(file, java.nio.file.StandardOpenOption.APPEND)) {
                more.write('x');
            }
            assertThat(failed.get()).hasMessageContaining("changed while it was uploaded");
        } finally {
            thread.shutdownNow();
        }
        upload(content, "application/pdf");
        assertThat(uploads()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../1", "1?x=y", "1/2"})
    void anIdThatIsNoneIsNotDeleted(String id) {
        failure(WhatsAppMediaException.class, "direct:whatsapp-delete-media", null, Map.of("WhatsAppMediaId", id));
        assertThat(graph.calls()).isEmpty();
    }

    private static JsonNode sent(String user) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.callsTo(user)).hasSize(1));
        ObjectNode message = graph.callsTo(user).get(0).body().deepCopy();
        // our own id, which comes back in each status
        message.remove("biz_opaque_callback_data");
        return message;
    }

    /** The SHA-256 of a file that Meta has, as Meta tells it. */
    private static String sha256(String media) {
        return json(TestGateway.send(HttpRequest.newBuilder(URI.create(whatsapp.graphUrl() + "/v26.0/" + media)).timeout(LIMIT)
                .header("Authorization", "Bearer " + whatsapp.accessToken()).build()).body()).path("sha256").asText();
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
                + "\"filename\":\"Angebot für Kim.pdf\",\"id\":\"" + media() + "\"},\"context\":{\"message_id\":\"wamid.Q\"}"));
        assertThat(uploads()).hasSize(1);
        assertThat(gateway.counter("whatsapp.messages.sent", "type", "document", "status", "success")).isPositive();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
            "image/jpeg|-|\"type\":\"image\",\"image\":{\"id\":\"MEDIA\"}",
            "audio/ogg; codecs=opus|-|\"type\":\"audio\",\"audio\":{\"id\":\"MEDIA\"}",
            "audio/ogg; codecs=opus|voice|\"type\":\"audio\",\"audio\":{\"voice\":true,\"id\":\"MEDIA\"}",
            "video/mp4|-|\"type\":\"video\",\"video\":{\"id\":\"MEDIA\"}",
            "application/pdf|-|\"type\":\"document\",\"document\":{\"id\":\"MEDIA\"}",
            "image/webp|Sticker|\"type\":\"sticker\",\"sticker\":{\"id\":\"MEDIA\"}"})
    void everyKindIsAMessageOfItsOwn(String type, String kind, String expected) throws Exception {
        String user = user();
        Map<String, Object> headers = new HashMap<>(Map.of("WhatsAppMediaType", type));
        if (kind != null) {
            headers.put("WhatsAppMediaKind", kind);
        }
        sendMedia(user, new ByteArrayInputStream(content), headers);
        assertThat(sent(user)).isEqualTo(message(user, expected.replace("MEDIA", media())));
        assertThat(uploads()).hasSize(1);
        assertThat(sha256(media())).isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content)));
    }

    @Test
    void aDocumentToManyIsUploadedOnce() throws Exception {
        Path file = file("menu.pdf");
        List<String> users = List.of(user(), user(), user());
        users.forEach(user -> sendMedia(user, file, Map.of()));
        assertThat(users).allSatisfy(user -> assertThat(sent(user).at("/document/filename").asText()).isEqualTo("menu.pdf"));
        assertThat(uploads()).hasSize(1);
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
        assertThat(graph.calls()).isEmpty();
    }

    @Test
    void aFileThatCannotBeUploadedIsNoMessage() {
        String user = user();
        graph.fails(131053).at(At.MEDIA);
        failure(WhatsAppMediaException.class, "direct:whatsapp-send-media", content,
                Map.of("WhatsAppMediaType", "application/pdf", "WhatsAppUser", user));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.outbound")).isZero());
        assertThat(graph.callsTo(user)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 131052, 131053})
    void anIdThatASendIsRefusedForIsNotUsedAgain(int code) {
        String user = user();
        graph.fails(code).forUser(user).always();
        String id = sendMedia(user, content, Map.of("WhatsAppMediaType", "application/pdf", "WhatsAppMediaFilename", "kim.pdf",
                "WhatsAppCaption", "Dear Kim"));
        assertThat(awaitUnsent(gateway, id).queueHeaders()).containsEntry("WhatsAppMediaId", media())
                .doesNotContainKeys("WhatsAppCaption", "WhatsAppMediaFilename", "WhatsAppMediaKind");
        upload(content, "application/pdf");
        assertThat(uploads()).hasSize(2);
    }

    @Test
    void anIdThatAMessageOfTheCallersOwnIsRefusedForIsNotUsedAgain() {
        String user = user();
        String media = upload(content, "application/pdf");
        graph.fails(131053).forUser(user).always();
        awaitUnsent(gateway, Flows.send(gateway, "direct:whatsapp-send", message(user, "\"type\":\"document\",\"document\":{\"id\":\""
                + media + "\"}").toString(), Map.of()));
        upload(content, "application/pdf");
        assertThat(uploads()).hasSize(2);
    }

    @Test
    void anIdThatIsNotToBlameIsUsedAgain() {
        String user = user();
        graph.fails(131026).forUser(user).always();
        awaitUnsent(gateway, sendMedia(user, content, Map.of("WhatsAppMediaType", "application/pdf")));
        upload(content, "application/pdf");
        assertThat(uploads()).hasSize(1);
    }
}
