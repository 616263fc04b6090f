package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.MESSAGES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import io.github.waroutes.Payloads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process is killed while replies are on their way to Meta, which takes them and answers too late; their statuses come after the start. */
class AttemptCrashTest {

    private static final int USERS = 20;
    private static final int SENDERS = 8;
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir
    Path directory;

    private final WireMockServer meta = new WireMockServer(
            WireMockConfiguration.options().dynamicPort().containerThreads(64).bindAddress("127.0.0.1"));

    private List<String> sent() {
        return Sends.messages(meta).stream().map(message -> message.path("biz_opaque_callback_data").asText()).toList();
    }

    @Test
    void whatWasOnItsWayAtTheKillIsSentOnce() {
        meta.start();
        try (ChildGateway gateway = new ChildGateway(directory)
                .with("WHATSAPP_GRAPH_URL", meta.baseUrl())
                .with("WHATSAPP_MARK_READ", "false")
                .with("WHATSAPP_OUTBOUND_WORKERS", String.valueOf(SENDERS))
                .start()) {
            meta.stubFor(post(urlEqualTo(MESSAGES)).willReturn(Flows.accepted().withFixedDelay(20_000)));
            gateway.awaitReady();
            IntStream.range(0, USERS).forEach(user -> deliver(gateway, Payloads.messages(
                    Payloads.text("wamid.ATTEMPT" + user, String.valueOf(15555557100L + user), "hello"))));
            await().atMost(LIMIT).until(() -> sent().size() == SENDERS);
            gateway.kill();
            List<String> onTheirWay = sent();
            assertThat(onTheirWay).doesNotHaveDuplicates().hasSize(SENDERS);

            meta.stubFor(post(urlEqualTo(MESSAGES)).willReturn(Flows.accepted()));
            gateway.start();
            gateway.awaitReady();
            await().atMost(LIMIT).untilAsserted(() -> assertThat(sent()).hasSizeGreaterThanOrEqualTo(USERS));
            assertThat(sent()).as("what was on its way is held").hasSize(USERS).doesNotHaveDuplicates();

            onTheirWay.forEach(id -> deliver(gateway, status(id)));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.out().lines()
                    .filter(line -> line.contains("whatsapp.send_message.settled")).count()).isEqualTo(SENDERS));
            await().during(Duration.ofSeconds(3)).atMost(LIMIT).untilAsserted(
                    () -> assertThat(sent()).hasSize(USERS).doesNotHaveDuplicates());
        } finally {
            meta.stop();
        }
    }

    private static String status(String outboundId) {
        var status = Payloads.status("wamid.SENT" + outboundId.hashCode(), "15555557100", "delivered");
        status.put("biz_opaque_callback_data", outboundId);
        return Payloads.statuses(status);
    }

    private static void deliver(ChildGateway gateway, String payload) {
        assertThat(gateway.webhook(payload).statusCode()).isEqualTo(200);
    }
}
