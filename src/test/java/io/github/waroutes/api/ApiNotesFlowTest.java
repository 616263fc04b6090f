package io.github.waroutes.api;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;

import io.github.waroutes.TestGateway;
import io.github.waroutes.TestRedis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Redis goes away between the start and a request. */
class ApiNotesFlowTest {

    @RegisterExtension
    static final TestRedis redis = new TestRedis();

    @Test
    void aMessageThatIsInTheQueueIsAcceptedThoughItsStateCannotBeNoted(@TempDir Path directory) {
        try (TestGateway gateway = new TestGateway(directory).with("whatsapp.api.token", "t").with("whatsapp.redis.url", redis.url())
                .with("camel.main.autoStartupExcludePattern", "send-message,send-bulk").start()) {
            redis.stopServer();
            HttpResponse<String> answer = TestGateway.send(HttpRequest.newBuilder(gateway.url("/api/messages")).timeout(LIMIT)
                    .header("Authorization", "Bearer t").header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"messaging_product\":\"whatsapp\",\"to\":\"+15555550123\","
                            + "\"type\":\"text\",\"text\":{\"body\":\"hello\"}}")).build());
            assertThat(answer.statusCode()).isEqualTo(202);
            // the broker counts it a moment later
            await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.outbound") == 1);
        }
    }
}
