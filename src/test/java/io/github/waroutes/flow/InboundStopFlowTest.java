package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.MESSAGES;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.user;
import static io.github.waroutes.flow.Flows.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import io.github.waroutes.queue.QueueOutcomeUnknownException;
import io.github.waroutes.queue.QueueUnavailableException;
import io.github.waroutes.state.StateUnavailableException;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An update that waits for a hop, and is handled again. */
class InboundStopFlowTest {

    private static final String HOP = "/webhooks/rest/webhook";

    @TempDir
    Path directory;

    private static int receipts(TestGateway gateway) {
        return gateway.meta.countRequestsMatching(postRequestedFor(urlEqualTo(MESSAGES))
                .withRequestBody(matchingJsonPath("$.status")).build()).getCount();
    }

    @Test
    void anUpdateThatWaitsWhenTheGatewayStopsIsHandledAfterTheNextStartWithNoApology() {
        String user = user();
        try (TestGateway gateway = Flows.gateway(directory).with("whatsapp.understanding", "rasa").start()) {
            Flows.reset(gateway);
            gateway.meta.stubFor(post(urlEqualTo(HOP)).willReturn(aResponse().withStatus(429).withHeader("Retry-After", "300")));
            try (LogCapture log = new LogCapture("whatsapp")) {
                write(gateway, user, "hello");
                await().atMost(LIMIT).untilAsserted(() ->
                        assertThat(gateway.meta.findAll(postRequestedFor(urlEqualTo(HOP)))).hasSize(1));
                await().atMost(LIMIT).untilAsserted(() -> assertThat(log.named("whatsapp.update.waits")).hasSize(1));
            }
            gateway.stop();
            gateway.meta.stubFor(post(urlEqualTo(HOP)).willReturn(okJson("[{\"text\":\"good day\"}]")));
            gateway.start();
            awaitTexts(gateway, user, "good day");
            Flows.awaitQuiet(gateway);
            awaitTexts(gateway, user, "good day");
            assertThat(gateway.deadLetters()).isEmpty();
            assertThat(gateway.meta.findAll(postRequestedFor(urlEqualTo(HOP)))).hasSize(2);
        }
    }

    static Stream<RuntimeException> failuresOfOurOwn() {
        return Stream.of(new QueueUnavailableException("away"), new QueueOutcomeUnknownException("late", new TimeoutException()),
                new StateUnavailableException("away", new IOException()));
    }

    @ParameterizedTest
    @MethodSource("failuresOfOurOwn")
    void anUpdateWhoseQueueOrStoreIsAwayIsHandledAgainAndNeverGivenUp(RuntimeException failure) {
        AtomicInteger tries = new AtomicInteger();
        try (TestGateway gateway = Flows.gateway(directory).with("whatsapp.on.text", "direct:my-text").with(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:my-text").errorHandler(noErrorHandler()).process(exchange -> {
                    if (tries.incrementAndGet() == 1) {
                        throw failure;
                    }
                }).setBody(constant("at last")).to("direct:whatsapp-reply");
            }
        }).start()) {
            Flows.reset(gateway);
            String user = user();
            write(gateway, user, "hello");
            awaitTexts(gateway, user, "at last");
            assertThat(gateway.deadLetters()).isEmpty();
        }
    }

    @Test
    void theReadReceiptOfAnUpdateIsSentOnceHoweverOftenItIsHandled() {
        AtomicInteger tries = new AtomicInteger();
        try (TestGateway gateway = Flows.gateway(directory).with("whatsapp.on.text", "direct:my-text").with(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:my-text").errorHandler(noErrorHandler()).process(exchange -> {
                    if (tries.incrementAndGet() == 1) {
                        throw new StateUnavailableException("away");
                    }
                });
            }
        }).start()) {
            Flows.reset(gateway);
            write(gateway, user(), "hello");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(tries).hasValue(2));
            Flows.awaitQuiet(gateway);
            assertThat(receipts(gateway)).isEqualTo(1);
            assertThat(gateway.counter("whatsapp.messages.received", "type", "text")).isEqualTo(1);
        }
    }
}
