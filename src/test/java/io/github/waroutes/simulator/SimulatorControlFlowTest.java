package io.github.waroutes.simulator;

import static io.github.waroutes.simulator.SimulatorServer.ACCOUNT;
import static io.github.waroutes.simulator.SimulatorServer.NUMBER;
import static io.github.waroutes.simulator.SimulatorServer.PATIENCE;
import static io.github.waroutes.simulator.SimulatorServer.json;
import static io.github.waroutes.simulator.SimulatorServer.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.github.waroutes.simulator.cloud.StatusSequence;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.webhook.Callbacks;
import io.github.waroutes.simulator.webhook.SentMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callbacks, webhooks of any field, templates' fate, statuses and prices, the window, and everything users can say, over HTTP. */
class SimulatorControlFlowTest {

    private static final String USER = "15555550101";
    private static final String USER_ID = "US.13491208655302741918";
    private static SimulatorServer server;
    private static Endpoint other;

    /** Another application on this machine, with a verify token, which answers webhooks as it is told. */
    private static final class Endpoint implements AutoCloseable {
        final List<JsonNode> webhooks = new CopyOnWriteArrayList<>();
        final List<String> handshakes = new CopyOnWriteArrayList<>();
        final String url;
        volatile String token = "right";
        private final HttpServer http;

        Endpoint() throws IOException {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            http.createContext("/", exchange -> {
                String answer = "";
                int status = 200;
                if (exchange.getRequestMethod().equals("GET")) {
                    handshakes.add(exchange.getRequestURI().getQuery());
                    Map<String, String> query = Arrays.stream(exchange.getRequestURI().getQuery().split("&"))
                            .map(pair -> pair.split("=", 2)).collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
                    boolean right = token.equals(query.get("hub.verify_token")) && "subscribe".equals(query.get("hub.mode"));
                    status = right ? 200 : 403;
                    answer = right ? query.get("hub.challenge") : "";
                } else {
                    webhooks.add(SimulatorServer.JSON.readTree(exchange.getRequestBody()));
                }
                byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
                exchange.getResponseBody().write(bytes);
                exchange.close();
            });
            http.start();
            url = "http://127.0.0.1:" + http.getAddress().getPort() + "/";
        }

        @Override
        public void close() {
            http.stop(0);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        server = new SimulatorServer(Map.of("whatsapp.simulator.window", "async"));
        other = new Endpoint();
    }

    @AfterAll
    static void stop() {
        server.close();
        other.close();
    }

    @BeforeEach
    void forget() throws Exception {
        server.webhooks.clear();
        other.webhooks.clear();
        other.handshakes.clear();
        other.token = "right";
        for (String user : List.of(USER, USER_ID)) {
            json(server.http("DELETE", "/simulator/users/" + user + "/messages", null, PATIENCE), 200);
        }
    }

    @AfterEach
    void calm() throws Exception {
        json(server.http("DELETE", "/simulator/callback", null, PATIENCE), 200);
        json(server.http("DELETE", "/simulator/faults", null, PATIENCE), 200);
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return server.http("POST", path, body, PATIENCE);
    }

    private static JsonNode message(String user, String said) throws Exception {
        json(server.say(user, said), 200);
        return server.webhooks.stream().filter(webhook -> webhook.value().has("messages")).reduce((first, last) -> last).orElseThrow()
                .value();
    }

    private static List<String> statusesOf(String phone, int many) {
        await().atMost(PATIENCE).until(() -> server.statusesOf(phone).size() >= many);
        return server.statusesOf(phone).stream().map(status -> status.path("status").asText()).toList();
    }

    @Test
    void theFirstMessageWithAUserIdIsRememberedAsItsWebhookToldIt() throws Exception {
        json(server.say(USER_ID, "{\"text\":\"who am I\"}"), 200);
        JsonNode said = message(USER, "{\"text\":\"it is me\",\"user_id\":\"" + USER_ID + "\"}").at("/messages/0");

        assertThat(said.path("from_user_id").asText()).isEqualTo(USER_ID);
        JsonNode remembered = parse(server.http("GET", "/simulator/users/" + USER_ID + "/messages", null, PATIENCE).body());
        assertThat(remembered).extracting(entry -> entry.path("text").asText()).containsExactly("who am I", "it is me");
        assertThat(remembered.at("/1/message")).isEqualTo(said);
        json(server.http("DELETE", "/simulator/users/" + USER_ID + "/messages", null, PATIENCE), 200);
        assertThat(parse(server.http("GET", "/simulator/users", null, PATIENCE).body()))
                .extracting(user -> user.path("user").asText()).doesNotContain(USER, USER_ID);
    }

