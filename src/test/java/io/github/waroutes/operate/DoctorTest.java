package io.github.waroutes.operate;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.sun.net.httpserver.HttpServer;
import io.github.waroutes.TestGateway;
import io.github.waroutes.WhatsAppApplication;
import io.github.waroutes.junit.SimulatedBusinessNumber;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppNumber;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.operate.Doctor.Finding;
import io.github.waroutes.operate.Doctor.State;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the doctor says of a configuration, against the simulator. */
@WhatsAppSimulator(numbers = "es=5001:34600000001:7001:shops:token-es:secret-es")
class DoctorTest {

    private final Properties properties = new Properties();

    @BeforeEach
    void configure(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        whatsapp.settings().forEach(properties::setProperty);
        properties.setProperty("whatsapp.account-id", whatsapp.accountId());
        subscription(whatsapp, "POST", whatsapp.accountId(), whatsapp.accessToken());
        subscription(whatsapp, "POST", "7001", "token-es");
        properties.setProperty("whatsapp.broker.directory", directory.resolve("broker").toString());
        properties.setProperty("whatsapp.outcome.directory", directory.resolve("outcomes").toString());
    }

    private static void subscription(SimulatedWhatsApp whatsapp, String method, String account, String token) {
        assertThat(TestGateway.send(HttpRequest.newBuilder(URI.create(whatsapp.graphUrl() + "/v26.0/" + account + "/subscribed_apps"))
                .header("Authorization", "Bearer " + token).method(method, HttpRequest.BodyPublishers.noBody()).build()).statusCode()).isEqualTo(200);
    }

    private List<Finding> examine() {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getPropertiesComponent().setInitialProperties(properties);
            List<Finding> findings = new Doctor(context).examine();
            assertThat(findings.toString()).as("no token and no secret").doesNotContain("token-es").doesNotContain("secret-es")
                    .doesNotContain(properties.getProperty("whatsapp.access-token")).doesNotContain(properties.getProperty("whatsapp.app-secret"));
            return findings;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Finding only(List<Finding> findings) {
        List<Finding> bad = findings.stream().filter(finding -> finding.state() != State.OK).toList();
        assertThat(bad).hasSize(1);
        return bad.get(0);
    }

    @Test
    void whatIsWellIsSaidToBe() {
        List<Finding> findings = examine();
        assertThat(findings).allMatch(finding -> finding.state() == State.OK);
        assertThat(findings).extracting(Finding::about).contains("configuration", "whatsapp.broker.directory", "whatsapp.outcome.directory", "transcription",
                "number default", "number default, token", "number default, webhooks", "number es", "number es, token", "number es, webhooks");
        assertThat(findings).anySatisfy(finding -> assertThat(finding.text()).isEqualTo("2 numbers: default, es"))
                .anySatisfy(finding -> assertThat(finding.text()).startsWith("CONNECTED, quality GREEN, throughput STANDARD, limit TIER_"));
    }

    @Test
    void theProgramPrintsTheFindingsAndNothingElse(@TempDir Path folder) throws Exception {
        try (var writer = Files.newBufferedWriter(folder.resolve("application.properties"))) {
            properties.store(writer, null);
        }
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).filter(entry -> !entry.contains("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-cp",
                classPath, WhatsAppApplication.class.getName(), "doctor").directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("WHATSAPP_") || name.startsWith("CAMEL_"));
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        List<String> lines = Files.readAllLines(folder.resolve("out"));
        assertThat(lines).allMatch(line -> line.startsWith("ok    ")).hasSizeGreaterThan(8);
        assertThat(lines.toString()).doesNotContain(properties.getProperty("whatsapp.access-token")).doesNotContain("secret-es");
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void aTokenThatHasExpiredIsToBeRenewedAndTheOtherNumberIsWell(@WhatsAppNumber("es") SimulatedBusinessNumber spain) {
        spain.expireToken();
        Finding finding = only(examine());
        assertThat(finding.about()).isEqualTo("number es");
        assertThat(finding.text()).contains("Error 190").endsWith("Renew its access token.");
    }

    @Test
    void anAccountThatIsNotSubscribedIsWhyNothingArrives(SimulatedWhatsApp whatsapp) {
        subscription(whatsapp, "DELETE", whatsapp.accountId(), whatsapp.accessToken());
        Finding finding = only(examine());
        assertThat(finding.about()).isEqualTo("number default, webhooks");
        assertThat(finding.text()).contains("no webhook comes").contains("/subscribed_apps");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"whatsapp.phone-numbr-id|1|configuration|whatsapp.phone-number-id", "whatsapp.api.max-bytes|lots|configuration|whatsapp.api.max-bytes",
        "whatsapp.numbers.es.phone-number-id|5009|number es|correct the phone-number-id",
        "whatsapp.numbers.es.account-id|7009|number es, webhooks|Correct the account-id"})
    void aMistakeIsOneLineThatSaysWhatToDo(String key, String value, String about, String text) {
        properties.setProperty(key, value);
        Finding finding = only(examine());
        assertThat(finding.state()).isEqualTo(State.FAIL);
        assertThat(finding.about()).isEqualTo(about);
        assertThat(finding.text()).contains(text);
    }

