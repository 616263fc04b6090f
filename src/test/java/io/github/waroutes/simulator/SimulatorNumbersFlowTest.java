package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.github.waroutes.simulator.common.HmacSha256;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Several numbers, accounts and apps in one simulator: what belongs to whom. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SimulatorNumbersFlowTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KIM = "15555550101";
    private static final String FIRST = "106540352242922";
    private static final String TOKEN = "first-token";

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Webhook> webhooks = new CopyOnWriteArrayList<>();
    private HttpServer application;
    private Simulator simulator;

    private record Webhook(String path, JsonNode json, byte[] body, String signature) {

        boolean isSignedWith(String secret) {
            return signature.equals("sha256=" + HmacSha256.hex(secret, body));
        }

        JsonNode value() {
            return json.at("/entry/0/changes/0/value");
        }
    }

    @BeforeAll
    void start() throws Exception {
        application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        application.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            webhooks.add(new Webhook(exchange.getRequestURI().getPath(), JSON.readTree(body), body,
                    exchange.getRequestHeaders().getFirst("X-Hub-Signature-256")));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        application.start();
        simulator = Simulator.builder().accessToken(TOKEN).appSecret("first-secret").webhookUrl(application("/webhook"))
                .statusDelay(Duration.ofMillis(5)).property("whatsapp.simulator.limits", "true")
                .numbers("es=5001:34600000001:7001:shops:token-es:secret-es", "pt=5002:351900000001:7001").start();
    }

    @BeforeEach
    void reset() {
        simulator.reset(Duration.ofSeconds(5));
        webhooks.clear();
    }

    @AfterAll
    void stop() {
        simulator.close();
        application.stop(0);
    }

    private String application(String path) {
        return "http://127.0.0.1:" + application.getAddress().getPort() + path;
    }

    private JsonNode call(int status, String method, String path, String token, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(simulator.url() + path)).timeout(Duration.ofSeconds(20))
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/json");
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return JSON.readTree(answer.body());
    }

    private JsonNode graph(int status, String method, String path, String token, String body) throws Exception {
        return call(status, method, "/graph/v26.0/" + path, token, body);
    }

    private JsonNode send(int status, String number, String token) throws Exception {
        return graph(status, "POST", number + "/messages", token,
                "{\"messaging_product\":\"whatsapp\",\"to\":\"" + KIM + "\",\"type\":\"text\",\"text\":{\"body\":\"hi\"}}");
    }

    private JsonNode say(String number, String text) throws Exception {
        return call(200, "POST", "/simulator/users/" + KIM + "/messages" + number, null, "{\"text\":\"" + text + "\"}");
    }

    private JsonNode conversation(String number) throws Exception {
        return call(200, "GET", "/simulator/users/" + KIM + "/messages" + number, null, null);
    }

    @Test
    void aTokenUsesItsOwnNumbersAndSeesNoOthers() throws Exception {
        send(200, "5001", "token-es");
        send(200, "5002", "token-es");
        send(200, FIRST, TOKEN);
        for (String[] wrong : new String[][] {{FIRST, "token-es"}, {"5001", TOKEN}}) {
            JsonNode error = send(400, wrong[0], wrong[1]).path("error");
            assertThat(error.path("code").asInt()).isEqualTo(100);
            assertThat(error.path("error_subcode").asInt()).isEqualTo(33);
        }
        assertThat(graph(200, "GET", "7001/phone_numbers", "token-es", null).path("data")).extracting(one -> one.path("id").asText())
                .containsExactly("5001", "5002");
        assertThat(graph(400, "GET", "7001/phone_numbers", TOKEN, null).at("/error/error_subcode").asInt()).isEqualTo(33);
        assertThat(graph(200, "GET", "5002", "token-es", null).path("display_phone_number").asText()).isEqualTo("+351900000001");
        assertThat(graph(401, "GET", "5002", "nobodys", null).at("/error/code").asInt()).isEqualTo(190);
        assertThat(graph(200, "GET", "debug_token?input_token=token-es", TOKEN, null).at("/data/granular_scopes/0/target_ids"))
                .extracting(JsonNode::asText).containsExactly("7001");
    }

    @Test
    void conversationsAreBetweenAUserAndANumber() throws Exception {
        say("?number=es", "hola");
        say("", "hello");
        send(200, "5001", "token-es");
        simulator.awaitIdle(Duration.ofSeconds(10));

        assertThat(conversation("?number=es")).extracting(entry -> entry.path("from").asText()).containsExactly("user", "business");
        assertThat(conversation("")).extracting(entry -> entry.path("text").asText()).containsExactly("hello");
        assertThat(conversation("?number=5002")).isEmpty();
        assertThat(call(200, "GET", "/simulator/users?number=es", null, null)).extracting(user -> user.path("number").asText())
                .containsExactly("es");
        assertThat(call(200, "GET", "/simulator/users", null, null).path(0).has("number")).isFalse();
        String hello = conversation("").path(0).path("id").asText();
        graph(400, "POST", "5001/messages", "token-es",
                "{\"messaging_product\":\"whatsapp\",\"status\":\"read\",\"message_id\":\"" + hello + "\"}");
        assertThat(call(400, "POST", "/simulator/users/" + KIM + "/messages?number=xx", null, "{\"text\":\"a\"}").path("error").asText())
                .contains("default, es, pt");
    }

    @Test
    void webhooksNameTheNumberAndItsAccountAndAreSignedByItsApp() throws Exception {
        say("?number=es", "hola");
        say("", "hello");
        send(200, "5002", "token-es");
        simulator.awaitIdle(Duration.ofSeconds(10));

        Webhook hola = webhooks.get(0);
        assertThat(hola.json().at("/entry/0/id").asText()).isEqualTo("7001");
        assertThat(hola.value().at("/metadata/phone_number_id").asText()).isEqualTo("5001");
        assertThat(hola.value().at("/metadata/display_phone_number").asText()).isEqualTo("34600000001");
        assertThat(hola.isSignedWith("secret-es")).isTrue();
        assertThat(webhooks.get(1).isSignedWith("first-secret")).isTrue();
        assertThat(webhooks.get(1).value().at("/metadata/phone_number_id").asText()).isEqualTo(FIRST);
        assertThat(webhooks.subList(2, webhooks.size())).hasSize(3).allMatch(status -> status.isSignedWith("secret-es")
                && status.value().at("/metadata/phone_number_id").asText().equals("5002"));
    }

    @Test
    void aWebhookThatIsMadeAgainIsSignedByTheSameApp() throws Exception {
        say("?number=es", "hola");
        long seq = call(200, "GET", "/simulator/calls?limit=1", null, null).path(0).path("seq").asLong();

        call(200, "POST", "/simulator/calls/" + seq + "/replay", null, "{}");

        assertThat(webhooks).hasSize(2).allMatch(webhook -> webhook.isSignedWith("secret-es"));
    }

    @Test
    void anAppHasACallbackOfItsOwn() throws Exception {
        call(200, "POST", "/simulator/numbers", null, "{\"name\":\"de\",\"phone_number_id\":\"5003\",\"account_id\":\"7003\",\"app\":\"north\","
                + "\"access_token\":\"token-de\",\"app_secret\":\"secret-de\",\"webhook_url\":\"" + application("/north") + "\"}");
        say("?number=de", "hallo");
        call(200, "POST", "/simulator/webhooks?number=de", null, "{\"field\":\"account_update\"}");
        call(200, "POST", "/simulator/callback?number=es", null, "{\"url\":\"" + application("/shops") + "\"}");
        say("?number=pt", "ola");
        say("", "hello");

        assertThat(webhooks).extracting(Webhook::path).containsExactly("/north", "/north", "/shops", "/webhook");
        assertThat(webhooks.get(1).json().at("/entry/0/id").asText()).isEqualTo("7003");
        assertThat(webhooks.get(1).isSignedWith("secret-de")).isTrue();
        call(200, "DELETE", "/simulator/numbers/de", null, null);
        send(401, "5003", "token-de");
        call(200, "DELETE", "/simulator/callback", null, null);
    }

    @Test
    void aTokenExpiresAndIsRenewed() throws Exception {
        call(200, "POST", "/simulator/numbers/es/token", null, "{\"expired\":true}");
        JsonNode error = send(401, "5002", "token-es").path("error");
        assertThat(error.path("code").asInt()).isEqualTo(190);
        assertThat(error.path("error_subcode").asInt()).isEqualTo(463);
        send(200, FIRST, TOKEN);

        call(200, "POST", "/simulator/numbers/es/token", null, "{\"access_token\":\"newer\"}");
        send(200, "5001", "newer");
        assertThat(send(401, "5001", "token-es").at("/error/error_subcode").asInt()).isEqualTo(463);

        simulator.reset(Duration.ofSeconds(5));
        send(200, "5001", "token-es");
    }

    @Test
    void aTokenIsNoLongerValidOrHasFewerPermissions() throws Exception {
        String debug = "debug_token?input_token=token-es";
        call(200, "POST", "/simulator/numbers/es/token", null, "{\"scopes\":[\"whatsapp_business_messaging\"],\"expires_in\":3600}");
        JsonNode token = graph(200, "GET", debug, "token-es", null).path("data");
        assertThat(token.path("scopes")).extracting(JsonNode::asText).containsExactly("whatsapp_business_messaging");
        assertThat(Instant.ofEpochSecond(token.path("expires_at").asLong())).isBetween(Instant.now().plusSeconds(3500), Instant.now().plusSeconds(3601));
        send(200, "5001", "token-es");
        assertThat(graph(403, "GET", "5001", "token-es", null).at("/error/code").asInt()).isEqualTo(10);
        call(200, "POST", "/simulator/numbers/es/token", null, "{\"scopes\":[\"whatsapp_business_management\"]}");
        assertThat(send(403, "5001", "token-es").at("/error/code").asInt()).isEqualTo(10);
        graph(200, "GET", "5001", "token-es", null);

        call(200, "POST", "/simulator/numbers/es/token", null, "{\"invalid\":true}");
        JsonNode error = graph(401, "GET", "5001", "token-es", null).path("error");
        assertThat(error.path("code").asInt()).isEqualTo(190);
        assertThat(error.has("error_subcode")).isFalse();
        assertThat(graph(200, "GET", debug, TOKEN, null).at("/data/is_valid").asBoolean(true)).isFalse();

        for (String wrong : List.of("{}", "{\"invalid\":1}", "{\"scopes\":\"all\"}", "{\"scopes\":[1]}", "{\"expires_in\":-1}", "{\"expired\":\"yes\"}", "{\"more\":1}")) {
            call(400, "POST", "/simulator/numbers/es/token", null, wrong);
        }
        simulator.reset(Duration.ofSeconds(5));
        send(200, "5001", "token-es");
    }

    @Test
    void aNumberHasTheStateItIsGiven() throws Exception {
        String fields = "5001?fields=status,quality_rating,throughput,whatsapp_business_manager_messaging_limit,health_status";
        call(200, "POST", "/simulator/numbers/es/state", null, "{\"status\":\"BANNED\",\"quality_rating\":\"RED\",\"throughput\":\"HIGH\",\"messaging_limit\":\"TIER_2K\"}");
        assertThat(call(200, "POST", "/simulator/numbers/es/state", null, "{\"limitation\":\"No display name.\"}").path("status").asText()).isEqualTo("BANNED");
        JsonNode number = graph(200, "GET", fields, "token-es", null);
        assertThat(number.path("status").asText()).isEqualTo("BANNED");
        assertThat(number.path("quality_rating").asText()).isEqualTo("RED");
        assertThat(number.at("/throughput/level").asText()).isEqualTo("HIGH");
        assertThat(number.path("whatsapp_business_manager_messaging_limit").asText()).isEqualTo("TIER_2K");
        assertThat(number.at("/health_status/can_send_message").asText()).isEqualTo("LIMITED");
        assertThat(number.at("/health_status/entities/0/additional_info/0").asText()).isEqualTo("No display name.");
        assertThat(send(403, "5001", "token-es").at("/error/code").asInt()).isEqualTo(131031);
        call(200, "POST", "/simulator/numbers/es/state", null, "{\"status\":\"PENDING\"}");
        assertThat(send(400, "5001", "token-es").at("/error/code").asInt()).isEqualTo(133010);
        send(200, "5002", "token-es");

        assertThat(call(200, "POST", "/simulator/numbers/es/state", null, "{}").path("status").asText()).isEqualTo("CONNECTED");
        call(200, "POST", "/simulator/numbers/es/state", null, "{\"payment\":false}");
        assertThat(graph(200, "GET", "7001?fields=health_status", "token-es", null).at("/health_status/entities/1/errors/0/error_code").asInt()).isEqualTo(141006);
        send(200, "5001", "token-es");
        await().atMost(Duration.ofSeconds(10)).until(() -> webhooks.stream().anyMatch(webhook -> webhook.value().at("/statuses/0/errors/0/code").asInt() == 131042));
        for (String wrong : List.of("{\"status\":\"GONE\"}", "{\"payment\":\"no\"}", "{\"more\":1}", "{\"quality_rating\":7}")) {
            call(400, "POST", "/simulator/numbers/es/state", null, wrong);
        }
    }

    @Test
    void anAppsOwnTokenTellsItsCallbackAndFieldsAndNothingElse() throws Exception {
        String app = graph(200, "GET", "debug_token?input_token=token-es", "token-es", null).at("/data/app_id").asText();
        JsonNode subscription = graph(200, "GET", app + "/subscriptions", app + "|secret-es", null).at("/data/0");
        assertThat(subscription.path("object").asText()).isEqualTo("whatsapp_business_account");
        assertThat(subscription.path("callback_url").asText()).isEqualTo(application("/webhook"));
        assertThat(subscription.path("fields")).extracting(field -> field.path("name").asText()).contains("messages", "account_update");
        assertThat(graph(403, "GET", app + "/subscriptions", "token-es", null).at("/error/code").asInt()).isEqualTo(15);
        assertThat(graph(400, "GET", app + "/subscriptions", app + "|first-secret", null).at("/error/code").asInt()).isEqualTo(190);
        assertThat(send(403, "5001", app + "|secret-es").at("/error/code").asInt()).isEqualTo(10);
        graph(200, "GET", "debug_token?input_token=token-es", app + "|secret-es", null);
    }

    @Test
    void anAppGetsTheFieldsItIsSubscribedTo() throws Exception {
        call(200, "POST", "/simulator/subscription?number=es", null, "{\"fields\":[\"account_update\"]}");
        call(502, "POST", "/simulator/users/" + KIM + "/messages?number=es", null, "{\"text\":\"hola\"}");
        call(200, "POST", "/simulator/webhooks?number=es", null, "{\"field\":\"account_update\"}");
        say("", "hello");
        assertThat(webhooks).hasSize(2);

        String app = graph(200, "GET", "debug_token?input_token=token-es", "token-es", null).at("/data/app_id").asText();
        call(200, "POST", "/simulator/subscription?number=es", null, "{\"fields\":[]}");
        assertThat(graph(200, "GET", app + "/subscriptions", app + "|secret-es", null).path("data")).isEmpty();
        call(400, "POST", "/simulator/subscription", null, "{\"fields\":\"messages\"}");
        simulator.reset(Duration.ofSeconds(5));
        say("?number=es", "hola");
    }

    @Test
    void graphsClockMayBeWrong() throws Exception {
        call(200, "POST", "/simulator/clock", null, "{\"ahead_seconds\":-600}");
        HttpResponse<Void> answer = http.send(HttpRequest.newBuilder(URI.create(simulator.graphUrl() + "/v26.0/" + FIRST)).build(), HttpResponse.BodyHandlers.discarding());
        assertThat(answer.statusCode()).isEqualTo(401);
        Instant told = ZonedDateTime.parse(answer.headers().firstValue("Date").orElseThrow(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        assertThat(told).isBetween(Instant.now().minusSeconds(660), Instant.now().minusSeconds(590));
        call(400, "POST", "/simulator/clock", null, "{\"ahead_seconds\":\"much\"}");
    }

    @Test
    void mediaAndTemplatesBelongToTheAccount() throws Exception {
        say("?number=es", "hola");
        call(200, "POST", "/simulator/users/" + KIM + "/messages?number=es", null, "{\"image\":true}");
        await().atMost(Duration.ofSeconds(10)).until(() -> webhooks.size() == 2);
        JsonNode image = webhooks.get(1).value().at("/messages/0/image");
        String id = image.path("id").asText();
        graph(200, "GET", id, "token-es", null);
        assertThat(graph(400, "GET", id, TOKEN, null).at("/error/error_subcode").asInt()).isEqualTo(33);
        graph(400, "DELETE", id, TOKEN, null);
        assertThat(http.send(HttpRequest.newBuilder(URI.create(image.path("url").asText())).header("Authorization", "Bearer " + TOKEN).build(),
                HttpResponse.BodyHandlers.discarding()).statusCode()).isEqualTo(401);
        String picture = "{\"messaging_product\":\"whatsapp\",\"to\":\"" + KIM + "\",\"type\":\"image\",\"image\":{\"id\":\"" + id + "\"}}";
        graph(400, "POST", FIRST + "/messages", TOKEN, picture);
        graph(200, "POST", "5002/messages", "token-es", picture);

        String template = graph(200, "POST", "7001/message_templates", "token-es",
                "{\"name\":\"sale\",\"language\":\"es\",\"category\":\"MARKETING\",\"components\":[]}").path("id").asText();
        graph(200, "GET", template, "token-es", null);
        graph(400, "GET", template, TOKEN, null);
        graph(400, "POST", template, TOKEN, "{\"category\":\"UTILITY\"}");
        String message = "{\"messaging_product\":\"whatsapp\",\"to\":\"" + KIM
                + "\",\"type\":\"template\",\"template\":{\"name\":\"sale\",\"language\":{\"code\":\"es\"}}}";
        graph(200, "POST", "5002/messages", "token-es", message);
        assertThat(graph(404, "POST", FIRST + "/messages", TOKEN, message).at("/error/code").asInt()).isEqualTo(132001);
    }

    @Test
    void eachNumberHasItsThroughputAndTheTierIsTheAccounts() throws Exception {
        call(200, "POST", "/simulator/numbers", null,
                "{\"name\":\"it\",\"phone_number_id\":\"5004\",\"account_id\":\"7001\",\"messages_per_second\":0,\"tier\":250}");
        assertThat(send(400, "5004", "token-es").at("/error/code").asInt()).isEqualTo(130429);
        send(200, "5001", "token-es");
        call(200, "POST", "/simulator/numbers", null,
                "{\"name\":\"it\",\"phone_number_id\":\"5004\",\"account_id\":\"7001\",\"messages_per_second\":80,\"tier\":1}");
        assertThat(graph(400, "POST", "5004/messages", "token-es", "{\"messaging_product\":\"whatsapp\",\"to\":\"15555550102\","
                + "\"text\":{\"body\":\"hi\"}}").at("/error/code").asInt()).isEqualTo(131048);
    }

    @Test
    void thePageIsToldWhichNumbersThereAre() throws Exception {
        JsonNode settings = call(200, "GET", "/simulator/settings?number=pt", null, null);

        assertThat(settings.path("phone_number_id").asText()).isEqualTo("5002");
        assertThat(settings.path("numbers")).extracting(number -> number.path("name").asText()).containsExactly("default", "es", "pt");
    }
}
