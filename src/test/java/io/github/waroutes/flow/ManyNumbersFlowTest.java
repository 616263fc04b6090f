package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedBusinessNumber;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppNumber;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.message.Text;
import io.github.waroutes.number.NumberRegistry;
import io.github.waroutes.number.NumberSettings;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.health.HealthCheckHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two apps and three numbers in one process: the first, one more of its app (en), and one of another tenant (es). Each has a token of its
 * own, and the simulator takes no other for it. No status comes but those that a test sends, since tests count updates.
 */
@WhatsAppSimulator(numbers = {"en=5001000::::en-token", "es=5002000::7002000:es:es-token:es-secret"}, appSecret = TestGateway.SECRET,
        verifyToken = TestGateway.VERIFY_TOKEN, statusDelay = 600_000, reset = false)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManyNumbersFlowTest {

    private static final String EN = "5001000";
    private static final String ES = "5002000";
    private static final String ES_ACCOUNT = "7002000";
    private static final String ES_SECRET = "es-secret";
    private static final String FILE = """
            numbers:
              es:
                phone-number-id: 5002000
                account-id: 7002000
                app-secret: es-secret
                verify-token: es-word
                access-token: %s
                api-token: es-api
                on.text: direct:es-text
                on.status: direct:es-status
            """;

    @TempDir
    static Path directory;

    private final Set<String> esStatuses = ConcurrentHashMap.newKeySet();
    private SimulatedGraph graph;
    @WhatsAppNumber("es")
    private SimulatedBusinessNumber spanish;
    private TestGateway gateway;
    private Path file;

    @BeforeAll
    void start(SimulatedWhatsApp whatsapp) throws IOException {
        file = directory.resolve("numbers.yaml");
        Files.writeString(file, FILE.formatted("es-token"));
        gateway = Flows.gateway(directory).with(whatsapp).without("whatsapp.numbers.es.")
                .with("whatsapp.account-id", TestGateway.ACCOUNT).with("whatsapp.numbers.file", file)
                .with("whatsapp.mark-read", false).with("whatsapp.api.token", "api")
                .with("whatsapp.on.text", "direct:all-text")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:all-text").setBody(constant("hello")).to("direct:whatsapp-reply");
                        from("direct:es-status").process(exchange -> esStatuses.add(exchange.getMessage().getHeader("WhatsAppMessageId", String.class)));
                        from("direct:es-text").setBody(constant("hola")).to("direct:whatsapp-reply");
                    }
                }).start();
    }

    @AfterAll
    void stop() {
        gateway.close();
    }

    @BeforeEach
    void forgetCalls() {
        graph.reset();
    }

    private static String text(String number, String account, String user) {
        return of(Payloads.messages(Payloads.text(Payloads.id(), user, "hi")), number, account);
    }

    private static String of(String payload, String number, String account) {
        return payload.replace(TestGateway.NUMBER, number).replace(TestGateway.ACCOUNT, account);
    }

    private int webhook(String secret, String payload) {
        byte[] body = payload.getBytes(StandardCharsets.UTF_8);
        return gateway.post(body, "application/json", TestGateway.signature(secret, body)).statusCode();
    }

    private void awaitSent(String number, String text) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(graph.sent()).anyMatch(call -> call.isOf(number) && text.equals(call.text())));
    }

    @Test
    void eachNumberAnswersByItsOwnRouteWithItsOwnToken() {
        assertThat(webhook(TestGateway.SECRET, text(TestGateway.NUMBER, TestGateway.ACCOUNT, Flows.user()))).isEqualTo(200);
        assertThat(webhook(TestGateway.SECRET, text(EN, TestGateway.ACCOUNT, Flows.user()))).isEqualTo(200);
        assertThat(webhook(ES_SECRET, text(ES, ES_ACCOUNT, Flows.user()))).isEqualTo(200);
        awaitSent(TestGateway.NUMBER, "hello");
        awaitSent(EN, "hello");
        awaitSent(ES, "hola");
    }

    @Test
    void aStatusGoesToTheRouteOfItsNumber() {
        String en = Payloads.id();
        String es = Payloads.id();
        assertThat(webhook(TestGateway.SECRET, of(Payloads.statuses(Payloads.status(en, Flows.user(), "read")), EN, TestGateway.ACCOUNT))).isEqualTo(200);
        assertThat(webhook(ES_SECRET, of(Payloads.statuses(Payloads.status(es, Flows.user(), "read")), ES, ES_ACCOUNT))).isEqualTo(200);
        await().atMost(LIMIT).until(() -> esStatuses.contains(es));
        Flows.awaitQuiet(gateway);
        assertThat(esStatuses).doesNotContain(en);
    }

    @Test
    void theWordOfAnyAppOpensTheHandshake() {
        assertThat(handshake("es-word").body()).isEqualTo("42");
        assertThat(handshake(TestGateway.VERIFY_TOKEN).body()).isEqualTo("42");
        assertThat(handshake("other").statusCode()).isEqualTo(403);
    }

    private HttpResponse<String> handshake(String word) {
        return gateway.get(URI.create(gateway.url("/webhook") + "?hub.mode=subscribe&hub.challenge=42&hub.verify_token=" + word));
    }

    static List<String> everyKind() {
        String change = "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"" + TestGateway.ACCOUNT + "\",\"changes\":[{\"field\":"
                + "\"account_update\",\"value\":{\"event\":\"DISABLED_UPDATE\"}}]}]}";
        String error = Payloads.statuses(Payloads.status(Payloads.id(), Flows.user(), "sent")).replaceFirst("\"statuses\":\\[.*?]",
                "\"errors\":[{\"code\":131000}]");
        return List.of(Payloads.messages(Payloads.text(Payloads.id(), Flows.user(), "hi")),
                Payloads.statuses(Payloads.status(Payloads.id(), Flows.user(), "delivered")), error, change);
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void theValidSignatureOfAnotherTenantIsAForgedOne(String payload) {
        double before = gateway.counter("whatsapp.webhook.refused", "reason", "foreign_number");
        double stored = gateway.counter("whatsapp.webhook.updates");
        assertThat(webhook(ES_SECRET, payload)).isEqualTo(401);
        assertThat(gateway.counter("whatsapp.webhook.refused", "reason", "foreign_number")).isEqualTo(before + 1);
        assertThat(gateway.counter("whatsapp.webhook.updates")).isEqualTo(stored);
        assertThat(webhook(TestGateway.SECRET, payload)).isEqualTo(200);
    }

    @Test
    void ofABatchOverSeveralNumbersOnlyTheSignersCount() {
        String own = text(ES, ES_ACCOUNT, Flows.user());
        String foreign = text(EN, TestGateway.ACCOUNT, Flows.user());
        String entry = foreign.substring(foreign.indexOf("\"entry\":[") + 9, foreign.lastIndexOf("]}"));
        double stored = gateway.counter("whatsapp.webhook.updates");
        assertThat(webhook(ES_SECRET, own.replace("\"entry\":[", "\"entry\":[" + entry + ','))).isEqualTo(200);
        assertThat(gateway.counter("whatsapp.webhook.updates")).isEqualTo(stored + 1);
        awaitSent(ES, "hola");
        Flows.awaitQuiet(gateway);
        assertThat(graph.calls()).noneMatch(call -> call.isOf(EN));
    }

    @Test
    void whatIsForANumberThatNobodyConfiguredIsKept() {
        long kept = gateway.queued("whatsapp.unhandled");
        assertThat(webhook(ES_SECRET, text("5009000", ES_ACCOUNT, Flows.user()))).isEqualTo(200);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.unhandled")).isEqualTo(kept + 1));
        assertThat(gateway.counter("whatsapp.updates.unhandled", "kind", "unknown_number")).isPositive();
    }

    @Test
    void aMessageNamesItsNumberAndAWrongNameIsToldTheRightOnes() {
        Flows.send(gateway, "direct:whatsapp-send-text", "by name", Map.of("WhatsAppUser", Flows.user(), "WhatsAppNumber", "en"));
        awaitSent(EN, "by name");
        assertThatThrownBy(() -> Flows.send(gateway, "direct:whatsapp-send-text", "x", Map.of("WhatsAppUser", Flows.user(), "WhatsAppNumber", "fr")))
                .rootCause().hasMessageContaining("There are: default, en, es");
        assertThatThrownBy(() -> Flows.send(gateway, "direct:whatsapp-send-text", "x",
                Map.of("WhatsAppUser", Flows.user(), "WhatsAppPhoneNumberId", "5009000"))).rootCause().hasMessageContaining("There are: default, en, es");
    }

    @Test
    void aRenewedTokenLetsAStoppedNumberGoOnAndARemovedNumbersMessagesWait() throws IOException {
        spanish.expireToken();
        Map<String, Object> es = Map.of("WhatsAppUser", Flows.user(), "WhatsAppNumber", "es");
        Flows.send(gateway, "direct:whatsapp-send-text", "waits for a token", es);
        await().atMost(LIMIT).until(() -> graph.calls().stream().anyMatch(call -> call.isOf(ES)));
        Flows.sendText(gateway, Flows.user(), "another number goes on");
        awaitSent(TestGateway.NUMBER, "another number goes on");

        renew("es-token-2");
        awaitSent(ES, "waits for a token");

        Flows.awaitQuiet(gateway);
        Files.writeString(file, "numbers:\n");
        await().atMost(LIMIT).until(() -> numbers().byName("es") == null);
        // an answer that was on its way when its number was removed
        Flows.send(gateway, "direct:whatsapp-send-text", "waits for its number",
                Map.of("WhatsAppUser", Flows.user(), "WhatsAppUpdateId", "message:" + Payloads.id(), "WhatsAppPhoneNumberId", ES));
        await().atMost(LIMIT).until(() -> HealthCheckHelper.invokeReadiness(gateway.camel(), "full").stream()
                .anyMatch(check -> String.valueOf(check.getDetails().get("number.es")).contains("removed from the configuration")));
        assertThat(webhook(TestGateway.SECRET, text(EN, TestGateway.ACCOUNT, Flows.user()))).isEqualTo(200);
        awaitSent(EN, "hello");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.outbound")).isEqualTo(1));
        assertThat(webhook(ES_SECRET, text(ES, ES_ACCOUNT, Flows.user()))).as("its app is gone too").isEqualTo(401);

        renew("es-token-3");
        awaitSent(ES, "waits for its number");
        renew("es-token");
        await().atMost(LIMIT).until(() -> numbers().byName("es").accessToken().equals("es-token"));
        Flows.awaitQuiet(gateway);
    }

    private void renew(String token) throws IOException {
        spanish.renewToken(token);
        Files.writeString(file, FILE.formatted(token));
    }

    private NumberRegistry numbers() {
        return NumberSettings.in(gateway.camel()).registry();
    }

    @Test
    void theApiTakesANameAndListsThemForAWrongOne() {
        assertThat(api("en").statusCode()).isEqualTo(202);
        awaitSent(EN, "over http");
        assertThat(api("fr").statusCode()).isEqualTo(400);
        assertThat(api("fr").body()).contains("X-WhatsApp-Number").contains("default, en, es");
    }

    @Test
    void aTokenOfOneNumberSendsFromItAndFromNoOther() {
        assertThat(api("/api/messages", "es-api", null).statusCode()).isEqualTo(202);
        awaitSent(ES, "over http");
        assertThat(api("/api/messages", "es-api", "X-WhatsApp-Number: es").statusCode()).isEqualTo(202);
        for (String other : List.of("X-WhatsApp-Number: en", "X-WhatsApp-Number: fr", "X-WhatsApp-Phone-Number-Id: " + EN,
                "X-WhatsApp-Phone-Number-Id: 5009000")) {
            for (String path : List.of("/api/messages", "/api/templates", "/api/media", "/api/bulk")) {
                HttpResponse<String> refused = api(path, "es-api", other);
                assertThat(refused.statusCode()).as(path + ' ' + other).isEqualTo(400);
                assertThat(refused.body()).contains("There are: es\"");
            }
        }
        assertThat(api("/api/messages", "es-ap", null).statusCode()).isEqualTo(401);
    }

    @Test
    void aTokenOfOneNumberSeesNothingOfAnothers() {
        String en = id(api("/api/messages", "api", "X-WhatsApp-Number: en"));
        String es = id(api("/api/messages", "api", "X-WhatsApp-Number: es"));
        Flows.awaitQuiet(gateway);
        String own = id(api("/api/messages", "es-api", null));
        assertThat(List.of(seen("/api/messages/" + en, "es-api"), seen("/api/messages/" + es, "es-api"), seen("/api/messages/" + own, "es-api")))
                .containsExactly(404, 200, 200);
        assertThat(List.of(en, es, own)).allMatch(known -> seen("/api/messages/" + known, "api") == 200);
        String bulk = id(api("/api/bulk", "api", "X-WhatsApp-Number: es"));
        String ownBulk = id(api("/api/bulk", "es-api", null));
        assertThat(List.of(seen("/api/bulk/" + bulk, "es-api"), seen("/api/bulk/" + ownBulk, "es-api"), seen("/api/bulk/" + ownBulk, "api")))
                .containsExactly(404, 200, 200);
    }

    @Test
    void aRenewedApiTokenHoldsAtOnce() throws IOException {
        Files.writeString(file, FILE.formatted("es-token").replace("es-api", "es-api-2"));
        await().atMost(LIMIT).until(() -> api("/api/messages", "es-api-2", null).statusCode() == 202);
        assertThat(api("/api/messages", "es-api", null).statusCode()).isEqualTo(401);
        Files.writeString(file, FILE.formatted("es-token"));
        await().atMost(LIMIT).until(() -> api("/api/messages", "es-api", null).statusCode() == 202);
    }

    @Test
    void aBuilderNamesItsNumber() {
        gateway.camel().createFluentProducerTemplate().to("direct:whatsapp-send").withBody(Text.of("built").from("en").to("+15555550101")).send();
        gateway.camel().createFluentProducerTemplate().to("direct:whatsapp-send").withBody(Text.of("built by id").to("+15555550101").from(ES)).send();
        awaitSent(EN, "built");
        awaitSent(ES, "built by id");
    }

    private static String id(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return answer.body().replaceFirst("(?s).*\"id\" ?: ?\"([^\"]+)\".*", "$1");
    }

    private int seen(String path, String token) {
        return TestGateway.send(HttpRequest.newBuilder(gateway.url(path)).timeout(LIMIT).header("Authorization", "Bearer " + token).build()).statusCode();
    }

    private HttpResponse<String> api(String number) {
        return api("/api/messages", "api", "X-WhatsApp-Number: " + number);
    }

    private HttpResponse<String> api(String path, String token, String header) {
        HttpRequest.Builder request = HttpRequest.newBuilder(gateway.url(path)).timeout(LIMIT).header("Authorization", "Bearer " + token)
                .header("Content-Type", path.endsWith("bulk") ? "application/x-ndjson" : path.endsWith("media") ? "image/jpeg" : "application/json");
        if (header != null) {
            request.header(header.split(": ")[0], header.split(": ")[1]);
        }
        return TestGateway.send(request.POST(HttpRequest.BodyPublishers.ofString("{\"messaging_product\":\"whatsapp\",\"to\":\"+" + Flows.user()
                + "\",\"type\":\"text\",\"text\":{\"body\":\"over http\"}}")).build());
    }
}
