package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.simulator.common.HmacSha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;

/** The simulator alone on a free port, with a webhook that remembers what it got and refuses wrong signatures. */
public final class SimulatorServer implements AutoCloseable {

    public static final String NUMBER = "106540352242922";
    public static final String ACCOUNT = "102290129340398";
    public static final String TOKEN = "test-token";
    public static final Duration PATIENCE = Duration.ofSeconds(20);
    public static final ObjectMapper JSON = new ObjectMapper();
    private static final String SECRET = "test-secret";

    public final List<Webhook> webhooks = new CopyOnWriteArrayList<>();
    public final String url;
    /** What a webhook waits for before it is answered; until then the simulator sends no later status of the message. */
    public volatile Consumer<Webhook> beforeAnswer = webhook -> { };
    private final Simulator simulator;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** @param genuine whether the signature was right; a webhook that was refused is here too */
    public record Webhook(JsonNode value, byte[] body, boolean genuine) {

        public JsonNode message() {
            return value.at("/messages/0");
        }

        public JsonNode status() {
            return value.at("/statuses/0");
        }
    }

    public SimulatorServer(Map<String, String> properties) {
        Simulator.Builder builder = Simulator.builder().accessToken(TOKEN).appSecret(SECRET).statusDelay(Duration.ofMillis(10))
                .webhookRetryDelay(Duration.ofMillis(10));
        properties.forEach(builder::property);
        simulator = builder.routes(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/webhook?httpMethodRestrict=POST").process(exchange -> {
                    byte[] body = exchange.getMessage().getBody(byte[].class);
                    boolean genuine = ("sha256=" + HmacSha256.hex(SECRET, body))
                            .equals(exchange.getMessage().getHeader("X-Hub-Signature-256", String.class));
                    Webhook webhook = new Webhook(JSON.readTree(body).at("/entry/0/changes/0/value"), body, genuine);
                    webhooks.add(webhook);
                    beforeAnswer.accept(webhook);
                    exchange.getMessage().removeHeaders("*");
                    exchange.getMessage().setHeader("CamelHttpResponseCode", genuine ? 200 : 401);
                    exchange.getMessage().setBody("");
                });
            }
        }).start();
        url = simulator.url();
    }

    @Override
    public void close() {
        simulator.close();
    }

    public CamelContext camel() {
        return simulator.camel();
    }

    /** The statuses that came for this phone number, in the order they came. */
    public List<JsonNode> statusesOf(String phone) {
        return webhooks.stream().map(Webhook::status).filter(status -> phone.equals(status.path("recipient_id").asText()))
                .toList();
    }

    public HttpResponse<String> send(String recipient, String text) throws Exception {
        return graph("POST", NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\",\"to\":\"+" + recipient
                + "\",\"type\":\"text\",\"text\":{\"body\":\"" + text + "\"}}");
    }

    public HttpResponse<String> say(String user, String body) throws Exception {
        return http("POST", "/simulator/users/" + user + "/messages", body, Duration.ofSeconds(20));
    }

    public JsonNode fault(String fault) throws Exception {
        return json(http("POST", "/simulator/faults", fault, PATIENCE), 200);
    }

    public JsonNode faults() throws Exception {
        return json(http("GET", "/simulator/faults", null, PATIENCE), 200);
    }

    /** @param path below the version */
    public HttpResponse<String> graph(String method, String path, String body) throws Exception {
        return http(method, "/graph/v26.0/" + path, body, PATIENCE);
    }

    public HttpResponse<String> http(String method, String path, String body, Duration limit) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(path.startsWith("http") ? path : url + path)).timeout(limit)
                .header("Content-Type", "application/json").header("Authorization", "Bearer " + TOKEN)
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
                .build(), HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<byte[]> download(String address) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(address)).timeout(PATIENCE)
                .header("Authorization", "Bearer " + TOKEN).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    public HttpResponse<String> upload(String type, byte[] file) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (String[] field : new String[][] {{"messaging_product", "whatsapp"}, {"type", type}}) {
            body.writeBytes(("--border\r\nContent-Disposition: form-data; name=\"" + field[0] + "\"\r\n\r\n" + field[1] + "\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        }
        body.writeBytes(("--border\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n"
                + "Content-Type: " + type + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        body.writeBytes(file);
        body.writeBytes("\r\n--border--\r\n".getBytes(StandardCharsets.US_ASCII));
        return http.send(HttpRequest.newBuilder(URI.create(url + "/graph/v26.0/" + NUMBER + "/media")).timeout(PATIENCE)
                .header("Content-Type", "multipart/form-data; boundary=border").header("Authorization", "Bearer " + TOKEN)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    public static JsonNode json(HttpResponse<String> answer, int status) throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        return JSON.readTree(answer.body());
    }

    public static JsonNode parse(String json) throws IOException {
        return JSON.readTree(json);
    }
}
