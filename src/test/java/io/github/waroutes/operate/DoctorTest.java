package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.waroutes.ChildJvm;
import io.github.waroutes.TestGateway;
import io.github.waroutes.TestPorts;
import io.github.waroutes.WhatsAppApplication;
import io.github.waroutes.flows.PemFiles;
import io.github.waroutes.junit.SimulatedBusinessNumber;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppNumber;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.operate.Doctor.Finding;
import io.github.waroutes.operate.Doctor.State;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the doctor says of a configuration, against the simulator. */
@WhatsAppSimulator(numbers = "es=5001:34600000001:7001:shops:token-es:secret-es")
class DoctorTest {

    /** What stands at the callbacks: as the gateway's webhook, whose verify token is the last part of the path, or the configured one. */
    private static HttpServer webhook;
    private static String verifyToken;

    private final Properties properties = new Properties();

    @BeforeAll
    static void startWebhook(SimulatedWhatsApp whatsapp) throws IOException {
        verifyToken = whatsapp.verifyToken();
        webhook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        webhook.createContext("/", DoctorTest::answer);
        webhook.start();
        whatsapp.webhookPort(webhook.getAddress().getPort());
    }

    private static void answer(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        String token = exchange.getRequestURI().getPath().equals("/webhook") ? verifyToken : exchange.getRequestURI().getPath().substring(1);
        boolean right = query.contains("hub.mode=subscribe") && query.endsWith("hub.verify_token=" + token);
        byte[] answer = (right ? query.replaceAll(".*hub.challenge=([0-9]+).*", "$1") : "no").getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(right ? 200 : 403, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    @AfterAll
    static void stopWebhook() {
        webhook.stop(0);
    }

    private static String callback(String path) {
        return "http://127.0.0.1:" + webhook.getAddress().getPort() + path;
    }

    @BeforeEach
    void configure(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        whatsapp.settings().forEach(properties::setProperty);
        properties.setProperty("whatsapp.account-id", whatsapp.accountId());
        whatsapp.numbers().forEach(number -> number.isSubscribed(true));
        properties.setProperty("whatsapp.broker.directory", directory.resolve("broker").toString());
        properties.setProperty("whatsapp.outcome.directory", directory.resolve("outcomes").toString());
    }

    private List<Finding> examine() {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getPropertiesComponent().setInitialProperties(properties);
            List<Finding> findings = new Doctor(context, null).examine();
            assertThat(findings.toString()).as("no token and no secret").doesNotContain("token-es").doesNotContain("secret-es")
                    .doesNotContain(properties.getProperty("whatsapp.access-token")).doesNotContain(properties.getProperty("whatsapp.app-secret"))
                    .doesNotContain(verifyToken).doesNotContain("34600000001");
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
        assertThat(findings).extracting(Finding::about).contains("configuration", "whatsapp.broker.directory", "whatsapp.outcome.directory", "transcription", "clock",
                "number default, token", "number default", "number default, payment", "number default, webhooks", "app default, secret", "app default, webhooks",
                "app default, callback", "number es, token", "number es", "number es, payment", "number es, webhooks", "app es, secret", "app es, webhooks",
                "app es, callback").doesNotHaveDuplicates();
        assertThat(findings).anySatisfy(finding -> assertThat(finding.text()).isEqualTo("2 numbers: default, es"))
                .anySatisfy(finding -> assertThat(finding.text()).startsWith("CONNECTED, quality GREEN, throughput STANDARD, limit TIER_"));
    }

    @Test
    void theKeyOfTheFlowsEndpointIsOneThatMetaHas(SimulatedWhatsApp whatsapp, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("flows.pem");
        properties.setProperty("whatsapp.flows.private-key", file.toString());
        properties.setProperty("whatsapp.flows.on-request", "direct:my-flow");
        assertThat(flows()).allSatisfy(finding -> assertThat(finding.text()).contains("flows.pem is not there")).extracting(Finding::state).containsOnly(State.FAIL);

        KeyPair pair = PemFiles.pair();
        Files.writeString(file, PemFiles.pkcs8(pair));
        assertThat(flows()).allSatisfy(finding -> assertThat(finding.text()).contains("Meta has no public key")).extracting(Finding::state).containsOnly(State.WARN);
        upload(whatsapp, pair);
        assertThat(flows()).filteredOn(finding -> finding.about().contains("default")).extracting(Finding::state).containsExactly(State.OK);
        upload(whatsapp, PemFiles.pair());
        assertThat(flows()).anySatisfy(finding -> assertThat(finding.text()).contains("another public key", "PUT /api/flows/public-key"));
    }

    private List<Finding> flows() {
        return examine().stream().filter(finding -> finding.about().endsWith(", Flows")).toList();
    }

    private static void upload(SimulatedWhatsApp whatsapp, KeyPair pair) {
        String body = new ObjectMapper().createObjectNode().put("business_public_key", PemFiles.publicPem(pair)).toString();
        assertThat(TestGateway.send(HttpRequest.newBuilder(URI.create(whatsapp.graphUrl() + "/v26.0/" + whatsapp.phoneNumberId() + "/whatsapp_business_encryption"))
                .header("Authorization", "Bearer " + whatsapp.accessToken()).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)).build()).statusCode()).isEqualTo(200);
    }

