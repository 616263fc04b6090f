package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.sun.net.httpserver.HttpServer;
import io.github.waroutes.number.BusinessNumber;
import org.junit.jupiter.api.Test;

/** Answers of Meta's that the simulator does not give. */
class MetaCheckTest {

    private static final String TOKEN = "{\"data\":{\"app_id\":\"\",\"is_valid\":true,\"scopes\":[\"whatsapp_business_messaging\",\"whatsapp_business_management\"]}}";

    private static List<String> lines(Map<String, String> answers) throws IOException {
        HttpServer graph = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        graph.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            byte[] answer = answers.getOrDefault(path.substring(path.lastIndexOf('/') + 1), "{}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        graph.start();
        try {
            List<String> lines = new ArrayList<>();
            Map<String, String> settings = Map.of("whatsapp.graph.url", "http://127.0.0.1:" + graph.getAddress().getPort(), "whatsapp.graph.version", "v26.0");
            new MetaCheck(HttpClient.newHttpClient(), key -> settings.getOrDefault(key, ""), (state, about, text) -> lines.add(state + " " + about + ": " + text),
                    new CallbackProbe(uri -> true)).look(new BusinessNumber("default", "5001", "7001", "default", "a-token", List.of("a-secret"), "verify", Map.of()));
            return lines;
        } finally {
            graph.stop(0);
        }
    }

    private static String number(String health, String errors) {
        return "{\"status\":\"CONNECTED\",\"quality_rating\":\"GREEN\",\"health_status\":{\"can_send_message\":\"" + health
                + "\",\"entities\":[{\"entity_type\":\"PHONE_NUMBER\",\"can_send_message\":\"" + health + "\",\"errors\":[" + errors + "]}]}}";
    }

    @Test
    void whatIsInTheWayOfCallsOnlyIsNoFinding() throws IOException {
        assertThat(lines(Map.of("debug_token", TOKEN, "5001", number("LIMITED", "{\"error_code\":138024,\"error_description\":\"SIP is not enabled\"}"))))
                .contains("OK number default: CONNECTED, quality GREEN, throughput unknown, limit unknown");
    }

    @Test
    void aPaymentMethodThatIsMissingIsAFindingOfItsOwn() throws IOException {
        assertThat(lines(Map.of("debug_token", TOKEN, "5001", number("BLOCKED", "{\"error_code\":141006,\"error_description\":\"No payment.\"}"))))
                .anySatisfy(line -> assertThat(line).startsWith("OK number default: CONNECTED"))
                .anySatisfy(line -> assertThat(line).startsWith("FAIL number default, payment: "));
    }

    @Test
    void whatBlocksTheNumberIsToldInMetasWordsWithoutAPhoneNumber() throws IOException {
        assertThat(lines(Map.of("debug_token", TOKEN, "5001",
                number("BLOCKED", "{\"error_code\":141000,\"error_description\":\"+34 600 000 001 is under review.\",\"possible_solution\":\"Wait.\"}"))))
                .anySatisfy(line -> assertThat(line).startsWith("FAIL number default: CONNECTED").contains("it cannot send: ***01 is under review. Wait."));
    }

    @Test
    void aTokenForOtherAccountsOnlyIsSaid() throws IOException {
        String elsewhere = TOKEN.replace("\"scopes\"", "\"granular_scopes\":[{\"scope\":\"whatsapp_business_messaging\",\"target_ids\":[\"7002\"]},"
                + "{\"scope\":\"whatsapp_business_management\"}],\"scopes\"");
        assertThat(lines(Map.of("debug_token", elsewhere, "5001", number("AVAILABLE", "")))).first().asString()
                .startsWith("FAIL number default, token: It has whatsapp_business_messaging for other accounts only.");
    }

    @Test
    void webhooksThatAreSwitchedOffAreSaid() throws IOException {
        assertThat(lines(Map.of("debug_token", TOKEN.replace("\"app_id\":\"\"", "\"app_id\":\"1\""), "5001", number("AVAILABLE", ""), "subscriptions",
                "{\"data\":[{\"object\":\"page\",\"callback_url\":\"https://shop.example/page\"},{\"object\":\"whatsapp_business_account\",\"active\":false,"
                        + "\"callback_url\":\"ftp://shop.example/webhook\",\"fields\":[{\"name\":\"messages\"}]}]}")))
                .anySatisfy(line -> assertThat(line).startsWith("FAIL app default, webhooks: The app's webhooks are switched off."))
                .anySatisfy(line -> assertThat(line).startsWith("FAIL app default, callback: ftp://shop.example/webhook is no https address"));
    }
}
