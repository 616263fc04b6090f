package io.github.waroutes.simulator;

import static io.github.waroutes.simulator.SimulatorServer.ACCOUNT;
import static io.github.waroutes.simulator.SimulatorServer.NUMBER;
import static io.github.waroutes.simulator.SimulatorServer.PATIENCE;
import static io.github.waroutes.simulator.SimulatorServer.TOKEN;
import static io.github.waroutes.simulator.SimulatorServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every address of the Graph API, and what it answers to bad input, over real HTTP. */
class SimulatorGraphFlowTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final String TEXT = "{\"messaging_product\":\"whatsapp\",\"to\":\"+15555550101\",\"text\":{\"body\":\"hi\"}}";
    private static SimulatorServer server;
    private static String template;

    @BeforeAll
    static void start() throws Exception {
        server = new SimulatorServer(Map.of("camel.server.maxBodySize", "1000000"));
        template = json(server.graph("POST", ACCOUNT + "/message_templates", "{\"name\":\"edited\",\"language\":\"de\","
                + "\"category\":\"UTILITY\",\"components\":[{\"type\":\"BODY\",\"text\":\"Hi {{1}}\"}]}"), 200).path("id").asText();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpResponse<String> call(String method, String path, String contentType, byte[] body, String authorization)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url + path)).timeout(PATIENCE)
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body));
        if (contentType != null) {
            request.header("Content-Type", contentType);
        }
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode error(HttpResponse<String> answer) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(400, 499);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.body()).doesNotContain("\tat ").doesNotContain("Exception:");
        JsonNode error = JSON.readTree(answer.body()).path("error");
        assertThat(error.path("message").asText()).as(answer.body()).isNotBlank();
        assertThat(error.path("type").asText()).isIn("OAuthException", "GraphMethodException");
        assertThat(error.path("code").isInt()).isTrue();
        assertThat(error.path("fbtrace_id").asText()).isNotBlank();
        return error;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/graph/v26.0/", "/graph/v21.0/", "/graph/v99.1/", "/graph/", "/graph//v26.0//"})
    void anyVersionIsTakenAndNoneToo(String prefix) throws Exception {
        assertThat(json(call("POST", prefix + NUMBER + "/messages", "application/json", TEXT.getBytes(StandardCharsets.UTF_8),
                "Bearer " + TOKEN), 200).at("/messages/0/id").asText()).startsWith("wamid.");
        assertThat(json(call("GET", prefix + NUMBER, null, null, "Bearer " + TOKEN), 200).path("id").asText()).isEqualTo(NUMBER);
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/graph/v26.0/,2500", "GET,/graph,2500", "GET,/graphs/v26.0/1,2500", "GET,/graph/vfoo/1,100",
        "GET,/graph/v26/1,2500", "GET,/graph/v26.0/N/a/b,2500", "POST,/graph/v26.0/N/mesages,2500", "DELETE,/graph/v26.0/A/x,2500",
        "GET,/graph/v26.0/N/mesages,100", "GET,/graph/v26.0/A/flows,100", "GET,/graph/v26.0/N/messages,100",
        "PUT,/graph/v26.0/N/messages,100", "PATCH,/graph/v26.0/A,100", "DELETE,/graph/v26.0/N,100", "POST,/graph/v26.0/A,100",
        "GET,/graph/v26.0/1,100", "DELETE,/graph/v26.0/1,100", "POST,/graph/v26.0/1,100", "POST,/graph/v26.0/1/messages,100",
        "POST,/graph/v26.0/me,100", "GET,/graph/v26.0/me/accounts,2500", "GET,/graph/v26.0/N?fields=colour,100",
        "GET,/graph/v26.0/A?fields=name%2Ccolour,100", "GET,/graph/v26.0/debug_token,100",
        "GET,/graph/v26.0/A/message_templates?limit=many,100", "GET,/graph/v26.0/A/message_templates?limit=0,100",
        "GET,/graph/v26.0/N/message_qrdls/none,100", "DELETE,/graph/v26.0/N/message_qrdls/none,100", "POST,/graph/v26.0/N/message_qrdls/none,2500",
        "GET,/graph/v26.0/1/message_qrdls/none,100", "POST,/graph/v26.0/N/block_users,100", "POST,/graph/v26.0/N/whatsapp_business_profile,100",
        "POST,/graph/v26.0/N/whatsapp_business_encryption,100", "DELETE,/graph/v26.0/N/whatsapp_business_profile,100",
        "GET,/graph/v26.0/A/message_templates?after=nonsense,100", "DELETE,/graph/v26.0/A/message_templates,100",
        "GET,/graph/v26.0/%F0%9F%98%80,100", "GET,/graph/v26.0/..%2F..%2Fetc,100", "GET,/graph/v26.0/%3Cb%3E,100"})
    void whatThereIsNotIsToldInGraphsShape(String method, String path, int code) throws Exception {
        String address = path.replace("/N", "/" + NUMBER).replace("/A", "/" + ACCOUNT);

        JsonNode error = error(call(method, address, null, null, "Bearer " + TOKEN));

        assertThat(error.path("code").asInt()).as(error.toString()).isEqualTo(code);
        if (code == 100 && error.has("error_subcode")) {
            assertThat(error.path("type").asText()).isEqualTo("GraphMethodException");
            assertThat(error.path("message").asText()).startsWith("Unsupported " + method.toLowerCase(java.util.Locale.ROOT) + " request.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /N/messages", "POST /N/marketing_messages", "POST /N/media", "GET /N", "POST /N", "GET /A",
        "GET /A/phone_numbers", "GET /A/message_templates", "POST /A/message_templates", "DELETE /A/message_templates",
        "GET /N/block_users", "GET /N/message_qrdls/x", "POST /N/whatsapp_business_profile", "GET /N/whatsapp_business_encryption",
        "GET /A/subscribed_apps", "POST /A/subscribed_apps", "DELETE /A/subscribed_apps", "GET /1", "DELETE /1", "POST /1",
        "GET /debug_token", "GET /unknown/path/here"})
    void withoutTheTokenEverythingIs190(String operation) throws Exception {
        String[] parts = operation.replace("/N", "/" + NUMBER).replace("/A", "/" + ACCOUNT).split(" ");

        for (String authorization : new String[] {null, "Bearer wrong", "Basic x", ""}) {
            HttpResponse<String> answer = call(parts[0], "/graph/v26.0" + parts[1], null, null, authorization);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(error(answer).path("code").asInt()).isEqualTo(190);
        }
    }

    @Test
    void theTokenMayBeAParameterAndItsOwnerCanBeAskedFor() throws Exception {
        assertThat(json(call("GET", "/graph/v26.0/me?access_token=" + TOKEN, null, null, null), 200).path("id").asText()).isNotBlank();
        assertThat(error(call("GET", "/graph/v26.0/me", null, null, null)).path("code").asInt()).isEqualTo(2500);

        JsonNode good = json(server.graph("GET", "debug_token?input_token=" + TOKEN, null), 200).path("data");
        assertThat(good.path("is_valid").asBoolean()).isTrue();
        assertThat(good.at("/granular_scopes/0/target_ids/0").asText()).isEqualTo(ACCOUNT);
        assertThat(good.path("scopes")).extracting(JsonNode::asText).contains("whatsapp_business_messaging");
        JsonNode bad = json(server.graph("GET", "debug_token?input_token=other", null), 200).path("data");
        assertThat(bad.path("is_valid").asBoolean(true)).isFalse();
        assertThat(bad.at("/error/code").asInt()).isEqualTo(190);
    }

    @Test
    void theNumberAndTheAccountHaveTheFieldsOfMetas() throws Exception {
        JsonNode number = json(server.graph("GET", NUMBER
                + "?fields=id,whatsapp_business_manager_messaging_limit,health_status%7Bcan_send_message%7D,status,webhook_configuration",
                null), 200);
        assertThat(number.path("whatsapp_business_manager_messaging_limit").asText()).isEqualTo("TIER_250");
        assertThat(number.at("/health_status/can_send_message").asText()).isEqualTo("AVAILABLE");
        assertThat(number.at("/webhook_configuration/application").asText()).isEqualTo(server.url + "/webhook");
        assertThat(number).hasSize(5);
        assertThat(json(server.graph("GET", ACCOUNT + "?fields=account_review_status", null), 200).path("account_review_status").asText())
                .isEqualTo("APPROVED");
        JsonNode numbers = json(server.graph("GET", ACCOUNT + "/phone_numbers", null), 200);
        assertThat(numbers.at("/data/0/id").asText()).isEqualTo(NUMBER);
        assertThat(numbers.at("/data/0/verified_name").asText()).isNotBlank();
        assertThat(numbers.at("/paging/cursors").has("after")).isTrue();
    }

    @Test
    void theUsageOfTheCallBudgetIsTold() throws Exception {
        HttpResponse<String> answer = server.graph("GET", ACCOUNT + "/message_templates", null);

        assertThat(JSON.readTree(answer.headers().firstValue("X-App-Usage").orElseThrow()).has("call_count")).isTrue();
        JsonNode usage = JSON.readTree(answer.headers().firstValue("X-Business-Use-Case-Usage").orElseThrow()).path(ACCOUNT).path(0);
        assertThat(usage.path("type").asText()).isEqualTo("whatsapp_business_management");
        assertThat(usage.path("estimated_time_to_regain_access").asInt(-1)).isZero();
        assertThat(answer.headers().allValues("X-App-Usage")).hasSize(1);
    }

    static Stream<String> operationsWithABody() {
        return Stream.of(NUMBER + "/messages", NUMBER + "/marketing_messages", NUMBER, ACCOUNT + "/message_templates",
                ACCOUNT + "/subscribed_apps", template);
    }

    @ParameterizedTest
    @MethodSource("operationsWithABody")
    void aBodyThatIsNoJsonObjectIsRefused(String path) throws Exception {
        List<byte[]> bodies = new ArrayList<>();
        for (String body : List.of("{", "nonsense", "[]", "[{}]", "null", "1", "\"x\"", "{\"a\":1} trailing", "{\"a\":NaN}",
                "{'a':1}", "[".repeat(20_000), "{\"a\":".repeat(2_000), "{\"messaging_product\":" + "9".repeat(2_000) + "}")) {
            bodies.add(body.getBytes(StandardCharsets.UTF_8));
        }
        bodies.add(new byte[] {'{', '"', (byte) 0xff, (byte) 0xc3, '"', ':', '1', '}'});
        bodies.add(new byte[] {0, 1, 2, (byte) 0xfe});
        for (byte[] body : bodies) {
            error(call("POST", "/graph/v26.0/" + path, "application/json", body, "Bearer " + TOKEN));
        }
        byte[] good = TEXT.getBytes(StandardCharsets.UTF_8);
        List<String> types = new ArrayList<>(List.of("", "text/plain", "application/xml", "nonsense"));
        if (!path.endsWith("subscribed_apps")) {
            // everything it takes may be left out, also of a form
            types.addAll(List.of("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"));
        }
        for (String type : types) {
            error(call("POST", "/graph/v26.0/" + path, type.isEmpty() ? null : type, good, "Bearer " + TOKEN));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {NUMBER + "/messages", NUMBER + "/marketing_messages", ACCOUNT + "/message_templates", NUMBER})
    void anEmptyBodyIsRefused(String path) throws Exception {
        error(call("POST", "/graph/v26.0/" + path, "application/json", null, "Bearer " + TOKEN));
        error(call("POST", "/graph/v26.0/" + path, null, null, "Bearer " + TOKEN));
        error(call("POST", "/graph/v26.0/" + path, "application/json", "{}".getBytes(StandardCharsets.UTF_8), "Bearer " + TOKEN));
    }

    /** Messages with every kind of part, each of which is spoilt in turn. */
    static Stream<String> good() {
        String to = "{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\",\"to\":\"+15555550101\",";
        return Stream.of(
                "\"type\":\"text\",\"text\":{\"body\":\"hi\",\"preview_url\":true},\"context\":{\"message_id\":\"wamid.x\"},\"biz_opaque_callback_data\":\"x\"}",
                "\"type\":\"image\",\"image\":{\"link\":\"https://example.com/a.png\",\"caption\":\"c\"}}",
                "\"type\":\"audio\",\"audio\":{\"link\":\"https://example.com/a.ogg\",\"voice\":true}}",
                "\"type\":\"document\",\"document\":{\"link\":\"https://example.com/a.pdf\",\"filename\":\"a.pdf\"}}",
                "\"type\":\"location\",\"location\":{\"latitude\":1,\"longitude\":2,\"name\":\"n\",\"address\":\"a\"}}",
                "\"type\":\"contacts\",\"contacts\":[{\"name\":{\"formatted_name\":\"Kim\",\"first_name\":\"Kim\"},\"phones\":[{\"phone\":\"1\"}]}]}",
                "\"type\":\"reaction\",\"reaction\":{\"message_id\":\"wamid.x\",\"emoji\":\"!\"}}",
                "\"type\":\"interactive\",\"interactive\":{\"type\":\"button\",\"header\":{\"type\":\"text\",\"text\":\"h\"},\"body\":{\"text\":\"b\"},\"footer\":{\"text\":\"f\"},\"action\":{\"buttons\":[{\"type\":\"reply\",\"reply\":{\"id\":\"1\",\"title\":\"A\"}}]}}}",
                "\"type\":\"interactive\",\"interactive\":{\"type\":\"list\",\"body\":{\"text\":\"b\"},\"action\":{\"button\":\"x\",\"sections\":[{\"title\":\"t\",\"rows\":[{\"id\":\"1\",\"title\":\"A\",\"description\":\"d\"}]}]}}}",
                "\"type\":\"interactive\",\"interactive\":{\"type\":\"cta_url\",\"body\":{\"text\":\"b\"},\"action\":{\"name\":\"cta_url\",\"parameters\":{\"display_text\":\"x\",\"url\":\"https://example.com\"}}}}",
                "\"type\":\"template\",\"template\":{\"name\":\"edited\",\"language\":{\"code\":\"de\"},\"components\":[{\"type\":\"body\",\"parameters\":[{\"type\":\"text\",\"text\":\"x\"}]}]}}")
                .map(rest -> to + rest);
    }

    @ParameterizedTest
    @MethodSource("good")
    void aWrongTypeUnderAnyKeyIsTakenOrRefusedButNeverAFailure(String good) throws Exception {
        server.say("15555550101", "{\"raw\":{\"id\":\"wamid.x\",\"type\":\"text\",\"text\":{\"body\":\"hi\"}}}");
        assertThat(server.graph("POST", NUMBER + "/messages", good).statusCode()).isEqualTo(200);
        int refused = 0;
        for (String path : pointers(JSON.readTree(good), "")) {
            for (JsonNode wrong : List.of(JSON.readTree("5e300"), JSON.readTree("123456789012345678901234567890"),
                    JSON.readTree("[]"), JSON.readTree("{}"), JSON.readTree("[[{\"a\":null}]]"), JSON.readTree("null"),
                    JSON.readTree("true"), JSON.readTree("\"\""), JSON.readTree("\"\\ud800\""))) {
                HttpResponse<String> answer = server.graph("POST", NUMBER + "/messages", replaced(good, path, wrong));
                if (answer.statusCode() != 200) {
                    error(answer);
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThan(20);
    }

    @Test
    void aWrongTypeInATemplateOrACallbackIsNeverAFailure() throws Exception {
        String creation = "{\"name\":\"fuzz\",\"language\":\"de\",\"category\":\"UTILITY\",\"parameter_format\":\"NAMED\",\"components\":["
                + "{\"type\":\"HEADER\",\"format\":\"TEXT\",\"text\":\"h\"},{\"type\":\"BODY\",\"text\":\"Hi {{x}}\"},"
                + "{\"type\":\"BUTTONS\",\"buttons\":[{\"type\":\"URL\",\"text\":\"u\",\"url\":\"https://example.com\"}]}]}";
        String number = "{\"webhook_configuration\":{\"override_callback_uri\":\"http://127.0.0.1:1/\",\"verify_token\":\"x\"}}";
        String apps = "{\"override_callback_uri\":\"http://127.0.0.1:1/\",\"verify_token\":\"x\"}";
        for (Map.Entry<String, String> operation : Map.of(ACCOUNT + "/message_templates", creation, NUMBER, number,
                ACCOUNT + "/subscribed_apps", apps, template, creation).entrySet()) {
            int refused = 0;
            for (String path : pointers(JSON.readTree(operation.getValue()), "")) {
                for (String wrong : List.of("5e300", "[]", "{}", "null", "true", "\"\"", "[[1]]")) {
                    HttpResponse<String> answer = server.graph("POST", operation.getKey(),
                            replaced(operation.getValue(), path, JSON.readTree(wrong)));
                    if (answer.statusCode() != 200) {
                        error(answer);
                        refused++;
                    }
                    server.graph("DELETE", ACCOUNT + "/message_templates?name=fuzz", null);
                }
            }
            assertThat(refused).as(operation.getKey()).isPositive();
        }
        server.graph("DELETE", ACCOUNT + "/subscribed_apps", null);
    }

    private static List<String> pointers(JsonNode node, String at) {
        List<String> pointers = new ArrayList<>();
        if (node.isObject()) {
            for (Iterator<String> names = node.fieldNames(); names.hasNext();) {
                String name = names.next();
                pointers.add(at + "/" + name);
                pointers.addAll(pointers(node.path(name), at + "/" + name));
            }
        }
        for (int index = 0; node.isArray() && index < node.size(); index++) {
            pointers.add(at + "/" + index);
            pointers.addAll(pointers(node.path(index), at + "/" + index));
        }
        return pointers;
    }

    private static String replaced(String json, String pointer, JsonNode value) throws Exception {
        JsonNode root = JSON.readTree(json);
        int last = pointer.lastIndexOf('/');
        JsonNode parent = root.at(pointer.substring(0, last));
        if (parent instanceof ObjectNode object) {
            object.set(pointer.substring(last + 1), value);
        } else {
            ((ArrayNode) parent).set(Integer.parseInt(pointer.substring(last + 1)), value);
        }
        return JsonNodeFactory.instance.objectNode().setAll((ObjectNode) root).toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "multipart/form-data; boundary=b | --b--",
        "multipart/form-data; boundary=b | no parts at all",
        "multipart/form-data; boundary=b | --bCRContent-Disposition: form-data; name=\"file\"CRCRjust textCR--b--CR",
        "multipart/form-data; boundary=b | --bCRContent-Disposition: form-data; name=\"messaging_product\"CRCRwhatsappCR--b--CR",
        "multipart/form-data; boundary=b | --bCRContent-Disposition: form-data; name=\"messaging_product\"CRCRsmsCR--bCRContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"CRContent-Type: text/plainCRCRxCR--b--CR",
        "multipart/form-data; boundary=b | --bCRContent-Disposition: form-data; name=\"messaging_product\"CRCRwhatsappCR--bCRContent-Disposition: form-data; name=\"file\"; filename=\"a\"CRContent-Type: nonsenseCRCRxCR--b--CR",
        "multipart/form-data; boundary=b | --bCRContent-Disposition: form-data; name=\"messaging_product\"CRCRwhatsappCR--bCRContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"CRContent-Type: text/plainCRCRCR--b--CR",
        "multipart/form-data; boundary= | --b--", "multipart/form-data; boundary=\"\" | --b--", "multipart/form-data | --b--", "multipart/mixed; boundary=b | --b--", "application/json | {\"file\":\"x\"}", "text/plain | x",
        "application/x-www-form-urlencoded | messaging_product=whatsapp&file=x"})
    void anUploadThatIsNoneIsRefused(String contentType, String body) throws Exception {
        error(call("POST", "/graph/v26.0/" + NUMBER + "/media", contentType,
                body.replace("CR", "\r\n").getBytes(StandardCharsets.UTF_8), "Bearer " + TOKEN));
    }

    @Test
    void whatTheHttpServerRefusesByItselfHasGraphsShapeToo() throws Exception {
        byte[] large = new byte[1_100_000];
        HttpResponse<String> answer = call("POST", "/graph/v26.0/" + NUMBER + "/messages", "application/json", large, "Bearer " + TOKEN);
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(error(answer).path("code").asInt()).isEqualTo(100);
        HttpResponse<String> elsewhere = call("POST", "/simulator/faults", "application/json", large, null);
        assertThat(elsewhere.statusCode()).isEqualTo(413);
        assertThat(elsewhere.body()).isEqualTo("Request Entity Too Large");
    }

    @Test
    void anotherNameForThisMachineIsRefusedByEveryAddress() throws Exception {
        for (String path : List.of("/graph/v26.0/me", "/simulator/faults", "/simulator/callback", "/simulator/webhooks",
                "/simulator/users/15555550101/messages", "/simulator/media/1?token=1-1")) {
            assertThat(raw(path, "rebound.example.com", "")).as(path).startsWith("HTTP/1.1 403").contains("\"error\"");
            assertThat(raw(path, "localhost", "Origin: https://example.com\r\n")).as(path).startsWith("HTTP/1.1 403");
            assertThat(raw(path, "localhost", "")).as(path).doesNotStartWith("HTTP/1.1 403");
        }
        assertThat(raw("/graph/v26.0/me", "rebound.example.com", "")).contains("\"code\":10").contains("fbtrace_id");
    }

    /** A request with a Host header of one's own, which the JDK's client does not send. */
    private static String raw(String path, String host, String header) throws Exception {
        URI address = URI.create(server.url);
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + header + "Authorization: Bearer " + TOKEN
                    + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)).lines()
                    .collect(Collectors.joining("\n"));
        }
    }
}
