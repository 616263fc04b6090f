package io.github.waroutes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.queue.QueueComponent;
import io.github.waroutes.queue.StoredMessage;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;
import org.awaitility.Awaitility;

/**
 * The whole gateway as it runs in production (real HTTP server, real embedded broker, all routes) on free ports, with a
 * {@linkplain #meta() WireMock server} in the place of the hops' servers and of Meta, where no
 * {@linkplain #with(SimulatedWhatsApp) simulator} takes Meta's.
 */
public final class TestGateway implements AutoCloseable {

    public static final String NUMBER = "106540352242922";
    public static final String ACCOUNT = "102290129340398";
    public static final String TOKEN = "test-token";
    public static final String SECRET = "test-secret";
    public static final String VERIFY_TOKEN = "test-verify-token";
    public static final String MESSAGES = "/v26.0/" + NUMBER + "/messages";
    public static final Duration LIMIT = Duration.ofSeconds(30);

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();

    static {
        // what a whole gateway is waited for mostly takes less than the usual 100 ms
        Awaitility.setDefaultPollInterval(Duration.ofMillis(25));
    }

    public final int port;
    public final int managementPort;
    private final Map<String, String> properties = new LinkedHashMap<>();
    private final List<RouteBuilder> routes = new java.util.ArrayList<>();
    private final String metaUrl;
    private final int metaPort;
    private WireMockServer meta;
    private Main main;

    public TestGateway(Path directory) {
        metaPort = TestPorts.free();
        metaUrl = "http://localhost:" + metaPort;
        port = TestPorts.free();
        managementPort = TestPorts.free();
        with("camel.server.port", port);
        with("camel.server.host", "127.0.0.1");
        with("camel.management.port", managementPort);
        with("camel.management.host", "127.0.0.1");
        with("camel.main.shutdownTimeout", 10);
        with("whatsapp.phone-number-id", NUMBER);
        with("whatsapp.access-token", TOKEN);
        with("whatsapp.app-secret", SECRET);
        with("whatsapp.verify-token", VERIFY_TOKEN);
        with("whatsapp.graph.url", metaUrl);
        with("whatsapp.media.allowed-hosts", "127.0.0.1,localhost");
        with("whatsapp.media.directory", directory.resolve("media"));
        with("whatsapp.transcription.url", metaUrl + "/v1/audio/transcriptions");
        with("whatsapp.understanding.rasa.url", metaUrl + "/webhooks/rest/webhook");
        with("whatsapp.understanding.openai.url", metaUrl + "/v1");
        with("whatsapp.broker.url", "vm://" + ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE));
        with("whatsapp.broker.directory", directory.resolve("broker"));
        with("whatsapp.outcome.directory", directory.resolve("outcomes"));
        // waits are short in tests; their order and number stay
        with("whatsapp.retry.transient.delay", 50);
        with("whatsapp.retry.throttle.delay", 50);
        with("whatsapp.retry.hold.delay", 200);
        // limits are out of the way, but for the tests that are about them
        with("whatsapp.limit.messages-per-second", 100_000);
        with("whatsapp.limit.pair-burst", 10_000);
        with("whatsapp.limit.tier", "unlimited");
        with("whatsapp.retry.throttle.attempts", 3);
    }

    /** Sets a property; it wins over application.properties and the environment. */
    public TestGateway with(String key, Object value) {
        properties.put(key, value.toString());
        return this;
    }

    /** The simulator stands for Meta and for the transcription server, and its users reach this gateway. */
    public TestGateway with(SimulatedWhatsApp whatsapp) {
        whatsapp.settings().forEach(this::with);
        whatsapp.webhookPort(port);
        return this;
    }

    /** As {@link #with(SimulatedWhatsApp)}, but {@link #meta} goes on standing for the transcription server. */
    public TestGateway withGraphOf(SimulatedWhatsApp whatsapp) {
        return with(whatsapp).with("whatsapp.transcription.url", metaUrl + "/v1/audio/transcriptions");
    }

    /** Takes back the properties whose names begin so: a gateway need not know all that the simulator has. */
    public TestGateway without(String prefix) {
        properties.keySet().removeIf(key -> key.startsWith(prefix));
        return this;
    }

    /** Adds routes of the test's own. */
    public TestGateway with(RouteBuilder builder) {
        routes.add(builder);
        return this;
    }

    public TestGateway start() {
        main = WhatsAppApplication.newMain("false");
        properties.forEach(main::addOverrideProperty);
        routes.forEach(main.configure()::addRoutesBuilder);
        main.start();
        return this;
    }

    public void stop() {
        if (main != null) {
            main.stop();
            main = null;
        }
    }

    @Override
    public void close() {
        stop();
        // they know their context, and static fields of tests know this
        routes.clear();
        if (meta != null) {
            meta.stop();
        }
    }

    /** Runs from when it is first asked for: most tests have the simulator, and need none. Before that its port refuses connections. */
    public synchronized WireMockServer meta() {
        if (meta == null) {
            meta = new WireMockServer(WireMockConfiguration.options().port(metaPort).containerThreads(64).bindAddress("127.0.0.1"));
            meta.start();
        }
        return meta;
    }

    public Main main() {
        return main;
    }

    public CamelContext camel() {
        return main.getCamelContext();
    }

    public URI url(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** Posts a webhook with the right signature. */
    public HttpResponse<String> webhook(String payload) {
        byte[] body = payload.getBytes(StandardCharsets.UTF_8);
        return post(body, "application/json", signature(properties.get("whatsapp.app-secret"), body));
    }

    /** Posts to the webhook; a null signature or content type sends none. */
    public HttpResponse<String> post(byte[] body, String contentType, String signature) {
        HttpRequest.Builder request = HttpRequest.newBuilder(url("/webhook"))
                .timeout(LIMIT)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (contentType != null) {
            request.header("Content-Type", contentType);
        }
        if (signature != null) {
            request.header("X-Hub-Signature-256", signature);
        }
        return send(request.build());
    }

    public HttpResponse<String> get(URI url) {
        return send(HttpRequest.newBuilder(url).timeout(LIMIT).build());
    }

    public static HttpResponse<String> send(HttpRequest request) {
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public static String signature(String secret, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the metrics endpoint shows, Prometheus text. */
    public String metrics() {
        return get(URI.create("http://127.0.0.1:" + managementPort + "/observe/metrics")).body();
    }

    /** The sum of a counter over all series that have these tags, given as key, value, key, value. */
    public double counter(String name, String... tags) {
        return camel().getRegistry().findByType(MeterRegistry.class).stream()
                .flatMap(registry -> registry.find(name).tags(tags).counters().stream())
                .mapToDouble(io.micrometer.core.instrument.Counter::count)
                .sum();
    }

    public QueueComponent queues() {
        return camel().getComponent("whatsapp-queue", QueueComponent.class);
    }

    /** How many messages a queue holds. */
    public long queued(String queue) {
        try {
            return queues().messageCount(queue);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the dead-letter queue holds, oldest first. */
    public List<StoredMessage> deadLetters() {
        return browse("whatsapp.dead-letter");
    }

    public List<StoredMessage> browse(String queue) {
        try {
            // as many as there are: past the last one the broker is waited for
            return queues().browse(queue, (int) queued(queue));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
