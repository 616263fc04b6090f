package io.github.waroutes;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import io.github.waroutes.setting.SettingsCheck;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The thin jar in a CamelContext that somebody else made: no Camel Main, no files of ours beside it. */
class EmbeddedIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private final int port = TestPorts.free();
    private final WireMockServer meta = new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));
    private final DefaultCamelContext host = new DefaultCamelContext();

    @BeforeEach
    void load() throws Exception {
        assertThat(WhatsAppApplication.class.getProtectionDomain().getCodeSource().getLocation().getPath())
                .as("this test must use the packaged jar").endsWith(".jar");
        meta.start();
        meta.stubFor(post(urlEqualTo(TestGateway.MESSAGES)).willReturn(okJson("{\"messages\":[{\"id\":\"wamid.SENT\"}]}")));
        host.getPropertiesComponent().setOverrideProperties(properties(meta.baseUrl()));
        SettingsCheck.check(host);
        VertxPlatformHttpServerConfiguration server = new VertxPlatformHttpServerConfiguration();
        server.setBindPort(port);
        server.setBindHost("127.0.0.1");
        host.addService(new VertxPlatformHttpServer(server));
        Collection<Resource> files = PluginHelper.getPackageScanResourceResolver(host)
                .findResources("classpath:routes/whatsapp/*.camel.yaml");
        assertThat(files).hasSizeGreaterThan(10);
        PluginHelper.getRoutesLoader(host).loadRoutes(files);
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
        meta.stop();
    }

    private void hostRoute(String caption) throws Exception {
        host.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:host-image").routeId("host-image").setBody(simple("Nice picture: " + caption)).to("direct:whatsapp-reply");
            }
        });
    }

    private void receiveAnImage() {
        var image = Payloads.message(Payloads.id(), Payloads.USER, "image");
        image.putObject("image").put("id", "1").put("mime_type", "image/jpeg").put("caption", "our door");
        byte[] body = Payloads.messages(image).getBytes(StandardCharsets.UTF_8);
        HttpRequest webhook = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/webhook"))
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .header("X-Hub-Signature-256", TestGateway.signature(TestGateway.SECRET, body))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        assertThat(TestGateway.send(webhook).statusCode()).isEqualTo(200);
    }

    private void awaitReply(String text) {
        await().atMost(LIMIT).untilAsserted(() -> meta.verify(1, postRequestedFor(urlEqualTo(TestGateway.MESSAGES))
                .withRequestBody(matchingJsonPath("$.text.body", equalTo(text)))));
    }

    @Test
    void theRoutesRunInACamelContextOfTheHostAndAHostRouteHandlesAType() throws Exception {
        hostRoute("${body[image][caption]}");
        host.start();
        receiveAnImage();
        awaitReply("Nice picture: our door");
    }

    @Test
    void aHostsRouteThatFailsGetsOurPolicy() throws Exception {
        hostRoute("${body.image[caption]}");
        host.start();
        receiveAnImage();
        awaitReply("Sorry, something went wrong on our side. Please try again in a little while.");
    }

    @Test
    void aTargetThatTheHostDoesNotHaveStopsTheStart() {
        assertThatThrownBy(host::start).hasStackTraceContaining("no route begins at direct:host-image.");
    }

    private Properties properties(String meta) {
        Properties properties = new Properties();
        properties.setProperty("whatsapp.phone-number-id", TestGateway.NUMBER);
        properties.setProperty("whatsapp.access-token", TestGateway.TOKEN);
        properties.setProperty("whatsapp.app-secret", TestGateway.SECRET);
        properties.setProperty("whatsapp.verify-token", TestGateway.VERIFY_TOKEN);
        properties.setProperty("whatsapp.graph.url", meta);
        properties.setProperty("whatsapp.on.image", "direct:host-image");
        properties.setProperty("whatsapp.broker.url", "vm://" + ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE));
        properties.setProperty("whatsapp.broker.directory", directory.resolve("broker").toString());
        properties.setProperty("whatsapp.outcome.directory", directory.resolve("outcomes").toString());
        return properties;
    }

    @Test
    void theThinJarBringsNoConfigurationOfItsOwn() throws Exception {
        try (JarFile jar = new JarFile(System.getProperty("thin.jar"))) {
            assertThat(jar.stream().map(JarEntry::getName))
                    .contains("routes/whatsapp/webhook.camel.yaml", "io/github/waroutes/webhook/WebhookVerifier.class")
                    .noneMatch(name -> name.endsWith("application.properties") || name.matches("(.*/)?logback(-test)?\\.xml")
                            && !name.startsWith("whatsapp/") || name.startsWith("camel/"));
        }
    }

    @Test
    void theSimulatorHasAJarOfItsOwn() throws Exception {
        try (JarFile bundle = new JarFile(System.getProperty("thin.jar")); JarFile simulator = new JarFile(System.getProperty("simulator.jar"))) {
            assertThat(bundle.stream().map(JarEntry::getName)).noneMatch(EmbeddedIT::isOfTheSimulator);
            assertThat(simulator.stream().map(JarEntry::getName).filter(name -> !name.endsWith("/") && !name.startsWith("META-INF/")))
                    .allMatch(EmbeddedIT::isOfTheSimulator)
                    .contains("io/github/waroutes/simulator/Demo.class", "io/github/waroutes/junit/WhatsAppSimulator.class",
                            "whatsapp/simulator/page/index.html", "whatsapp/simulator/demo.properties");
        }
    }

    private static boolean isOfTheSimulator(String name) {
        return name.contains("simulator") || name.contains("/junit/") || name.contains("demo");
    }
}
