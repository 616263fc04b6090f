package io.github.waroutes.junit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.waroutes.TestGateway;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** An application under test that keeps its webhooks, and sends what a test tells it to. */
final class Application implements AutoCloseable {

    static final ObjectMapper JSON = new ObjectMapper();

    final List<JsonNode> webhooks = new CopyOnWriteArrayList<>();
    final List<String> signatures = new CopyOnWriteArrayList<>();
    /** What the next webhooks are answered with; 200 when there is nothing more. */
    final Queue<Integer> answers = new ConcurrentLinkedQueue<>();
    private final SimulatedWhatsApp whatsapp;
    private final HttpServer server;

    Application(SimulatedWhatsApp whatsapp) {
        this.whatsapp = whatsapp;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::webhook);
        server.start();
        whatsapp.webhookPort(port());
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void webhook(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        signatures.add(TestGateway.signature(whatsapp.appSecret(), body).equals(exchange.getRequestHeaders()
                .getFirst("X-Hub-Signature-256")) ? "right" : "wrong");
        webhooks.add(((ObjectNode) JSON.readTree(body).at("/entry/0/changes/0/value")).put("path", exchange.getRequestURI().getPath()));
        Integer answer = answers.poll();
        exchange.sendResponseHeaders(answer == null ? 200 : answer, -1);
        exchange.close();
    }

    /** The messages that came, in their order. */
    List<JsonNode> messages() {
        List<JsonNode> messages = new ArrayList<>();
        webhooks.forEach(value -> value.path("messages").forEach(messages::add));
        return messages;
    }

    List<String> statuses(String wamid) {
        List<String> statuses = new ArrayList<>();
        webhooks.forEach(value -> value.path("statuses").forEach(status -> {
            if (wamid.equals(status.path("id").asText())) {
                statuses.add(status.path("status").asText());
            }
        }));
        return statuses;
    }

    HttpResponse<String> text(SimulatedUser user, String text) throws IOException, InterruptedException {
        return message(user, "text", "{\"body\":\"" + text + "\"}");
    }

    HttpResponse<String> message(SimulatedUser user, String type, String content) throws IOException, InterruptedException {
        String whom = user.id().contains(".") ? "\"recipient\":\"" + user.id() : "\"to\":\"+" + user.id();
        return post("{\"messaging_product\":\"whatsapp\"," + whom + "\",\"type\":\"" + type + "\",\"" + type + "\":" + content + "}");
    }

    HttpResponse<String> read(UserMessage message, boolean typing) throws IOException, InterruptedException {
        return post("{\"messaging_product\":\"whatsapp\",\"status\":\"read\",\"message_id\":\"" + message.id() + '"'
                + (typing ? ",\"typing_indicator\":{\"type\":\"text\"}}" : "}"));
    }

    private HttpResponse<String> post(String body) throws IOException, InterruptedException {
        return http(HttpRequest.newBuilder(URI.create(whatsapp.graphUrl() + "/v26.0/" + whatsapp.phoneNumberId() + "/messages"))
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpResponse<String> get(String url) throws IOException, InterruptedException {
        return http(HttpRequest.newBuilder(URI.create(url)));
    }

    private HttpResponse<String> http(HttpRequest.Builder request) throws IOException, InterruptedException {
        return whatsapp.http().send(request.timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + whatsapp.accessToken()).build(), // a character for each byte
                HttpResponse.BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