    @Test
    void aReactionOrReplyToAMessageThatThereIsNotIsRefused() throws Exception {
        String said = message(USER, "{\"text\":\"hi\"}").at("/messages/0/id").asText();
        String start = "{\"messaging_product\":\"whatsapp\",\"to\":\"+" + USER + "\",";
        for (String rest : List.of("\"type\":\"reaction\",\"reaction\":{\"message_id\":\"ID\",\"emoji\":\"x\"}}",
                "\"context\":{\"message_id\":\"ID\"},\"type\":\"text\",\"text\":{\"body\":\"hello\"}}")) {
            assertThat(json(server.graph("POST", NUMBER + "/messages", start + rest.replace("ID", "wamid.none")), 400)
                    .at("/error/code").asInt()).isEqualTo(131009);
            json(server.graph("POST", NUMBER + "/messages", start + rest.replace("ID", said)), 200);
        }
    }

    @Test
    void aHandshakeIsACallWithoutItsSecret() throws Exception {
        json(post("/simulator/callback", "{\"url\":\"" + other.url + "hook\",\"verify_token\":\"wrong-secret\"}"), 400);

        JsonNode call = json(server.http("GET", "/simulator/calls?limit=1", null, PATIENCE), 200).path(0);
        assertThat(call.path("summary").asText()).isEqualTo("webhook handshake → 403");
        assertThat(call.path("kind").asText()).isEqualTo("webhook");
        assertThat(call.path("method").asText()).isEqualTo("GET");
        assertThat(call.path("path").asText()).startsWith(other.url + "hook?hub.mode=subscribe").endsWith("hub.verify_token=…cret");
        assertThat(call.path("replayable").asBoolean()).isFalse();
    }

    @Test
    void aCallbackIsTakenAfterTheHandshakeAndGetsTheWebhooks() throws Exception {
        JsonNode set = json(post("/simulator/callback", "{\"url\":\"" + other.url + "hook?tenant=7\",\"verify_token\":\"right\"}"), 200);

        assertThat(set.path("url").asText()).isEqualTo(other.url + "hook?tenant=7");
        assertThat(other.handshakes).singleElement().asString().startsWith("tenant=7&hub.mode=subscribe&hub.challenge=");
        json(server.say(USER, "{\"text\":\"hi\"}"), 200);
        assertThat(other.webhooks).hasSize(1);
        assertThat(server.webhooks).isEmpty();
        json(server.http("DELETE", "/simulator/callback", null, PATIENCE), 200);
        json(server.say(USER, "{\"text\":\"hi\"}"), 200);
        assertThat(other.webhooks).hasSize(1);
        assertThat(server.webhooks).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"url\":\"OTHER\",\"verify_token\":\"wrong\"}", "{\"url\":\"http://127.0.0.1:1/\",\"verify_token\":\"right\"}",
        "{\"url\":\"https://example.com/\",\"verify_token\":\"right\"}", "{\"url\":\"nonsense\"}", "{\"url\":5}", "{}", "[]",
        "{\"url\":\"OTHER\",\"tokn\":\"x\"}", "{\"url\":\"file:///etc/passwd\"}"})
    void aCallbackThatFailsItsHandshakeOrIsElsewhereIsRefused(String body) throws Exception {
        assertThat(json(post("/simulator/callback", body.replace("OTHER", other.url)), 400).path("error").asText()).isNotBlank();
        assertThat(json(server.http("GET", "/simulator/callback", null, PATIENCE), 200).path("url").asText())
                .isEqualTo(server.url + "/webhook");
    }

