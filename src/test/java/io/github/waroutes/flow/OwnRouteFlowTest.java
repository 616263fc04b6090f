package io.github.waroutes.flow;

import static io.github.waroutes.flow.Flows.APOLOGY;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnanswered;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.json;
import static io.github.waroutes.flow.Flows.user;
import static io.github.waroutes.flow.Flows.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppServiceException;
import io.github.waroutes.queue.StoredMessage;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A route of a user's own in place of ours, and how it may fail. */
class OwnRouteFlowTest {

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static final Map<String, AtomicInteger> TRIES = new ConcurrentHashMap<>();

    private String user;

    @BeforeAll
    static void start() {
        gateway = Flows.gateway(directory).with("whatsapp.on.text", "direct:my-text").with(new RouteBuilder() {
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
    void metaAcceptsEverything() {
        Flows.reset(gateway);
        TRIES.clear();
        user = user();
    }

    @Test
    void aRouteThatThrowsIsOneApologyAndOneDeadLetterAndTheConversationGoesOn() {
        String id = write(gateway, user, "throw");
        StoredMessage letter = awaitUnanswered(gateway, id);
        write(gateway, user, "hello");
        awaitTexts(gateway, user, APOLOGY, "mine: hello");
        assertThat(exception(letter).path("type").asText()).isEqualTo("WhatsAppRouteException");
        assertThat(exception(letter).path("failure").asText()).isEqualTo("java.lang.IllegalStateException");
        assertThat(json(letter.queueBody()).at("/entry/0/changes/0/value/messages/0")).isEqualTo(Payloads.text(id, user, "throw"));
        assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).hasSize(1);
    }

    @Test
    void anUpdateThatIsHandledAgainDoesNotRepeatTheRepliesThatWereQueued() {
        String id = write(gateway, user, "partly");
        awaitTexts(gateway, user, "first", "second", "third");
        Flows.awaitQuiet(gateway);
        awaitTexts(gateway, user, "first", "second", "third");
        assertThat(TRIES.get("partly")).hasValue(3);
        assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).isEmpty();
    }

    @Test
    void aTypedExceptionOfAnExpressionIsTriedAgainAndThenGivenUp() {
        String id = write(gateway, user, "expression");
        assertThat(exception(awaitUnanswered(gateway, id)).path("type").asText()).isEqualTo("WhatsAppServiceException");
        awaitTexts(gateway, user, APOLOGY);
        assertThat(TRIES.get("all")).hasValue(3);
    }

    @Test
    void aRouteThatWipesTheHeadersDoesNotMakeTheRetriesEndless() {
        String id = write(gateway, user, "wipe");
        assertThat(exception(awaitUnanswered(gateway, id)).path("message").asText()).isEqualTo("My server is down");
        awaitTexts(gateway, user, APOLOGY);
        assertThat(TRIES.get("all")).hasValue(3);
    }
}
