package io.github.waroutes.api;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.queue.StoredMessage;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing leaves the queues here: what waits, for a limit perhaps, is known as queued, whichever way it came. */
class QueuedStateFlowTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        gateway = new TestGateway(directory).with("whatsapp.api.token", "t").with("whatsapp.mark-read", false)
                .with("camel.main.autoStartupExcludePattern", "send-message,send-bulk").start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(gateway.url(path)).timeout(LIMIT).header("Authorization", "Bearer t");
    }

    private static String accepted(String path, String type, String body) throws Exception {
        HttpResponse<String> answer = TestGateway.send(request(path).header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body)).build());
        assertThat(answer.statusCode()).isEqualTo(202);
        return JSON.readTree(answer.body()).path("id").asText();
    }

    private static void assertQueued(String id) throws Exception {
        HttpResponse<String> answer = TestGateway.send(request("/api/messages/" + URLEncoder.encode(id, StandardCharsets.UTF_8)).build());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(JSON.readTree(answer.body()).path("state").asText()).isEqualTo("queued");
    }

    private static List<String> ids(String queue) {
        return gateway.browse(queue).stream().map(StoredMessage::queueHeaders).map(headers -> headers.get("WhatsAppOutboundId").toString()).toList();
    }

    private static String text(int number) {
        return "{\"messaging_product\":\"whatsapp\",\"to\":\"+1555555030" + number + "\",\"type\":\"text\",\"text\":{\"body\":\"x\"}}";
    }

    @Test
    void aMessageAndATemplateOfTheApiAreQueued() throws Exception {
        assertQueued(accepted("/api/messages", "application/json", text(1)));
        assertQueued(accepted("/api/templates", "application/json", "{\"to\":\"+15555550302\",\"name\":\"news\",\"language\":\"en\"}"));
    }

    @Test
    void eachMessageOfABulkIsQueued() throws Exception {
        String bulk = accepted("/api/bulk", "application/x-ndjson", text(3) + '\n' + text(4) + '\n');
        List<String> ids = ids("whatsapp.outbound.bulk").stream().filter(id -> id.startsWith(bulk)).toList();
        assertThat(ids).hasSize(2);
        for (String id : ids) {
            assertQueued(id);
        }
    }

    @Test
    void aMessageOfARouteIsQueued() throws Exception {
        try (ProducerTemplate template = gateway.camel().createProducerTemplate()) {
            template.sendBodyAndHeaders("direct:whatsapp-send-text", "x", Map.of("WhatsAppUser", "15555550305", "WhatsAppOutboundId", "mine"));
        }
        assertQueued("mine");
    }

    @Test
    void aReplyIsQueued() throws Exception {
        String wamid = Payloads.id();
        ObjectNode image = Payloads.message(wamid, "15555550306", "image");
        image.putObject("image").put("id", "1234567890").put("mime_type", "image/jpeg");
        gateway.webhook(Payloads.messages(image));
        String id = "message:" + wamid + ":reply:0";
        await().atMost(LIMIT).until(() -> ids("whatsapp.outbound").contains(id));
        await().atMost(LIMIT).untilAsserted(() -> assertQueued(id));
    }

    @Test
    void aReadReceiptHasNoState() throws Exception {
        String id = accepted("/api/messages", "application/json",
                "{\"messaging_product\":\"whatsapp\",\"status\":\"read\",\"message_id\":\"wamid.A\"}");
        assertThat(TestGateway.send(request("/api/messages/" + id).build()).statusCode()).isEqualTo(404);
    }
}
