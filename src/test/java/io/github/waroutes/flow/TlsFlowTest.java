package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.SECRET;
import static io.github.waroutes.TestGateway.VERIFY_TOKEN;
import static io.github.waroutes.TestGateway.signature;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.operate.StartFailure;
import io.github.waroutes.operate.WebhookSelfTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The public port with TLS by Camel's own properties, and with Meta's client certificate asked for; {@code tls/make.sh} makes the certificates. */
class TlsFlowTest {

    private static final Path TLS = Path.of("src/test/resources/tls");
    private static final String PASSWORD = "changeit";
    private static final String META = "meta";
    private static final String API = "{\"messaging_product\":\"whatsapp\",\"to\":\"+%s\",\"type\":\"text\",\"text\":{\"body\":\"by the API\"}}";

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static CapturedLog log;

    @BeforeAll
    static void start() {
        log = new CapturedLog();
        gateway = withTls(new TestGateway(directory)).with("whatsapp.webhook.client-ca", TLS.resolve("meta-ca.pem"))
                .with("whatsapp.api.token", "api-token").start();
        Flows.reset(gateway);
    }

    private static TestGateway withTls(TestGateway gateway) {
        return gateway.with("camel.server.useGlobalSslContextParameters", true).with("camel.ssl.enabled", true)
                .with("camel.ssl.keyStore", "file:" + TLS.resolve("server.p12")).with("camel.ssl.keystorePassword", PASSWORD);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        log.close();
    }

    /** @param certificate whom the caller says to be; null: nobody */
    private static HttpResponse<String> send(String certificate, HttpRequest request) throws Exception {
        KeyManagerFactory keys = null;
        if (certificate != null) {
            keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            // as curl, whatever authorities the server names
            keys.init(store(certificate), PASSWORD.toCharArray());
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore servers = KeyStore.getInstance("PKCS12");
        servers.load(null, null);
        servers.setCertificateEntry("server", store("server").getCertificate("server"));
        trust.init(servers);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys == null ? null : Obstinate.all(keys), trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).version(HttpClient.Version.HTTP_1_1).connectTimeout(LIMIT).build()
                .send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static KeyStore store(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(TLS.resolve(name + ".p12"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private static HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + gateway.port + path)).timeout(LIMIT);
    }

    private static HttpRequest webhook(String user) {
        byte[] body = Payloads.messages(Payloads.text(Payloads.id(), user, "hello")).getBytes(StandardCharsets.UTF_8);
        return to("/webhook").header("Content-Type", "application/json").header("X-Hub-Signature-256", signature(SECRET, body))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
    }

    private static HttpRequest handshake() {
        return to("/webhook?hub.mode=subscribe&hub.challenge=42&hub.verify_token=" + VERIFY_TOKEN).build();
    }

    @Test
    void withMetasCertificateHandshakeAndWebhookAreTaken() throws Exception {
        String user = Flows.user();

        assertThat(send(META, handshake()).body()).isEqualTo("42");
        assertThat(send(META, webhook(user)).statusCode()).isEqualTo(200);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.requestsTo(gateway, user)).isNotEmpty());
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"other-name", "other-authority"})
    void withoutItBothAreRefusedAndCountedAndTheSendApiIsNot(String certificate) throws Exception {
        String user = Flows.user();
        double refused = gateway.counter("whatsapp.webhook.refused", "reason", "client_certificate");
        double stored = gateway.counter("whatsapp.webhook.updates");

        for (HttpRequest request : new HttpRequest[] {webhook(user), handshake()}) {
            HttpResponse<String> answer = send(certificate, request);
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).isEmpty();
        }
        HttpResponse<String> api = send(certificate, to("/api/messages").header("Authorization", "Bearer api-token").header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(API.formatted(user))).build());

        assertThat(gateway.counter("whatsapp.webhook.refused", "reason", "client_certificate")).isEqualTo(refused + 2);
        assertThat(gateway.counter("whatsapp.webhook.updates")).isEqualTo(stored);
        assertThat(api.statusCode()).as(api.body()).isEqualTo(202);
        assertThat(log.events("whatsapp.webhook.refused")).isNotEmpty();
    }

    @Test
    void theStartProvesThatTheWebhookAnswersOverTlsAndTheManagementPortHasNone() {
        new WebhookSelfTest().afterStart(gateway.main());
        assertThat(log.events("whatsapp.client.initialized")).isNotEmpty();
        assertThat(gateway.get(URI.create("http://127.0.0.1:" + gateway.managementPort + "/observe/health")).statusCode()).isEqualTo(200);
    }

    @Test
    void whatCannotBeIsOneLineAtStart(@TempDir Path other) throws Exception {
        Path empty = Files.createFile(other.resolve("empty.pem"));
        try (TestGateway plain = new TestGateway(other).with("whatsapp.webhook.client-ca", TLS.resolve("meta-ca.pem"))) {
            assertThatThrownBy(plain::start).hasStackTraceContaining("whatsapp.webhook.client-ca is set, and the server has no TLS");
        }
        try (TestGateway half = new TestGateway(other).with("camel.server.useGlobalSslContextParameters", true)) {
            assertThatThrownBy(half::start).hasStackTraceContaining("and camel.ssl.enabled is not: the server would have no TLS");
        }
        try (TestGateway wrong = withTls(new TestGateway(other)).with("camel.ssl.keystorePassword", "wrong")) {
            assertThatThrownBy(wrong::start).satisfies(failure -> assertThat(StartFailure.explain(failure)).startsWith("camel.ssl.keystorePassword does not open"));
        }
        try (TestGateway none = withTls(new TestGateway(other)).with("whatsapp.webhook.client-ca", "nowhere.pem")) {
            assertThatThrownBy(none::start).hasStackTraceContaining("whatsapp.webhook.client-ca nowhere.pem is not there");
        }
        try (TestGateway nothing = withTls(new TestGateway(other)).with("whatsapp.webhook.client-ca", empty)) {
            assertThatThrownBy(nothing::start).hasStackTraceContaining("has no certificate");
        }
    }
}