    @Test
    void theProgramPrintsTheFindingsAndNothingElse(@TempDir Path folder) throws Exception {
        try (var writer = Files.newBufferedWriter(folder.resolve("application.properties"))) {
            properties.store(writer, null);
        }
        ProcessBuilder builder = new ProcessBuilder(ChildJvm.command("-cp", ChildJvm.applicationClassPath(), WhatsAppApplication.class.getName(),
                "doctor")).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("WHATSAPP_") || name.startsWith("CAMEL_"));
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        List<String> lines = Files.readAllLines(folder.resolve("out"));
        assertThat(lines).allMatch(line -> line.startsWith("ok    ")).hasSizeGreaterThan(8);
        assertThat(lines.toString()).doesNotContain(properties.getProperty("whatsapp.access-token")).doesNotContain("secret-es");
        assertThat(process.exitValue()).isZero();
    }

    static Stream<Arguments> states() {
        return Stream.of(
                state("expired token", SimulatedBusinessNumber::expireToken, State.FAIL, "number es, token", "Renew its access token."),
                state("unknown token", SimulatedBusinessNumber::invalidateToken, State.FAIL, "number es, token", "Renew its access token."),
                state("no messaging", spain -> spain.tokenHas("whatsapp_business_management"), State.FAIL, "number es, token", "It has not whatsapp_business_messaging."),
                state("no management", spain -> spain.tokenHas("whatsapp_business_messaging"), State.FAIL, "number es, token", "It has not whatsapp_business_management."),
                state("expires soon", spain -> spain.tokenExpiresIn(Duration.ofSeconds(7300)), State.WARN, "number es, token", "It expires in 2 hours."),
                state("pending", spain -> spain.hasStatus("PENDING"), State.FAIL, "number es", "register it"),
                state("disconnected", spain -> spain.hasStatus("DISCONNECTED"), State.FAIL, "number es", "register it"),
                state("banned", spain -> spain.hasStatus("BANNED"), State.FAIL, "number es", "Meta has banned it"),
                state("migrated", spain -> spain.hasStatus("MIGRATED"), State.FAIL, "number es", "Correct the phone-number-id"),
                state("restricted", spain -> spain.hasStatus("RESTRICTED"), State.WARN, "number es", "replies go out"),
                state("flagged", spain -> spain.hasStatus("FLAGGED"), State.WARN, "number es", "Its quality is low"),
                state("quality", spain -> spain.hasQuality("RED"), State.WARN, "number es", "quality RED"),
                state("limited", spain -> spain.isLimited("The display name is not approved. Ask +34 600 000 001."), State.WARN, "number es", "The display name is not approved."),
                state("payment", spain -> spain.hasPayment(false), State.FAIL, "number es, payment", "Add one in the WhatsApp Manager"),
                state("not subscribed", spain -> spain.isSubscribed(false), State.FAIL, "number es, webhooks", "so no webhook comes. POST /7001/subscribed_apps"),
                state("no callback", SimulatedBusinessNumber::appSubscribesTo, State.FAIL, "app es, webhooks", "The app has no callback."),
                state("other fields", spain -> spain.appSubscribesTo("account_update"), State.FAIL, "app es, webhooks", "not subscribed to messages, so no message comes, only account_update"));
    }

    private static Arguments state(String name, Consumer<SimulatedBusinessNumber> change, State state, String about, String text) {
        return Arguments.of(name, change, state, about, text);
    }

    /** The other number is well in each of them. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("states")
    void whatIsWrongAtMetaIsOneLineThatSaysWhatToDo(String name, Consumer<SimulatedBusinessNumber> change, State state, String about, String text,
            @WhatsAppNumber("es") SimulatedBusinessNumber spain) {
        change.accept(spain);
        Finding finding = only(examine());
        assertThat(finding.state()).isEqualTo(state);
        assertThat(finding.about()).isEqualTo(about);
        assertThat(finding.text()).contains(text);
    }

    @Test
    void throughputAndLimitAreThoseThatMetaTells(@WhatsAppNumber("es") SimulatedBusinessNumber spain) {
        spain.hasThroughput("HIGH");
        spain.hasMessagingLimit("TIER_UNLIMITED");
        assertThat(examine()).filteredOn(finding -> finding.about().equals("number es")).extracting(Finding::text)
                .containsExactly("CONNECTED, quality GREEN, throughput HIGH, limit TIER_UNLIMITED");
    }

    @Test
    void anAppSecretThatIsNotTheAppsIsWhyEachSignatureFails() {
        String right = properties.getProperty("whatsapp.app-secret");
        properties.setProperty("whatsapp.app-secret", "new-secret," + right);
        assertThat(examine()).as("while one replaces another").allMatch(finding -> finding.state() == State.OK);
        properties.setProperty("whatsapp.app-secret", "new-secret");
        Finding finding = only(examine());
        assertThat(finding.about()).isEqualTo("app default, secret");
        assertThat(finding.text()).contains("no webhook passes the signature check");
    }

    @Test
    void aCallbackWithAnotherVerifyTokenIsSaid(SimulatedWhatsApp whatsapp) {
        properties.setProperty("whatsapp.verify-token", "another-token");
        // the app of the number es has the same verify token, and the same callback
        assertThat(examine()).filteredOn(finding -> finding.state() == State.FAIL).extracting(Finding::about)
                .containsExactly("app default, callback", "app es, callback");
        assertThat(examine().toString()).contains("refuses the verify token").doesNotContain("another-token");
    }

    @Test
    void theCallbackOfTheAccountOrTheNumberIsTheOneThatIsAsked(SimulatedWhatsApp whatsapp, @WhatsAppNumber("es") SimulatedBusinessNumber spain) {
        graph(whatsapp, "7001/subscribed_apps", "{\"override_callback_uri\":\"" + callback("/stranger") + "\",\"verify_token\":\"stranger\"}");
        Finding ofAccount = only(examine());
        assertThat(ofAccount.about()).isEqualTo("number es, callback");
        assertThat(ofAccount.text()).startsWith("Its account's own, in place of the app's: ").contains("/stranger refuses the verify token");

        graph(whatsapp, "5001", "{\"webhook_configuration\":{\"override_callback_uri\":\"" + callback("/webhook?shop=1") + "\",\"verify_token\":\"" + verifyToken + "\"}}");
        assertThat(examine()).filteredOn(finding -> finding.about().equals("number es, callback")).singleElement().satisfies(finding -> {
            assertThat(finding.state()).isEqualTo(State.OK);
            assertThat(finding.text()).startsWith("Its own, in place of the app's: ").endsWith("/webhook answers the handshake");
        });
    }

    private static void graph(SimulatedWhatsApp whatsapp, String path, String body) {
        assertThat(TestGateway.send(HttpRequest.newBuilder(URI.create(whatsapp.graphUrl() + "/v26.0/" + path)).header("Authorization", "Bearer token-es")
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build()).statusCode()).isEqualTo(200);
    }

    @Test
    void aGivenCallbackIsAskedTooAndTheExitCodeTells() {
        assertThat(run("--callback", callback("/webhook"))).startsWith("0 ").contains("app es, callback given");
        String said = run("--callback", "http://user:word@127.0.0.1:" + TestPorts.free() + "/webhook?key=word");
        assertThat(said).startsWith("1 ").contains("cannot be connected to from here").doesNotContain("word@").doesNotContain("key=");
        assertThat(run("--json", "--callback", "http://shop.example/webhook")).startsWith("1 ").contains("is no https address");
    }

    private String run(String... more) {
        StringWriter said = new StringWriter();
        int code = Commands.run(new PrintWriter(said), new PrintWriter(said), () -> {
            DefaultCamelContext context = new DefaultCamelContext();
            context.getPropertiesComponent().setInitialProperties(properties);
            return context;
        }, Stream.concat(Stream.of("doctor"), Stream.of(more)).toArray(String[]::new));
        return code + " " + said;
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', value = {"APPROVED|It is about: {{1}}|OK|approved, and fits", "FLAGGED|About: {{1}}|WARN|have another ready", "PENDING|About: {{1}}|FAIL|has not decided",
        "REJECTED|About: {{1}}|FAIL|rejected it (INVALID_FORMAT)", "PAUSED|About: {{1}}|FAIL|has paused it", "DISABLED|About: {{1}}|FAIL|cannot be sent (DISABLED)",
        "APPROVED|Hello|FAIL|its body has 0 parameters", "APPROVED|{{1}}, {{2}}|FAIL|its body has 2 parameters"})
    void theTemplateOfTheClosedWindowIsLookedAtInEachAccount(String status, String body, State state, String text, SimulatedWhatsApp whatsapp,
            @WhatsAppNumber("es") SimulatedBusinessNumber spain) {
        withTemplate(whatsapp);
        spain.hasTemplate("follow_up", "en_US", status, body);
        assertThat(examine()).filteredOn(finding -> finding.about().equals("number es, template")).singleElement().satisfies(finding -> {
            assertThat(finding.state()).isEqualTo(state);
            assertThat(finding.text()).startsWith("follow_up, en_US").contains(text);
        });
    }

    private void withTemplate(SimulatedWhatsApp whatsapp) {
        properties.setProperty("whatsapp.window.closed", "template");
        properties.setProperty("whatsapp.window.template", "follow_up:en_US");
        whatsapp.number("default").hasTemplate("follow_up", "en_US", "APPROVED", "About: {{1}}");
    }

    @Test
    void aTemplateThatIsNotThereIsSaidAndOneAmongManyIsFound(SimulatedWhatsApp whatsapp, @WhatsAppNumber("es") SimulatedBusinessNumber spain) {
        withTemplate(whatsapp);
        spain.hasTemplate("follow_up", "de", "APPROVED", "{{1}}");
        Finding finding = only(examine());
        assertThat(finding.about()).isEqualTo("number es, template");
        assertThat(finding.text()).contains("the account has none of this name and language");

        for (String language : Locale.getISOLanguages()) {
            spain.hasTemplate("follow_up", language, "APPROVED", "{{1}}");
        }
        spain.hasTemplate("follow_up", "en_US", "APPROVED", "{{1}}");
        assertThat(examine()).as("on the second page").allMatch(one -> one.state() == State.OK);
    }

    @Test
    void withoutAnAccountIdTheTokensOnlyAccountIsLookedAt(@WhatsAppNumber("es") SimulatedBusinessNumber spain) {
        properties.remove("whatsapp.numbers.es.account-id");
        spain.isSubscribed(false);
        assertThat(only(examine()).about()).isEqualTo("number es, webhooks");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"whatsapp.phone-numbr-id|1|configuration|whatsapp.phone-number-id", "whatsapp.api.max-bytes|lots|configuration|whatsapp.api.max-bytes",
        "whatsapp.numbers.es.phone-number-id|5009|number es|correct the phone-number-id",
        "whatsapp.numbers.es.account-id|7009|number es, token|correct the account-id"})
    void aMistakeIsOneLineThatSaysWhatToDo(String key, String value, String about, String text) {
        properties.setProperty(key, value);
        Finding finding = only(examine());
        assertThat(finding.state()).isEqualTo(State.FAIL);
        assertThat(finding.about()).isEqualTo(about);
        assertThat(finding.text()).contains(text);
    }

    @Test
    void theProofOfTheAppSecretIsMadeOfEachNumbersOwnAndAWrongSecretIsSaid() {
        properties.setProperty("whatsapp.graph.appsecret-proof", "true");
        assertThat(examine()).allMatch(finding -> finding.state() == State.OK);
        properties.setProperty("whatsapp.app-secret", "the-secret-of-another-app");
        Finding finding = only(examine());
        assertThat(finding.about()).isEqualTo("number default, token");
        assertThat(finding.text()).contains("Error 100").contains("appsecret_proof").contains("App settings > Basic");
    }

    @Test
    void whatIsNotThereIsSaid() {
        int nobody = TestPorts.free();
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
        properties.setProperty("whatsapp.graph.url", "http://127.0.0.1:" + TestPorts.free());
        assertThat(examine()).filteredOn(finding -> finding.state() == State.FAIL).extracting(Finding::about)
                .containsExactly("graph", "number default, token", "number es, token");
    }

    @Test
    void aClockThatIsWrongIsSaid(SimulatedWhatsApp whatsapp) {
        whatsapp.graph().clockIsAhead(Duration.ofMinutes(5));
        Finding finding = only(examine());
        assertThat(finding.about()).isEqualTo("clock");
        assertThat(finding.text()).contains("behind Meta's").contains("NTP");
    }
}