    @Test
    void anAccountsCallbackOverridesTheAppsAndTheNumbersThatForItsMessages() throws Exception {
        String wrong = "{\"override_callback_uri\":\"" + other.url + "\",\"verify_token\":\"wrong\"}";
        JsonNode refused = json(server.graph("POST", ACCOUNT + "/subscribed_apps", wrong), 400).path("error");
        assertThat(refused.path("code").asInt()).isEqualTo(2200);
        assertThat(refused.path("message").asText()).contains("403");
        assertThat(json(server.graph("POST", NUMBER, "{\"webhook_configuration\":" + wrong + "}"), 400).at("/error/code").asInt())
                .isEqualTo(2200);
        assertThat(json(server.graph("POST", NUMBER, "{\"webhook_configuration\":{\"override_callback_uri\":\"" + other.url + "\"}}"), 400)
                .at("/error/code").asInt()).isEqualTo(131008);

        json(server.graph("POST", ACCOUNT + "/subscribed_apps", wrong.replace("wrong", "right")), 200);
        assertThat(json(server.graph("GET", ACCOUNT + "/subscribed_apps", null), 200).at("/data/0/override_callback_uri").asText())
                .isEqualTo(other.url);
        json(post("/simulator/webhooks", "{\"field\":\"account_update\"}"), 200);
        assertThat(other.webhooks).hasSize(1);

        json(server.graph("POST", NUMBER, "{\"webhook_configuration\":{\"override_callback_uri\":\"" + server.url
                + "/webhook\",\"verify_token\":\"any\"}}"), 400);
        other.token = "of the number";
        json(server.graph("POST", NUMBER, "{\"webhook_configuration\":{\"override_callback_uri\":\"" + other.url
                + "number\",\"verify_token\":\"of the number\"}}"), 200);
        assertThat(json(server.graph("GET", NUMBER + "?fields=webhook_configuration", null), 200).path("webhook_configuration"))
                .isEqualTo(parse("{\"application\":\"" + server.url + "/webhook\",\"whatsapp_business_account\":\"" + other.url
                        + "\",\"phone_number\":\"" + other.url + "number\"}"));
        json(server.graph("POST", NUMBER, "{\"webhook_configuration\":{\"override_callback_uri\":\"\"}}"), 200);
        json(server.graph("DELETE", ACCOUNT + "/subscribed_apps", null), 200);
        json(post("/simulator/webhooks", "{\"field\":\"account_update\"}"), 200);
        assertThat(other.webhooks).hasSize(1);
        // a status of an earlier test may come late
        assertThat(server.webhooks).filteredOn(webhook -> webhook.value().has("event")).hasSize(1);
    }

    @Test
    void aConfiguredCallbackGetsNoWebhookBeforeItHasAnsweredTheHandshake() throws Exception {
        other.token = "not yet";
        try (SimulatorServer strict = new SimulatorServer(Map.of("whatsapp.simulator.webhook-url", other.url,
                "whatsapp.simulator.verify-token", "right"))) {
            assertThat(json(strict.say(USER, "{\"text\":\"hi\"}"), 502).path("webhook_status").asInt(-1)).isZero();
            assertThat(other.webhooks).isEmpty();
            other.token = "right";
            json(strict.say(USER, "{\"text\":\"hi\"}"), 200);
            json(strict.say(USER, "{\"text\":\"hi\"}"), 200);
        }
        assertThat(other.webhooks).hasSize(2);
        assertThat(other.handshakes).hasSize(2);
    }

    @Test
    void thereIsASampleForEveryFieldThatMetaDocuments() throws Exception {
        Set<String> fields = new TreeSet<>();
        json(server.http("GET", "/simulator/webhooks", null, PATIENCE), 200).forEach(sample -> fields.add(sample.path("field").asText()));

        assertThat(fields).contains("account_alerts", "account_review_update", "account_update", "automatic_events",
                "business_capability_update", "history", "message_template_components_update", "message_template_quality_update",
                "message_template_status_update", "messages", "partner_solutions", "payment_configuration_update",
                "phone_number_name_update", "phone_number_quality_update", "security", "smb_app_state_sync", "smb_message_echoes",
                "template_category_update", "user_preferences", "calls", "flows", "account_settings_update", "group_lifecycle_update",
                "group_participants_update", "group_settings_update", "group_status_update", "user_id_update",
                "business_username_updates", "standby", "pricing", "message_echoes", "messaging_handovers");
        for (String field : fields) {
            server.webhooks.clear();
            json(post("/simulator/webhooks", "{\"field\":\"" + field + "\"}"), 200);
            SimulatorServer.Webhook webhook = server.webhooks.get(0);
            assertThat(webhook.genuine()).isTrue();
            JsonNode root = SimulatorServer.JSON.readTree(webhook.body());
            assertThat(root.at("/entry/0/changes/0/field").asText()).isEqualTo(field);
            assertThat(root.at("/entry/0/id").asText()).isEqualTo(ACCOUNT);
            assertThat(webhook.value().isObject()).isTrue();
            assertThat(new String(webhook.body(), StandardCharsets.UTF_8)).doesNotContainPattern("\"\\{[a-z_]+}\"");
        }
    }

