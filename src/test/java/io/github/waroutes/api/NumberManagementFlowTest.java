package io.github.waroutes.api;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.RouteFiles;
import io.github.waroutes.TestGateway;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.flows.FlowClient;
import io.github.waroutes.flows.PemFiles;
import io.github.waroutes.junit.GraphFault;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Templates, the Flows endpoint, blocked users, QR codes and the profile: by routes and over the API, with the simulator as Meta. */
@WhatsAppSimulator
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NumberManagementFlowTest {

    private static final String TOKEN = "demo-token";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();
    private static final KeyPair PAIR = PemFiles.pair();
    private static final List<Map<String, Object>> UPDATES = new CopyOnWriteArrayList<>();
    private static final String BODY = "{\"category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\",\"text\":\"Your order is ready.\"}]}";

    private static final Pattern YAML = Pattern.compile("(?s)```yaml\\n(.*?)```");

    private static TestGateway gateway;
    private static ProducerTemplate routes;
    private static JsonNode document;
    private SimulatedWhatsApp whatsapp;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) throws IOException {
        gateway = new TestGateway(directory).with(whatsapp).with("whatsapp.api.token", TOKEN).with("whatsapp.api.max-bytes", 5_000)
                .with("whatsapp.account-id", whatsapp.accountId()).with("whatsapp.on.template", "direct:my-templates")
                .with("whatsapp.flows.private-key", PemFiles.pkcs8(PAIR)).with("whatsapp.flows.on-request", "direct:my-flow")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:my-templates").routeId("my-templates").process(exchange -> UPDATES.add(exchange.getMessage().getBody(Map.class)))
                                .to("direct:whatsapp-template-changed");
                        from("direct:my-flow").routeId("my-flow").choice()
                                .when(header("WhatsAppFlowToken").isEqualTo("used")).setHeader("WhatsAppFlowTokenInvalid", constant("You have booked already"))
                                .when(header("WhatsAppFlowToken").isEqualTo("broken")).throwException(IllegalStateException.class, "made up")
                                .otherwise().setBody(exchange -> Map.of("screen", "TIME", "data", Map.of("seen", exchange.getMessage().getBody(Map.class).get("data"))));
                    }
                }).start();
        routes = gateway.camel().createProducerTemplate();
        document = JSON.readTree(NumberManagementFlowTest.class.getResourceAsStream("/whatsapp/openapi.json"));
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void meta(SimulatedWhatsApp shared) {
        whatsapp = shared;
    }

    private static HttpResponse<String> call(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(gateway.url(path)).timeout(LIMIT).header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/json").method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        HttpResponse<String> response = TestGateway.send(request.build());
        document.path("paths").fieldNames().forEachRemaining(known -> {
            if (path.replaceAll("\\?.*", "").matches(known.replaceAll("\\{[a-z]+}", "[^/]+"))) {
                SEEN.add(method + ' ' + known + ' ' + response.statusCode());
            }
        });
        assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
        if (response.statusCode() >= 400) {
            assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(json(response).path("status").asInt()).isEqualTo(response.statusCode());
            assertThat(response.body()).doesNotContain("5555");
        }
        return response;
    }

    private static JsonNode call(int status, String method, String path, String body, String... headers) {
        HttpResponse<String> response = call(method, path, body, headers);
        assertThat(response.statusCode()).as(method + ' ' + path + ": " + response.body()).isEqualTo(status);
        return json(response);
    }

    private static JsonNode json(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void decides(String template, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(whatsapp.url() + "/simulator/templates/" + template)).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)).build();
        assertThat(TestGateway.send(request).statusCode()).isEqualTo(200);
    }

    private long askedForTemplates() {
        return whatsapp.graph().calls().stream().filter(one -> one.method().equals("GET") && one.path().endsWith("/message_templates")).count();
    }

    // --- templates

    @Test
    void aTemplateIsMadeWatchedChangedAndDeletedOverTheApi() {
        assertThat(call(201, "PUT", "/api/templates/order_ready/en_US", BODY).path("status").asText()).isEqualTo("APPROVED");
        assertThat(call(201, "PUT", "/api/templates/order_ready/de", BODY).path("id").asText()).isNotBlank();
        call(201, "PUT", "/api/templates/order_ready_2/de", BODY);
        assertThat(call(200, "GET", "/api/templates/order_ready", null).path("data")).hasSize(2).allSatisfy(one -> assertThat(one.path("name").asText()).isEqualTo("order_ready"));
        assertThat(call(200, "GET", "/api/templates", null).path("data").findValuesAsText("name")).contains("order_ready", "order_ready_2", "hello_world");

        JsonNode state = call(200, "GET", "/api/templates/order_ready/en_US", null);
        assertThat(state.path("status").asText()).isEqualTo("APPROVED");
        assertThat(state.path("category").asText()).isEqualTo("UTILITY");
        long asked = askedForTemplates();
        decides("order_ready", "{\"status\":\"PAUSED\",\"language\":\"en_US\"}");
        decides("order_ready", "{\"quality\":\"RED\",\"language\":\"en_US\"}");
        decides("order_ready", "{\"category\":\"MARKETING\",\"language\":\"en_US\"}");
        await().atMost(LIMIT).untilAsserted(() -> {
            JsonNode told = call(200, "GET", "/api/templates/order_ready/en_US", null);
            assertThat(told.path("status").asText()).isEqualTo("PAUSED");
            assertThat(told.path("quality").asText()).isEqualTo("RED");
            assertThat(told.path("category").asText()).isEqualTo("MARKETING");
            assertThat(told.path("previous_category").asText()).isEqualTo("UTILITY");
        });
        assertThat(askedForTemplates()).as("Meta's updates say it").isEqualTo(asked);
        assertThat(UPDATES).anySatisfy(update -> assertThat(update).containsEntry("event", "PAUSED").containsEntry("message_template_name", "order_ready"));
        assertThat(gateway.counter("whatsapp.template.updates", "field", "message_template_quality_update")).isPositive();
        assertThat(gateway.browse("whatsapp.unhandled")).isEmpty();

        assertThat(call(200, "PUT", "/api/templates/order_ready/de", BODY.replace("ready.", "there.")).path("success").asBoolean()).isTrue();
        assertThat(call(200, "GET", "/api/templates/order_ready", null).toString()).contains("there.");
        call(200, "DELETE", "/api/templates/order_ready/de", null);
        assertThat(call(404, "GET", "/api/templates/order_ready/de", null).path("type").asText()).endsWith("not-found");
        call(404, "DELETE", "/api/templates/order_ready/de", null);
        assertThat(call(200, "GET", "/api/templates/order_ready", null).path("data")).hasSize(1);
        call(200, "DELETE", "/api/templates/order_ready", null);
        call(404, "DELETE", "/api/templates/order_ready", null);
        call(404, "GET", "/api/templates/order_ready/en_US", null);
    }

    @Test
    void whatMetaRefusesOfATemplateIsToldWithItsCode() {
        JsonNode problem = call(400, "PUT", "/api/templates/bad/en", BODY.replace("UTILITY", "FUN"));
        assertThat(problem.path("type").asText()).endsWith("refused");
        assertThat(problem.path("code").asInt()).isEqualTo(100);
        assertThat(problem.path("detail").asText()).contains("category");
        call(404, "GET", "/api/templates/No-Name", null);
        call(404, "DELETE", "/api/templates/No-Name", null);
        call(404, "PUT", "/api/templates/No-Name/en", BODY);
        call(400, "PUT", "/api/templates/bad/en", "[]");
        call(405, "POST", "/api/templates/bad/en", BODY);
    }

    @Test
    @SuppressWarnings("unchecked")
    void aRouteManagesTemplates() {
        Map<String, Object> made = routes.requestBody("direct:whatsapp-template-create",
                "{\"name\":\"from_route\",\"language\":\"en\",\"category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\",\"text\":\"Hi\"}]}", Map.class);
        assertThat(made).containsEntry("status", "APPROVED");
        assertThat(routes.requestBody("direct:whatsapp-template-list", Map.of("name", "from_route"), List.class)).hasSize(1);
        Map<String, Object> headers = Map.of("WhatsAppTemplate", "from_route", "WhatsAppTemplateLanguage", "en", "WhatsAppNumber", "default");
        assertThat(routes.requestBodyAndHeaders("direct:whatsapp-template-status", null, headers, Map.class)).containsEntry("status", "APPROVED").containsEntry("id", made.get("id"));
        assertThat(routes.requestBodyAndHeader("direct:whatsapp-template-edit", Map.of("category", "MARKETING"), "WhatsAppTemplateId", made.get("id"), Map.class))
                .containsEntry("success", true);
        assertThat(routes.requestBodyAndHeaders("direct:whatsapp-template-delete", null, headers, Map.class)).containsEntry("success", true);
        assertThatThrownBy(() -> routes.requestBodyAndHeaders("direct:whatsapp-template-status", null, headers)).isInstanceOf(CamelExecutionException.class)
                .rootCause().isInstanceOfSatisfying(WhatsAppException.class, failure -> assertThat(failure.getStatusCode()).isEqualTo(404));
    }

    // --- Flows

    private HttpResponse<String> flow(String body, String signature) {
        HttpRequest.Builder request = HttpRequest.newBuilder(gateway.url("/flows")).timeout(LIMIT).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
        if (signature != null) {
            request.header("X-Hub-Signature-256", signature);
        }
        return TestGateway.send(request.build());
    }

    private HttpResponse<String> flow(String body) {
        return flow(body, TestGateway.signature(whatsapp.appSecret(), body.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aFlowIsAnsweredByTheUsersRoute() throws IOException {
        FlowClient client = new FlowClient(PAIR.getPublic(), "{\"version\":\"3.0\",\"action\":\"data_exchange\",\"screen\":\"DAY\",\"data\":{\"day\":\"monday\"},\"flow_token\":\"t1\"}");
        HttpResponse<String> response = flow(client.body());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
        assertThat(JSON.readTree(client.read(response.body()))).isEqualTo(JSON.readTree("{\"screen\":\"TIME\",\"data\":{\"seen\":{\"day\":\"monday\"}}}"));
        assertThat(response.headers().map().keySet()).noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("whatsapp"));
    }

    @Test
    void healthChecksAndErrorsAreAnsweredWithoutTheRoute() throws IOException {
        FlowClient ping = new FlowClient(PAIR.getPublic(), "{\"version\":\"3.0\",\"action\":\"ping\"}");
        assertThat(JSON.readTree(ping.read(flow(ping.body()).body()))).isEqualTo(JSON.readTree("{\"data\":{\"status\":\"active\"}}"));
        FlowClient error = new FlowClient(PAIR.getPublic(), "{\"version\":\"3.0\",\"action\":\"INIT\",\"flow_token\":\"broken\",\"data\":{\"error\":\"timeout\",\"error_message\":\"too late\"}}");
        assertThat(JSON.readTree(error.read(flow(error.body()).body()))).isEqualTo(JSON.readTree("{\"data\":{\"acknowledged\":true}}"));
        assertThat(gateway.counter("whatsapp.flows.requests", "result", "ping")).isPositive();
        assertThat(gateway.counter("whatsapp.flows.requests", "result", "error")).isPositive();
    }

    @Test
    void eachFailureOfAFlowHasTheStatusThatMetasClientActsOn() throws IOException {
        String body = new FlowClient(PAIR.getPublic(), "{\"action\":\"INIT\",\"flow_token\":\"used\"}").body();
        HttpResponse<String> used = flow(body);
        assertThat(used.statusCode()).isEqualTo(427);
        assertThat(JSON.readTree(used.body())).isEqualTo(JSON.readTree("{\"error_msg\":\"You have booked already\"}"));
        assertThat(flow(body, null).statusCode()).isEqualTo(432);
        assertThat(flow(body, TestGateway.signature("another secret", body.getBytes(StandardCharsets.UTF_8))).statusCode()).isEqualTo(432);
        assertThat(flow(new FlowClient(PemFiles.pair().getPublic(), "{\"action\":\"ping\"}").body()).statusCode()).isEqualTo(421);
        assertThat(flow("{}").statusCode()).isEqualTo(400);
        HttpResponse<String> broken = flow(new FlowClient(PAIR.getPublic(), "{\"action\":\"INIT\",\"flow_token\":\"broken\"}").body());
        assertThat(broken.statusCode()).isEqualTo(500);
        assertThat(broken.body()).isEmpty();
        for (String result : List.of("token", "signature", "undecipherable", "malformed", "failed")) {
            assertThat(gateway.counter("whatsapp.flows.requests", "result", result)).as(result).isPositive();
        }
    }

    @Test
    void metaGetsThePublicKey() {
        assertThat(call(200, "PUT", "/api/flows/public-key", null).path("success").asBoolean()).isTrue();
        JsonNode told = call(200, "GET", "/api/flows/public-key", null);
        assertThat(told.path("current").asBoolean()).isTrue();
        assertThat(told.path("business_public_key_signature_status").asText()).isEqualTo("VALID");
        assertThat(told.path("business_public_key").asText()).isEqualTo(PemFiles.publicPem(PAIR));
    }

    // --- blocked users, QR codes, profile

    @Test
    void usersAreBlockedListedAndUnblocked() {
        SimulatedUser kim = whatsapp.newUser("Kim");
        kim.sends("hello");
        JsonNode blocked = call(200, "POST", "/api/blocked-users", "{\"users\":[\"+" + kim.id() + "\"]}");
        assertThat(blocked.at("/block_users/added_users/0/wa_id").asText()).isEqualTo(kim.id());
        assertThat(call(200, "GET", "/api/blocked-users", null).path("data").findValuesAsText("wa_id")).containsExactly(kim.id());

        JsonNode partly = call(200, "POST", "/api/blocked-users", "{\"users\":[\"+" + kim.id() + "\",\"+15555559999\"]}");
        assertThat(partly.at("/block_users/added_users")).hasSize(1);
        assertThat(partly.at("/block_users/failed_users/0/errors/0/code").asInt()).isEqualTo(131047);
        assertThat(partly.has("error")).isFalse();
        JsonNode none = call(400, "POST", "/api/blocked-users", "{\"users\":[\"+15555559999\"]}");
        assertThat(none.path("code").asInt()).isEqualTo(139100);
        assertThat(none.path("detail").asText()).contains("131047", "24 hours");

        Map<?, ?> removed = routes.requestBodyAndHeader("direct:whatsapp-unblock-user", null, "WhatsAppUser", kim.id(), Map.class);
        assertThat(removed.toString()).contains("removed_users");
        assertThat(routes.requestBody("direct:whatsapp-blocked-users", null, List.class)).isEmpty();
        assertThat(call(200, "DELETE", "/api/blocked-users", "{\"users\":[\"+" + kim.id() + "\"]}").at("/block_users/removed_users")).hasSize(1);
        assertThat(call(422, "POST", "/api/blocked-users", "{\"users\":[\"nobody\"]}").path("detail").asText()).contains("number 1");
        call(422, "DELETE", "/api/blocked-users", "{\"users\":[]}");
        call(400, "DELETE", "/api/blocked-users", "nobody");
        call(400, "DELETE", "/api/blocked-users", "{\"users\":[\"15\"],}");
    }

    @Test
    void qrCodesAreMadeChangedAndDeleted() {
        JsonNode made = call(201, "POST", "/api/qr-codes", "{\"prefilled_message\":\"I come from the poster\",\"generate_qr_image\":\"SVG\"}");
        String code = made.path("code").asText();
        assertThat(made.path("deep_link_url").asText()).endsWith(code);
        assertThat(made.path("qr_image_url").asText()).isNotBlank();
        assertThat(call(200, "PUT", "/api/qr-codes/" + code, "{\"prefilled_message\":\"I come from the bus\"}").path("prefilled_message").asText()).isEqualTo("I come from the bus");
        assertThat(call(200, "GET", "/api/qr-codes/" + code, null).path("prefilled_message").asText()).isEqualTo("I come from the bus");
        Map<?, ?> second = routes.requestBody("direct:whatsapp-qr-code-create", "Hello", Map.class);
        assertThat(call(200, "GET", "/api/qr-codes", null).path("data").findValuesAsText("code")).contains(code, second.get("code").toString());
        call(200, "DELETE", "/api/qr-codes/" + code, null);
        assertThat(routes.requestBodyAndHeader("direct:whatsapp-qr-code-delete", null, "WhatsAppQrCode", second.get("code"), Map.class)).containsEntry("success", true);
        assertThat(call(400, "POST", "/api/qr-codes", "{}").path("detail").asText()).contains("prefilled_message");
        // Meta answers 100 with subcode 33 for what does not exist
        assertThat(call(404, "GET", "/api/qr-codes/" + code, null).path("subcode").asInt()).isEqualTo(33);
        call(404, "PUT", "/api/qr-codes/" + code, "{\"prefilled_message\":\"x\"}");
        call(404, "DELETE", "/api/qr-codes/" + code, null);
        call(404, "GET", "/api/qr-codes/a-b", null);
    }

    @Test
    void theProfileIsChangedFieldByField() {
        call(200, "PATCH", "/api/profile", "{\"about\":\"Bread since 1912\",\"websites\":[\"https://example.com/\"]}");
        assertThat(routes.requestBody("direct:whatsapp-business-profile-update", Map.of("vertical", "RETAIL"), Map.class)).containsEntry("success", true);
        JsonNode profile = call(200, "GET", "/api/profile", null);
        assertThat(profile.path("about").asText()).isEqualTo("Bread since 1912");
        assertThat(profile.path("vertical").asText()).isEqualTo("RETAIL");
        assertThat(call(400, "PATCH", "/api/profile", "{\"vertical\":\"FUN\"}").path("detail").asText()).contains("vertical");
    }

    // --- what the guides show

    /** docs/send-api.http, from top to bottom, as an editor runs it against the demonstration. */
    @Test
    void everyRequestOfTheFileIsAnsweredAsItSays() throws IOException {
        HttpFile file = HttpFile.read(Path.of("docs/send-api.http"));
        Properties demo = new Properties();
        try (InputStream in = getClass().getResourceAsStream("/whatsapp/simulator/demo.properties")) {
            demo.load(in);
        }
        assertThat(file.variables()).containsEntry("token", demo.getProperty("whatsapp.api.token")).containsEntry("token", TOKEN);
        assertThat(demo.getProperty("whatsapp.account-id")).isEqualTo(whatsapp.accountId());
        assertThat(file.requests()).hasSizeGreaterThan(20).allSatisfy(one -> {
            // in the demonstration both are at one address
            String host = one.url().startsWith("{{host}}/simulator") ? whatsapp.url() : gateway.url("").toString();
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(one.url().replace("{{host}}", host))).timeout(LIMIT)
                    .method(one.method(), one.body().isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(one.body()));
            one.headers().forEach(request::header);
            HttpResponse<String> response = TestGateway.send(request.build());
            assertThat(response.statusCode()).as(one.title() + ": " + response.body()).isEqualTo(one.status());
        });
    }

    @Test
    void theRoutesOfTheGuidesRun() throws Exception {
        for (String guide : List.of("flows", "templates", "business")) {
            Matcher yaml = YAML.matcher(Files.readString(Path.of("docs", guide + ".md")));
            assertThat(yaml.find()).as(guide).isTrue();
            PluginHelper.getRoutesLoader(gateway.camel()).loadRoutes(ResourceHelper.fromString(guide + ".yaml", yaml.group(1).replace("my-", "guide-")));
        }
        assertThat(routes.requestBodyAndHeader("direct:guide-flow", Map.of(), "WhatsAppFlowAction", "INIT", String.class)).contains("\"screen\":\"DAY\"");
        assertThat(routes.requestBodyAndHeader("direct:guide-flow", Map.of(), "WhatsAppFlowAction", "data_exchange", String.class)).contains("\"booked\"");
        routes.requestBodyAndHeader("direct:guide-templates", Map.of("event", "APPROVED"), "WhatsAppTemplate", "sale");
        SimulatedUser lee = whatsapp.newUser("Lee");
        lee.sends("buy viagra");
        routes.requestBodyAndHeader("direct:guide-texts", Map.of("text", Map.of("body", "buy viagra")), "WhatsAppUser", lee.id());
        assertThat(call(200, "GET", "/api/blocked-users", null).path("data").findValuesAsText("wa_id")).contains(lee.id());
        call(200, "DELETE", "/api/blocked-users", "{\"users\":[\"" + lee.id() + "\"]}");
    }

    // --- what holds for each address

    private record Operation(String method, String path, JsonNode description) {

        String address() {
            return path.replace("{name}", "some_name").replace("{language}", "en").replace("{code}", "ABC123");
        }

        boolean hasBody() {
            return description.has("requestBody");
        }

        String example() {
            return description.at("/requestBody/content/application~1json/example").toString();
        }
    }

    private static List<Operation> operations() {
        List<Operation> operations = new CopyOnWriteArrayList<>();
        document.path("paths").fields().forEachRemaining(path -> path.getValue().fields().forEachRemaining(operation -> {
            if (operation.getValue().path("tags").path(0).asText().equals("management")) {
                operations.add(new Operation(operation.getKey().toUpperCase(Locale.ROOT), path.getKey(), operation.getValue()));
            }
        }));
        return operations;
    }

    @Test
    void everyAddressNeedsTheTokenAndTakesNoQuery() {
        assertThat(operations()).hasSizeGreaterThan(15).allSatisfy(one -> {
            String body = one.hasBody() ? one.example() : null;
            call(401, one.method(), one.address(), body, "Authorization", "Bearer wrong");
            call(400, one.method(), one.address() + "?fields=all", body);
            if (one.hasBody()) {
                call(413, one.method(), one.address(), "{\"x\":\"" + "x".repeat(5_000) + "\"}");
                if (!one.method().equals("DELETE")) {
                    call(415, one.method(), one.address(), body, "Content-Type", "text/plain");
                }
            }
        });
    }

    @Test
    void whatMetaCannotDoNowIsToldToTheCaller() {
        try {
            operations().forEach(one -> {
                whatsapp.graph().works();
                whatsapp.graph().fails(80007).at(GraphFault.At.ACCOUNT);
                assertThat(call(429, one.method(), one.address(), one.hasBody() ? one.example() : null).path("code").asInt()).as(one.toString()).isEqualTo(80007);
                whatsapp.graph().works();
                whatsapp.graph().fails(190).at(GraphFault.At.ACCOUNT);
                assertThat(call(502, one.method(), one.address(), one.hasBody() ? one.example() : null).path("code").asInt()).as(one.toString()).isEqualTo(190);
            });
        } finally {
            whatsapp.graph().works();
        }
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void theDocumentSaysAllThatTheRoutesHaveAndNothingElse() throws IOException {
        Set<String> paths = operations().stream().map(Operation::path).collect(Collectors.toCollection(TreeSet::new));
        Set<String> routed = new TreeSet<>();
        for (String line : Files.readAllLines(RouteFiles.of("whatsapp").stream().filter(f -> f.endsWith("api-manage.camel.yaml")).findFirst().orElseThrow())) {
            if (line.trim().startsWith("uri: platform-http:")) {
                routed.add(line.trim().substring("uri: platform-http:".length()));
            }
        }
        routed.add("/api/templates");
        assertThat(paths).isEqualTo(routed);
        Set<String> documented = new TreeSet<>();
        operations().forEach(one -> one.description().path("responses").fieldNames().forEachRemaining(status -> documented.add(one.method() + ' ' + one.path() + ' ' + status)));
        // told in ApiFlowTest and ProblemTest: a slow body, and what a broken store or a bug would be answered with; what a check of our own, or Meta's, refuses
        Set<String> elsewhere = Set.of("408", "500", "503", "422", "400", "404");
        Set<String> wrong = SEEN.stream().filter(answer -> !answer.endsWith(" 405") && !answer.startsWith("POST /api/templates ") && !documented.contains(answer))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(wrong).as("answered and not documented").isEmpty();
        assertThat(documented.stream().filter(answer -> !elsewhere.contains(answer.substring(answer.length() - 3))).toList()).as("documented").isSubsetOf(SEEN);
    }
}
