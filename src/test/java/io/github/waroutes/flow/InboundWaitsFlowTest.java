package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppHopException;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hop is down while many people write: more updates wait than a scheduled pool of Camel's takes. */
class InboundWaitsFlowTest {

    private static final int USERS = 1_300;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void moreThanAThousandUpdatesThatWaitAreAllHandledInTheEnd() {
        Map<String, Integer> tries = new ConcurrentHashMap<>();
        try (TestGateway gateway = Flows.gateway(directory)
                .with("whatsapp.mark-read", false)
                .with("whatsapp.retry.transient.delay", 1_000)
                .with("whatsapp.retry.transient.attempts", 100)
                .with("whatsapp.on.text", "direct:my-text")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:my-text").errorHandler(noErrorHandler()).process(exchange -> {
                            tries.merge(exchange.getIn().getHeader("WhatsAppUser", String.class), 1, Integer::sum);
                            // until all of them wait
                            if (tries.size() < USERS) {
                                throw new WhatsAppHopException(ErrorDetails.builder("Down").retryClass(RetryClass.TRANSIENT)
                                        .scope(ErrorScope.SERVICE).build(), "test");
                            }
                        });
                    }
                }).start()) {
            List<ObjectNode> texts = IntStream.range(0, USERS)
                    .mapToObj(user -> Payloads.text(Payloads.id(), "1555%07d".formatted(user), "hello")).toList();
            for (int from = 0; from < USERS; from += 650) {
                assertThat(gateway.webhook(Payloads.messages(texts.subList(from, from + 650).toArray(ObjectNode[]::new))).statusCode())
                        .isEqualTo(200);
            }
            await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.queued("whatsapp.inbound")).isZero());
            assertThat(tries).hasSize(USERS);
            assertThat(gateway.deadLetters()).isEmpty();
        }
    }
}
