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
import static io.github.waroutes.TestGateway.NUMBER;
import static io.github.waroutes.flow.Flows.refusal;
import static io.github.waroutes.flow.UploadFlowTest.atOnce;
import static io.github.waroutes.flow.UploadFlowTest.body;
import static io.github.waroutes.flow.UploadFlowTest.call;
import static io.github.waroutes.flow.UploadFlowTest.failure;
import static io.github.waroutes.flow.UploadFlowTest.file;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import io.github.waroutes.TestGateway;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppAuthException;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppMediaException;
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
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An upload as it is on the wire, and answers to it that Graph does not give. WireMock stands for Meta: the simulator shows neither headers nor
 * parts of a request, and answers an upload with an id of its own or an error.
 */
class UploadWireFlowTest {

    private static final String UPLOAD = "/v26.0/" + NUMBER + "/media";
    private static final String MEDIA = "990001";

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    private final byte[] content = UploadFlowTest.newContent();

    @BeforeAll
    static void start() {
        // megabytes take their time on a busy machine
        gateway = Flows.gateway(directory).with("whatsapp.upload.check", "warn").with("whatsapp.http.read-timeout", 15_000).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void metaTakesEverything() {
        Flows.reset(gateway);
        answers(okJson("{\"id\":\"" + MEDIA + "\"}"));
        gateway.meta().stubFor(delete(urlEqualTo("/v26.0/" + MEDIA)).willReturn(okJson("{\"success\":true}")));
    }

    @AfterEach
    void noTemporaryFileIsLeft() {
        UploadFlowTest.assertNoTemporaryFile(directory);
    }

    private static void answers(ResponseDefinitionBuilder answer) {
        gateway.meta().stubFor(post(urlEqualTo(UPLOAD)).willReturn(answer));
    }

    private static int uploads() {
        return gateway.meta().findAll(postRequestedFor(urlEqualTo(UPLOAD))).size();
    }

    private static double counted(String status) {
        return gateway.counter("whatsapp.media.uploads", "status", status);
    }

    private static String upload(Object body, String type) {
        return call(gateway, "direct:whatsapp-upload-media", body, Map.of("WhatsAppMediaType", type)).getBody(String.class);
    }

    private <T extends WhatsAppException> T uploadFailure(Class<T> type) {
        return failure(gateway, type, "direct:whatsapp-upload-media", content, Map.of("WhatsAppMediaType", "application/pdf"));
    }

    @ParameterizedTest
    @MethodSource("io.github.waroutes.flow.UploadFlowTest#bodies")
    void whateverHoldsTheFileItGoesToMetaInThreePartsWithTheToken(String form) throws Exception {
        double before = counted("success");
        Message out = call(gateway, "direct:whatsapp-upload-media", body(form, directory, content), Map.of("WhatsAppMediaType", "application/pdf",
                "WhatsAppMediaFilename", "../Q3 \"report\"\r\nX: 1.pdf", "WhatsAppUser", "15555550100", "Mine", "kept"));

        assertThat(out.getBody()).isEqualTo(MEDIA);
        assertThat(out.getHeaders()).containsEntry("WhatsAppMediaId", MEDIA).containsEntry("Mine", "kept")
                .containsEntry("WhatsAppUser", "15555550100").containsEntry("WhatsAppMediaType", "application/pdf")
                .doesNotContainKeys("Authorization", "Content-Type", "CamelHttpPath", "Expect");
        gateway.meta().verify(1, postRequestedFor(urlEqualTo(UPLOAD))
                .withHeader("Authorization", equalTo("Bearer " + TestGateway.TOKEN))
                .withHeader("Expect", equalTo("100-continue"))
                .withHeader("Content-Type", matching("multipart/form-data; *boundary=[^;]+"))
                .withHeader("Mine", absent()).withHeader("WhatsAppUser", absent())
                .withRequestBodyPart(aMultipart("messaging_product").withBody(equalTo("whatsapp")).build())
                .withRequestBodyPart(aMultipart("type").withBody(equalTo("application/pdf")).build())
                .withRequestBodyPart(aMultipart("file").withHeader("Content-Type", equalTo("application/pdf"))
                        .withHeader("Content-Disposition", containing("filename=\"Q3 _report___X_ 1.pdf\""))
                        .withBody(binaryEqualTo(content)).build()));
        gateway.meta().verify(1, anyRequestedFor(anyUrl()));
        assertThat(counted("success")).isEqualTo(before + 1);
        assertThat(gateway.metrics().lines()).anyMatch(line -> line.startsWith("whatsapp_api_latency_seconds_bucket{")
                && line.contains("endpoint=\"media_upload\"") && line.contains("method=\"POST\"") && !line.endsWith(" 0"));
    }

    @Test
    void aFileWithoutATypeHasThatOfItsName() throws Exception {
        assertThat(call(gateway, "direct:whatsapp-upload-media", file(directory, "Report.PDF", content), Map.of()).getBody()).isEqualTo(MEDIA);
        gateway.meta().verify(1, postRequestedFor(urlEqualTo(UPLOAD))
                .withRequestBodyPart(aMultipart("type").withBody(equalTo("application/pdf")).build())
                .withRequestBodyPart(aMultipart("file").withHeader("Content-Disposition", containing("filename=\"file.pdf\"")).build()));
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
    void whatIsDeletedIsUploadedAnew() {
        upload(content, "application/pdf");
        Message out = call(gateway, "direct:whatsapp-delete-media", "my body", Map.of("WhatsAppMediaId", MEDIA, "Mine", "kept"));
        assertThat(out.getBody()).isEqualTo("my body");
        assertThat(out.getHeaders()).containsEntry("Mine", "kept");
        gateway.meta().verify(1, deleteRequestedFor(urlEqualTo("/v26.0/" + MEDIA))
                .withHeader("Authorization", equalTo("Bearer " + TestGateway.TOKEN)).withHeader("Mine", absent()));
        upload(content, "application/pdf");
        assertThat(uploads()).isEqualTo(2);
    }

    @Test
    void aDeletionThatFailsForgetsTheIdToo() {
        upload(content, "application/pdf");
        gateway.meta().stubFor(delete(urlEqualTo("/v26.0/" + MEDIA)).willReturn(refusal(404, 100)));
        assertThat(failure(gateway, WhatsAppMediaException.class, "direct:whatsapp-delete-media", null, Map.of("WhatsAppMediaId", MEDIA))
                .isNotFound()).isTrue();
        gateway.meta().stubFor(delete(urlEqualTo("/v26.0/" + MEDIA)).willReturn(okJson("{\"success\":false}")));
        failure(gateway, WhatsAppServiceException.class, "direct:whatsapp-delete-media", null, Map.of("WhatsAppMediaId", MEDIA));
        upload(content, "application/pdf");
        assertThat(uploads()).isEqualTo(2);
    }

    @Test
    void whatIsRefusedHereIsLeftToMetaIfTheOperatorSaysSo() {
        assertThat(upload(new ByteArrayInputStream(new byte[(5 << 20) + 1]), "image/png")).isEqualTo(MEDIA);
        assertThat(uploads()).isEqualTo(1);
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