    @Test
    void whatIsNotThereIsSaid() {
        int nobody = TestGateway.freePort();
        properties.setProperty("whatsapp.transcription.url", "http://127.0.0.1:" + nobody + "/v1/audio/transcriptions");
        properties.setProperty("whatsapp.redis.url", "redis://127.0.0.1:" + nobody);
        properties.setProperty("whatsapp.broker.url", "(tcp://127.0.0.1:" + nobody + ",tcp://127.0.0.1:" + nobody + ")?ha=true");
        properties.setProperty("whatsapp.understanding", "openai");
        properties.setProperty("whatsapp.understanding.openai.url", "http://127.0.0.1:" + nobody + "/v1");
        assertThat(examine()).filteredOn(finding -> finding.state() == State.FAIL).extracting(Finding::about)
                .containsExactlyInAnyOrder("transcription", "redis", "broker", "broker", "understanding");
    }

    @Test
    void withSettingsThatCannotBeReadTheRestIsLookedAt() {
        properties.setProperty("whatsapp.transcription.url", "nowhere at all");
        properties.setProperty("whatsapp.broker.min-free", "much");
        List<Finding> findings = examine();
        assertThat(findings).filteredOn(finding -> finding.state() == State.FAIL).extracting(Finding::text)
                .anySatisfy(text -> assertThat(text).contains("whatsapp.transcription.url")).anySatisfy(text -> assertThat(text).contains("whatsapp.broker.min-free"));
        assertThat(findings).filteredOn(finding -> finding.state() == State.WARN).extracting(Finding::about).containsExactly("directories", "transcription");
        assertThat(findings).extracting(Finding::about).contains("number es, token");
    }

    @Test
    void aDirectoryThatCannotBeMadeIsSaid(@TempDir Path directory) throws IOException {
        properties.setProperty("whatsapp.broker.directory", Files.writeString(directory.resolve("file"), "no directory").resolve("broker").toString());
        assertThat(examine()).filteredOn(finding -> finding.about().equals("whatsapp.broker.directory")).singleElement()
                .satisfies(finding -> assertThat(finding.state()).isEqualTo(State.FAIL));
    }

    @Test
    void withoutMetaThatIsSaidOfEachNumberAndNothingElse() {
        properties.setProperty("whatsapp.graph.url", "http://127.0.0.1:" + TestGateway.freePort());
        assertThat(examine()).filteredOn(finding -> finding.state() == State.FAIL).extracting(Finding::about)
                .containsExactly("graph", "number default", "number es");
    }

    /** Answers that the simulator never gives: what Graph says of the number, of its token, and the time. */
    private List<Finding> withGraph(String number, String token) throws IOException {
        HttpServer graph = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        graph.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            byte[] answer = (path.contains("debug_token") ? token : path.contains("subscribed_apps")
                    ? "{\"data\":[{\"whatsapp_business_api_data\":{\"id\":\"1\"}}]}" : number).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, exchange.getRequestMethod().equals("HEAD") ? -1 : answer.length);
            exchange.getResponseBody().write(exchange.getRequestMethod().equals("HEAD") ? new byte[0] : answer);
            exchange.close();
        });
        graph.start();
        try {
            properties.setProperty("whatsapp.graph.url", "http://127.0.0.1:" + graph.getAddress().getPort());
            properties.keySet().removeIf(key -> key.toString().startsWith("whatsapp.numbers."));
            return examine();
        } finally {
            graph.stop(0);
        }
    }

    private static String token(String more) {
        return "{\"data\":{\"app_id\":\"1\",\"is_valid\":true,\"scopes\":[\"whatsapp_business_messaging\",\"whatsapp_business_management\"]," + more + "}}";
    }

    @Test
    void whatMetaSaysOfANumberIsSaid() throws IOException {
        assertThat(only(withGraph("{\"status\":\"CONNECTED\",\"health_status\":{\"can_send_message\":\"BLOCKED\",\"entities\":[{\"errors\":[{\"error_description\":"
                + "\"No payment method.\",\"possible_solution\":\"Add one.\"}]}]}}", token("\"expires_at\":0"))).text())
                .contains("it cannot send: No payment method. Add one.");
        assertThat(only(withGraph("{\"status\":\"DISCONNECTED\"}", token("\"expires_at\":0"))).text()).contains("register it");
        assertThat(only(withGraph("{\"status\":\"CONNECTED\",\"quality_rating\":\"RED\"}", token("\"expires_at\":0"))).state()).isEqualTo(State.WARN);
    }

    @Test
    void aTokenThatExpiresSoonAndOneWithoutAScopeAreSaid() throws IOException {
        Finding soon = only(withGraph("{\"status\":\"CONNECTED\"}", token("\"expires_at\":" + Instant.now().plusSeconds(7300).getEpochSecond())));
        assertThat(soon.state()).isEqualTo(State.WARN);
        assertThat(soon.text()).contains("expires in 2 hours");
        assertThat(only(withGraph("{\"status\":\"CONNECTED\"}", "{\"data\":{\"is_valid\":true,\"scopes\":[\"whatsapp_business_messaging\"]}}")).text())
                .startsWith("It has not whatsapp_business_management.");
    }

    @Test
    void aClockThatIsWrongIsSaid() {
        WireMockServer graph = new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));
        graph.start();
        try {
            graph.stubFor(any(anyUrl()).willReturn(aResponse().withHeader("Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(
                    Instant.now().plusSeconds(300).atZone(ZoneOffset.UTC)))));
            properties.setProperty("whatsapp.graph.url", graph.baseUrl());
            assertThat(examine()).filteredOn(finding -> finding.about().equals("clock")).singleElement()
                    .satisfies(finding -> assertThat(finding.text()).contains("behind Meta's").contains("NTP"));
        } finally {
            graph.stop();
        }
    }
}
