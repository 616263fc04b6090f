package io.github.waroutes.flow;

import static io.github.waroutes.flow.Flows.APOLOGY;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnanswered;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.waroutes.TestGateway;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppServiceException;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.queue.StoredMessage;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A route of a user's own in place of ours, and how it may fail. */
@WhatsAppSimulator
class OwnRouteFlowTest {

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static final Map<String, AtomicInteger> TRIES = new ConcurrentHashMap<>();

    private SimulatedUser kim;
    private SimulatedGraph graph;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = Flows.gateway(directory).with(whatsapp).with("whatsapp.on.text", "direct:my-text").with(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:my-text").errorHandler(noErrorHandler())
                        .setBody(simple("${body[text][body]}"))
                        .choice()
                        .when(body().startsWith("throw")).throwException(new IllegalStateException("what Kim wrote"))
                        .when(body().startsWith("partly")).setBody(e -> List.of("first", "second")).to("direct:whatsapp-reply")
                        .process(OwnRouteFlowTest::failTwice).setBody(constant("third")).to("direct:whatsapp-reply")
                        .when(body().startsWith("expression")).setBody(method(new Failing(), "fail"))
                        .when(body().startsWith("wipe")).removeHeaders("*").process(OwnRouteFlowTest::failAlways)
                        .otherwise().setBody(simple("mine: ${body}")).to("direct:whatsapp-reply").end();
            }
        }).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    /** Fails as a server that is down, in an expression: Camel wraps what it throws. */
    public static final class Failing {

        public String fail() {
            throw passing();
        }
    }

    private static WhatsAppServiceException passing() {
        TRIES.computeIfAbsent("all", key -> new AtomicInteger()).incrementAndGet();
        return new WhatsAppServiceException(ErrorDetails.builder("My server is down").retryClass(RetryClass.TRANSIENT).build());
    }

    private static void failTwice(Exchange exchange) {
        if (TRIES.computeIfAbsent("partly", key -> new AtomicInteger()).incrementAndGet() <= 2) {
            throw passing();
        }
    }

    private static void failAlways(Exchange exchange) {
        throw passing();
    }

    @BeforeEach
    void begin(SimulatedUser user, SimulatedGraph graph) {
        TRIES.clear();
        kim = user;
        this.graph = graph;
    }

    @Test
    void aRouteThatThrowsIsOneApologyAndOneDeadLetterAndTheConversationGoesOn() {
        String id = kim.sends("throw").id();
        StoredMessage letter = awaitUnanswered(gateway, id);
        kim.sends("hello");
        awaitTexts(graph, kim.id(), APOLOGY, "mine: hello");
        assertThat(exception(letter).path("type").asText()).isEqualTo("WhatsAppRouteException");
        assertThat(exception(letter).path("failure").asText()).isEqualTo("java.lang.IllegalStateException");
        assertThat(json(letter.queueBody()).at("/entry/0/changes/0/value/messages/0/id").asText()).isEqualTo(id);
        assertThat(json(letter.queueBody()).at("/entry/0/changes/0/value/messages/0/text/body").asText()).isEqualTo("throw");
        assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).hasSize(1);
    }

    @Test
    void anUpdateThatIsHandledAgainDoesNotRepeatTheRepliesThatWereQueued() {
        String id = kim.sends("partly").id();
        awaitTexts(graph, kim.id(), "first", "second", "third");
        Flows.awaitQuiet(gateway);
        awaitTexts(graph, kim.id(), "first", "second", "third");
        assertThat(TRIES.get("partly")).hasValue(3);
        assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).isEmpty();
    }

    @Test
    void aTypedExceptionOfAnExpressionIsTriedAgainAndThenGivenUp() {
        String id = kim.sends("expression").id();
        assertThat(exception(awaitUnanswered(gateway, id)).path("type").asText()).isEqualTo("WhatsAppServiceException");
        awaitTexts(graph, kim.id(), APOLOGY);
        assertThat(TRIES.get("all")).hasValue(3);
    }

    @Test
    void aRouteThatWipesTheHeadersDoesNotMakeTheRetriesEndless() {
        String id = kim.sends("wipe").id();
        assertThat(exception(awaitUnanswered(gateway, id)).path("message").asText()).isEqualTo("My server is down");
        awaitTexts(graph, kim.id(), APOLOGY);
        assertThat(TRIES.get("all")).hasValue(3);
    }
}