    @Test
    void aWebhookHasTheCallersOwnValuesAndSeveralChangesIfWanted() throws Exception {
        json(post("/simulator/webhooks", "{\"batch\":[{\"field\":\"brand_new\",\"value\":{\"n\":7}},{\"field\":\"security\"}]}"), 200);

        JsonNode changes = SimulatorServer.JSON.readTree(server.webhooks.get(0).body()).at("/entry/0/changes");
        assertThat(changes).hasSize(2);
        assertThat(changes.get(0)).isEqualTo(parse("{\"value\":{\"n\":7},\"field\":\"brand_new\"}"));
        assertThat(changes.at("/1/value/event").asText()).isEqualTo("PIN_CHANGED");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "{\"field\":\"brand_new\"}", "{\"field\":7}", "{\"batch\":[]}", "{\"batch\":[1]}",
        "{\"field\":\"security\",\"vlue\":{}}", "nonsense"})
    void aWebhookThatMakesNoSenseIsRefused(String body) throws Exception {
        assertThat(json(post("/simulator/webhooks", body), 400).path("error").asText()).isNotBlank();
        assertThat(server.webhooks).isEmpty();
    }

    @Test
    void aTemplateIsApprovedPausedAndRejectedAndEachIsTold() throws Exception {
        String create = "{\"name\":\"pending_sale\",\"language\":\"en_US\",\"category\":\"MARKETING\",\"components\":[{\"type\":\"BODY\",\"text\":\"Hi\"}]}";
        assertThat(json(server.graph("POST", ACCOUNT + "/message_templates", create), 200).path("status").asText()).isEqualTo("PENDING");
        assertThat(server.webhooks).isEmpty();
        String send = "{\"messaging_product\":\"whatsapp\",\"to\":\"" + USER
                + "\",\"type\":\"template\",\"template\":{\"name\":\"pending_sale\",\"language\":{\"code\":\"en_US\"}}}";
        assertThat(json(server.graph("POST", NUMBER + "/messages", send), 404).at("/error/code").asInt()).isEqualTo(132001);

        json(post("/simulator/templates/pending_sale", "{\"status\":\"APPROVED\",\"pacing\":true}"), 200);
        JsonNode value = server.webhooks.get(0).value();
        assertThat(value.path("event").asText()).isEqualTo("APPROVED");
        assertThat(value.path("message_template_name").asText()).isEqualTo("pending_sale");
        assertThat(value.path("message_template_id").isNumber()).isTrue();
        assertThat(json(server.graph("POST", NUMBER + "/messages", send), 200).at("/messages/0/message_status").asText())
                .isEqualTo("held_for_quality_assessment");

        json(post("/simulator/templates/pending_sale", "{\"status\":\"PAUSED\"}"), 200);
        assertThat(json(server.graph("POST", NUMBER + "/messages", send), 400).at("/error/code").asInt()).isEqualTo(132015);
        json(post("/simulator/templates/pending_sale", "{\"status\":\"DISABLED\"}"), 200);
        assertThat(json(server.graph("POST", NUMBER + "/messages", send), 400).at("/error/code").asInt()).isEqualTo(132016);
        json(post("/simulator/templates/pending_sale", "{\"status\":\"REJECTED\",\"reason\":\"PROMOTIONAL\"}"), 200);
        assertThat(server.webhooks).filteredOn(webhook -> webhook.value().path("event").asText().equals("REJECTED")).singleElement()
                .satisfies(webhook -> assertThat(webhook.value().path("reason").asText()).isEqualTo("PROMOTIONAL"));

        assertThat(json(post("/simulator/templates/nobody", "{\"status\":\"PAUSED\"}"), 404).path("error").asText()).isNotBlank();
        assertThat(json(post("/simulator/templates/pending_sale", "{\"status\":\"GREAT\"}"), 400).path("error").asText()).contains("PAUSED");
        json(server.graph("DELETE", ACCOUNT + "/message_templates?name=pending_sale", null), 200);
    }

    @Test
    void aNewTemplateIsDecidedByWebhookAndListedPageByPage() throws Exception {
        List<String> ids = new ArrayList<>();
        for (String language : List.of("de", "en_US", "fr")) {
            ids.add(json(server.graph("POST", ACCOUNT + "/message_templates", "{\"name\":\"parcel\",\"language\":\"" + language
                    + "\",\"category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\",\"text\":\"Hi {{1}}\"}]}"), 200).path("id").asText());
        }
        await().atMost(PATIENCE).until(() -> server.webhooks.size() == 3);
        assertThat(server.webhooks).allMatch(webhook -> webhook.value().path("event").asText().equals("APPROVED"));

        String list = ACCOUNT + "/message_templates?name=parcel&limit=2";
        JsonNode first = json(server.graph("GET", list, null), 200);
        assertThat(first.path("data").findValuesAsText("id")).isEqualTo(ids.subList(0, 2));
        URI next = URI.create(first.at("/paging/next").asText());
        JsonNode second = json(server.http("GET", next.toString(), null, PATIENCE), 200);
        assertThat(second.path("data").findValuesAsText("id")).isEqualTo(ids.subList(2, 3));
        assertThat(second.path("paging").has("next")).isFalse();
        assertThat(json(server.graph("GET", ACCOUNT + "/message_templates?name=parcel&before=" + second.at("/paging/cursors/before").asText()
                + "&limit=1", null), 200).path("data").findValuesAsText("id")).isEqualTo(ids.subList(1, 2));
        assertThat(json(server.graph("GET", ACCOUNT + "/message_templates?status=REJECTED", null), 200).path("data")).isEmpty();
        assertThat(json(server.graph("GET", ACCOUNT + "/message_templates?language=fr&status=approved&name=parcel", null), 200).path("data"))
                .hasSize(1);

        assertThat(json(server.graph("GET", ids.get(0), null), 200).path("language").asText()).isEqualTo("de");
        json(server.graph("POST", ids.get(0), "{\"components\":[{\"type\":\"BODY\",\"text\":\"Hello\"}]}"), 200);
        assertThat(json(server.graph("GET", ids.get(0), null), 200).at("/components/0/text").asText()).isEqualTo("Hello");
        json(server.graph("DELETE", ACCOUNT + "/message_templates?name=parcel&hsm_id=" + ids.get(0), null), 200);
        assertThat(json(server.graph("GET", ACCOUNT + "/message_templates?name=parcel", null), 200).path("data")).hasSize(2);
        json(server.graph("DELETE", ACCOUNT + "/message_templates?name=parcel", null), 200);
    }

    @Test
    void anAuthenticationTemplateGoesToPhoneNumbersOnly() throws Exception {
        json(server.graph("POST", ACCOUNT + "/message_templates", "{\"name\":\"otp\",\"language\":\"de\",\"category\":\"AUTHENTICATION\","
                + "\"components\":[{\"type\":\"BODY\"},{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"OTP\",\"otp_type\":\"COPY_CODE\"}]}]}"), 200);
        String send = "{\"messaging_product\":\"whatsapp\",WHOM,\"type\":\"template\",\"template\":{\"name\":\"otp\",\"language\":{\"code\":\"de\"},"
                + "\"components\":[{\"type\":\"body\",\"parameters\":[{\"type\":\"text\",\"text\":\"1234\"}]},{\"type\":\"button\","
                + "\"sub_type\":\"url\",\"index\":\"0\",\"parameters\":[{\"type\":\"text\",\"text\":\"1234\"}]}]}}";

        assertThat(json(server.graph("POST", NUMBER + "/messages", send.replace("WHOM", "\"recipient\":\"" + USER_ID + "\"")), 400)
                .at("/error/code").asInt()).isEqualTo(131062);
        json(server.graph("POST", NUMBER + "/messages", send.replace("WHOM", "\"to\":\"" + USER + "\"")), 200);
        statusesOf(USER, 3);
        assertThat(server.statusesOf(USER).get(0).at("/pricing")).isEqualTo(
                parse("{\"billable\":true,\"pricing_model\":\"PMP\",\"type\":\"regular\",\"category\":\"authentication\"}"));
    }

    @Test
    void outsideTheWindowAFreeFormMessageFailsWith131047AndATemplateDoesNot() throws Exception {
        json(server.send(USER, "hi"), 200);
        assertThat(statusesOf(USER, 1)).containsExactly("failed");
        assertThat(server.statusesOf(USER).get(0).at("/errors/0/code").asInt()).isEqualTo(131047);

        server.webhooks.clear();
        json(server.graph("POST", NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\",\"to\":\"" + USER
                + "\",\"type\":\"template\",\"template\":{\"name\":\"hello_world\",\"language\":{\"code\":\"en_US\"}}}"), 200);
        assertThat(statusesOf(USER, 3)).containsExactly("sent", "delivered", "read");

        json(server.say(USER, "{\"text\":\"hi\"}"), 200);
        server.webhooks.clear();
        json(server.send(USER, "hi"), 200);
        assertThat(statusesOf(USER, 3)).containsExactly("sent", "delivered", "read");
        assertThat(server.statusesOf(USER).get(0).at("/pricing")).isEqualTo(
                parse("{\"billable\":false,\"pricing_model\":\"PMP\",\"type\":\"free_customer_service\",\"category\":\"service\"}"));
    }

    @Test
    void directSendNeedsNoOpenWindowAndIsPricedByItsCategory() throws Exception {
        String send = "{\"messaging_product\":\"whatsapp\",WHOM,\"type\":\"text\",\"category\":\"CATEGORY\",\"text\":{\"body\":\"It is ready\"}}";
        json(server.graph("POST", NUMBER + "/messages", send.replace("WHOM", "\"to\":\"" + USER + "\"").replace("CATEGORY", "utility")), 200);
        assertThat(statusesOf(USER, 3)).containsExactly("sent", "delivered", "read");
        assertThat(server.statusesOf(USER).get(0).at("/pricing/category").asText()).isEqualTo("utility");
        assertThat(json(server.graph("POST", NUMBER + "/messages", send.replace("WHOM", "\"recipient\":\"" + USER_ID + "\"")
                .replace("CATEGORY", "authentication")), 400).at("/error/code").asInt()).isEqualTo(131062);
    }

    @Test
    void theWindowCanRefuseAtOnceAndTheManagementCallsRunOut() throws Exception {
        try (SimulatorServer strict = new SimulatorServer(Map.of("whatsapp.simulator.window", "refuse", "whatsapp.simulator.limits", "true",
                "whatsapp.simulator.calls-per-hour", "2"))) {
            assertThat(json(strict.send(USER, "hi"), 400).at("/error/code").asInt()).isEqualTo(131047);
            // Direct Send needs no window, and costs what its category costs
            json(strict.graph("POST", NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\",\"to\":\"" + USER
                    + "\",\"type\":\"text\",\"category\":\"utility\",\"text\":{\"body\":\"Your parcel is here\"}}"), 200);
            await().atMost(PATIENCE).until(() -> !strict.statusesOf(USER).isEmpty());
            assertThat(strict.statusesOf(USER).get(0).at("/pricing/category").asText()).isEqualTo("utility");
            json(strict.graph("GET", ACCOUNT, null), 200);
            json(strict.graph("GET", ACCOUNT, null), 200);
            HttpResponse<String> third = strict.graph("GET", ACCOUNT, null);
            assertThat(json(third, 400).at("/error/code").asInt()).isEqualTo(80007);
            JsonNode usage = parse(third.headers().firstValue("X-Business-Use-Case-Usage").orElseThrow()).path(ACCOUNT).path(0);
            assertThat(usage.path("call_count").asInt()).isEqualTo(100);
            assertThat(usage.path("estimated_time_to_regain_access").asInt()).isBetween(59, 60);
        }
    }

    @Test
    void aVoiceMessageIsPlayedAndAFileOfAnotherKindFails() throws Exception {
        json(server.say(USER, "{\"text\":\"hi\"}"), 200);
        String audio = "{\"messaging_product\":\"whatsapp\",\"to\":\"" + USER + "\",\"type\":\"audio\",\"audio\":{\"id\":\"ID\",\"voice\":true}}";
        String voice = json(server.upload("audio/ogg", new byte[] {1}), 200).path("id").asText();
        json(server.graph("POST", NUMBER + "/messages", audio.replace("ID", voice)), 200);
        assertThat(statusesOf(USER, 4)).containsExactly("sent", "delivered", "read", "played");

        server.webhooks.clear();
        String text = json(server.upload("text/plain", new byte[] {65}), 200).path("id").asText();
        json(server.graph("POST", NUMBER + "/messages", audio.replace("ID", text)), 200);
        assertThat(statusesOf(USER, 1)).containsExactly("failed");
        assertThat(server.statusesOf(USER).get(0).at("/errors/0/code").asInt()).isEqualTo(131053);
        assertThat(json(server.graph("POST", NUMBER + "/messages", audio.replace("ID", "1")), 400).at("/error/code").asInt()).isEqualTo(100);
        assertThat(json(server.send("15550783881", "me"), 400).at("/error/code").asInt()).isEqualTo(131021);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"delivered-skipped | sent,read", "stays-sent | sent"})
    void theLadderCanHaveGaps(String fault, String expected) throws Exception {
        json(server.say(USER, "{\"text\":\"hi\"}"), 200);
        server.fault("{\"fault\":\"" + fault + "\",\"recipient\":\"" + USER + "\"}");
        json(server.send(USER, "hi"), 200);
        json(server.send(USER, "again"), 200);

        int many = expected.split(",").length;
        statusesOf(USER, many + 3);
        String first = server.http("GET", "/simulator/users/" + USER + "/messages", null, PATIENCE).body();
        String id = parse(first).at("/1/id").asText();
        List<JsonNode> statuses = server.statusesOf(USER).stream().filter(status -> status.path("id").asText().equals(id)).toList();
        assertThat(statuses).extracting(status -> status.path("status").asText()).containsExactly(expected.split(","));
        assertThat(statuses.get(many - 1).at("/pricing/category").asText()).isEqualTo("service");
    }

    @Test
    void afterAnAdvertisementMessagesAreFreeAndBelongToAConversation() throws Exception {
        JsonNode value = message(USER, "{\"text\":\"hi\",\"referral\":true}");
        assertThat(value.at("/messages/0/referral/source_type").asText()).isEqualTo("ad");
        json(server.send(USER, "hi"), 200);
        statusesOf(USER, 3);

        JsonNode sent = server.statusesOf(USER).get(0);
        assertThat(sent.at("/pricing")).isEqualTo(parse(
                "{\"billable\":false,\"pricing_model\":\"PMP\",\"type\":\"free_entry_point\",\"category\":\"referral_conversion\"}"));
        assertThat(sent.at("/conversation/origin/type").asText()).isEqualTo("referral_conversion");
        assertThat(sent.at("/conversation/id").asText()).isEqualTo(server.statusesOf(USER).get(1).at("/conversation/id").asText());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
        "{\"flow\":{\"response_json\":{\"day\":\"mon\"}}}|/interactive/nfm_reply/response_json|{\"day\":\"mon\"}",
        "{\"flow\":{\"response_json\":\"not json\",\"name\":\"address_message\"}}|/interactive/nfm_reply/name|address_message",
        "{\"call_permission\":{\"response\":\"accept\",\"is_permanent\":true}}|/interactive/call_permission_reply/is_permanent|true",
        "{\"call_permission\":{\"response\":\"reject\"}}|/interactive/type|call_permission_reply",
        "{\"audio\":true}|/audio/voice|false",
        "{\"text\":\"x\",\"forwarded\":true}|/context/forwarded|true",
        "{\"text\":\"x\",\"forwarded\":\"often\"}|/context/frequently_forwarded|true",
        "{\"text\":\"x\",\"reply_to\":\"wamid.q\"}|/context/id|wamid.q",
        "{\"text\":\"x\",\"product\":{\"catalog_id\":\"c\",\"product_retailer_id\":\"p\"}}|/context/referred_product/product_retailer_id|p",
        "{\"text\":\"x\",\"group_id\":\"g1\"}|/group_id|g1",
        "{\"text\":\"x\",\"referral\":{\"source_id\":\"7\"}}|/referral/source_id|7",
        "{\"unsupported\":{\"code\":131060,\"type\":\"media_placeholder\"}}|/errors/0/code|131060",
        "{\"contacts\":[{\"name\":{\"formatted_name\":\"K\"},\"origin\":\"contact_request\"}]}|/contacts/0/origin|contact_request",
        "{\"system\":{\"body\":\"b\",\"type\":\"user_changed_user_id\",\"user_id\":\"US.2\",\"parent_user_id\":\"US.ENT.2\"}}|/system/parent_user_id|US.ENT.2",
        "{\"system\":{\"body\":\"b\",\"type\":\"user_changed_user_id\",\"user_id\":\"US.2\",\"previous_user_id\":\"US.1\"}}|/system/previous_user_id|US.1",
    })
    void everyKindOfMessageHasMetasShape(String said, String pointer, String expected) throws Exception {
        assertThat(message(USER, said).path("messages").path(0).at(pointer).asText()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"flow\":{}}", "{\"call_permission\":{\"response\":\"maybe\"}}", "{\"audio\":false}", "{\"text\":\"x\",\"forwarded\":\"x\"}",
        "{\"text\":\"x\",\"referral\":false}", "{\"text\":\"x\",\"product\":{}}", "{\"text\":\"x\",\"group_id\":7}", "{\"text\":\"x\",\"user_id\":\"Kim\"}",
        "{\"text\":\"x\",\"reply_to\":7}", "{\"forwarded\":true}"})
    void whatNobodyCanSayIsRefused(String said) throws Exception {
        assertThat(json(server.say(USER, said), 400).path("error").asText()).isNotBlank();
    }

    @Test
    void aUserWithNumberAndIdIsTheSameUserByBoth() throws Exception {
        JsonNode value = message(USER, "{\"text\":\"hi\",\"name\":\"Kim\",\"username\":\"kim\",\"user_id\":\"" + USER_ID
                + "\",\"parent_user_id\":\"US.ENT.7\"}");
        assertThat(value.path("contacts").path(0)).isEqualTo(parse("{\"profile\":{\"name\":\"Kim\",\"username\":\"kim\"},\"wa_id\":\"" + USER
                + "\",\"user_id\":\"" + USER_ID + "\",\"parent_user_id\":\"US.ENT.7\"}"));
        assertThat(value.at("/messages/0/from").asText()).isEqualTo(USER);
        assertThat(value.at("/messages/0/from_user_id").asText()).isEqualTo(USER_ID);
        assertThat(value.at("/messages/0/from_parent_user_id").asText()).isEqualTo("US.ENT.7");

        JsonNode sent = json(server.graph("POST", NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\",\"recipient\":\"" + USER_ID
                + "\",\"text\":{\"body\":\"hi\"}}"), 200);
        assertThat(sent.path("contacts").path(0)).isEqualTo(parse("{\"input\":\"" + USER_ID + "\",\"user_id\":\"" + USER_ID + "\"}"));
        statusesOf(USER, 3);
        assertThat(server.statusesOf(USER)).allMatch(status -> status.path("recipient_user_id").asText().equals(USER_ID));
        List<JsonNode> contacts = server.webhooks.stream().filter(webhook -> webhook.value().has("statuses"))
                .map(webhook -> webhook.value().at("/contacts/0/profile")).toList();
        assertThat(contacts.get(0).has("username")).isFalse();
        assertThat(contacts.get(1).path("username").asText()).isEqualTo("kim");
        assertThat(json(server.http("GET", "/simulator/users/" + USER_ID + "/messages", null, PATIENCE), 200)).hasSize(2);
    }

    @Test
    void aGroupIsAnsweredAsAGroup() throws Exception {
        message(USER, "{\"text\":\"hi all\",\"group_id\":\"group-7\"}");
        JsonNode sent = json(server.graph("POST", NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"group\","
                + "\"to\":\"group-7\",\"text\":{\"body\":\"hi\"}}"), 200);
        assertThat(sent.at("/messages/0/group_id").asText()).isEqualTo("group-7");
        await().atMost(PATIENCE).until(() -> server.statusesOf("group-7").size() == 3);
        assertThat(server.statusesOf("group-7").get(0).path("recipient_type").asText()).isEqualTo("group");
        assertThat(server.statusesOf("group-7").get(0).path("recipient_participant_id").asText()).isEqualTo(USER);
        assertThat(json(server.graph("POST", NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"group\","
                + "\"to\":\"nobody\",\"text\":{\"body\":\"hi\"}}"), 400).at("/error/code").asInt()).isEqualTo(100);
    }

    @Test
    void magicUsersAreStruckWithoutTheControlApi() throws Exception {
        assertThat(server.send("1999557000001", "hi").statusCode()).isEqualTo(502);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> server.send("1999557000004", "hi"));
        json(server.say("1999557000006", "{\"text\":\"hi\"}"), 200);
        assertThat(server.webhooks).hasSize(2);
        assertThat(json(server.say("1999557000008", "{\"text\":\"hi\"}"), 502).path("webhook_status").asInt()).isEqualTo(401);
        json(server.say("1999557000009", "{\"text\":\"hi\"}"), 200);
        json(server.send("1999557000009", "hi"), 200);
        assertThat(statusesOf("1999557000009", 2)).containsExactly("sent", "read");

        String file = "/messages/0/image";
        JsonNode spoilt = message("1999557000012", "{\"image\":true}").at(file);
        assertThat(server.download(spoilt.path("url").asText()).statusCode()).isEqualTo(404);
        JsonNode elsewhere = message("1999557000013", "{\"image\":true}").at(file);
        assertThat(server.download(elsewhere.path("url").asText()).statusCode()).isEqualTo(302);
        JsonNode sound = message("1999557000001", "{\"image\":true}").at(file);
        assertThat(server.download(sound.path("url").asText()).statusCode()).isEqualTo(200);
        json(server.say("1999557999999", "{\"text\":\"hi\"}"), 200);
        json(server.send("1999557999999", "nothing special"), 200);
    }

    @Test
    void faultsStrikeTheAccountsCallsAndUploads() throws Exception {
        server.fault("{\"fault\":\"graph-error\",\"endpoint\":\"account\",\"code\":4,\"retry_after\":7}");
        HttpResponse<String> struck = server.graph("GET", ACCOUNT + "/message_templates", null);
        assertThat(json(struck, 400).at("/error/code").asInt()).isEqualTo(4);
        assertThat(struck.headers().firstValue("Retry-After")).hasValue("7");
        json(server.graph("GET", ACCOUNT + "/message_templates", null), 200);
        server.fault("{\"fault\":\"graph-error\",\"endpoint\":\"media\",\"code\":131000}");
        assertThat(json(server.upload("image/png", new byte[] {1}), 500).at("/error/code").asInt()).isEqualTo(131000);
        json(server.upload("image/png", new byte[] {1}), 200);
    }

    @Test
    void theSameSeedGivesTheSameDelaysWithinTheirSpread() {
        StatusSequence ladder = new StatusSequence(null, null);
        ladder.setDelay(1000);
        ladder.setSpread(0.2);
        List<Long> first = new ArrayList<>();
        List<Long> second = new ArrayList<>();
        for (int nth = 1; nth <= 50; nth++) {
            SentMessage message = new SentMessage(new Recipient(USER, true), "wamid.x", null, null, null, false, null, nth);
            first.add(ladder.pause(message, "sent"));
            second.add(ladder.pause(message, "sent"));
        }

        assertThat(first).isEqualTo(second).allMatch(delay -> delay >= 800 && delay <= 1200);
        assertThat(Set.copyOf(first)).hasSizeGreaterThan(10);
        ladder.setSeed(2);
        assertThat(ladder.pause(new SentMessage(new Recipient(USER, true), "wamid.x", null, null, null, false, null, 1), "sent"))
                .isNotEqualTo(first.get(0));
    }
}
