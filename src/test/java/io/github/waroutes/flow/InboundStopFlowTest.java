package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import io.github.waroutes.queue.QueueOutcomeUnknownException;
import io.github.waroutes.queue.QueueUnavailableException;
import io.github.waroutes.simulator.GraphCall;
import io.github.waroutes.state.StateUnavailableException;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An update that waits for a hop, and is handled again. */
@WhatsAppSimulator(patience = 30_000)
class InboundStopFlowTest {

    private static final String HOP = "/webhooks/rest/webhook";

    @TempDir
    Path directory;

    private SimulatedWhatsApp whatsapp;
    @WhatsAppUser
    private SimulatedUser kim;

    @Test
    void anUpdateThatWaitsWhenTheGatewayStopsIsHandledAfterTheNextStartWithNoApology() {
        try (TestGateway gateway = Flows.gateway(directory).with("whatsapp.understanding", "rasa").with(whatsapp).start()) {
            gateway.meta().stubFor(post(urlEqualTo(HOP)).willReturn(aResponse().withStatus(429).withHeader("Retry-After", "300")));
            try (LogCapture log = new LogCapture("whatsapp")) {
                kim.sends("hello");
                await().atMost(LIMIT).untilAsserted(() ->
                        assertThat(gateway.meta().findAll(postRequestedFor(urlEqualTo(HOP)))).hasSize(1));
                await().atMost(LIMIT).untilAsserted(() -> assertThat(log.named("whatsapp.update.waits")).hasSize(1));
            }
            gateway.stop();
            gateway.meta().stubFor(post(urlEqualTo(HOP)).willReturn(okJson("[{\"text\":\"good day\"}]")));
            gateway.start();
            kim.receives("good day");
            // a status that nobody takes comes again for seconds, and the next test would have to wait for it
            whatsapp.tellsAllStatuses();
            Flows.awaitQuiet(gateway);
            assertThat(whatsapp.graph().callsTo(kim)).hasSize(1);
            assertThat(gateway.deadLetters()).isEmpty();
            assertThat(gateway.meta().findAll(postRequestedFor(urlEqualTo(HOP)))).hasSize(2);
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
        try (TestGateway gateway = Flows.gateway(directory).with(whatsapp).with("whatsapp.on.text", "direct:my-text").with(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:my-text").errorHandler(noErrorHandler()).process(exchange -> {
                    if (tries.incrementAndGet() == 1) {
                        throw failure;
                    }
                }).setBody(constant("at last")).to("direct:whatsapp-reply");
            }
        }).start()) {
            kim.sends("hello");
            kim.receives("at last");
            whatsapp.tellsAllStatuses();
            assertThat(gateway.deadLetters()).isEmpty();
        }
    }

    @Test
    void theReadReceiptOfAnUpdateIsSentOnceHoweverOftenItIsHandled() {
        AtomicInteger tries = new AtomicInteger();
        try (TestGateway gateway = Flows.gateway(directory).with(whatsapp).with("whatsapp.on.text", "direct:my-text").with(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:my-text").errorHandler(noErrorHandler()).process(exchange -> {
                    if (tries.incrementAndGet() == 1) {
                        throw new StateUnavailableException("away");
                    }
                });
            }
        }).start()) {
            kim.sends("hello");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(tries).hasValue(2));
            Flows.awaitQuiet(gateway);
            assertThat(whatsapp.graph().calls()).filteredOn(GraphCall::isReadMark).hasSize(1);
            assertThat(gateway.counter("whatsapp.messages.received", "type", "text")).isEqualTo(1);
        }
    }
}
