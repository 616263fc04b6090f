package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.APOLOGY;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnanswered;
import static io.github.waroutes.flow.Flows.exception;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.message.OutboundMessage;
import io.github.waroutes.message.Text;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hooks: a tap for every update, a route before the types', and one before what is answered. */
@WhatsAppSimulator(statusDelay = 0, reset = false)
class HooksFlowTest {

    /** As the guide has them. */
    private static final String ROUTES = """
            - route:
                id: my-messages
                from:
                  uri: direct:my-messages
                  steps:
                    - choice:
                        when:
                          - expression:
                              simple:
                                expression: ${header.WhatsAppMessageType} != 'text'
                            steps:
                              - log:
                                  message: no text
                          - expression:
                              simple:
                                expression: ${body[text][body]} == 'closed'
                            steps:
                              - setBody:
                                  expression:
                                    constant:
                                      expression: We are closed.
                              - to:
                                  uri: direct:whatsapp-reply
                              - stop: {}
                          - expression:
                              simple:
                                expression: ${body[text][body]} == 'both'
                            steps:
                              - setVariable:
                                  name: note
                                  expression:
                                    constant:
                                      expression: One moment.
                              - to:
                                  uri: direct:whatsapp-reply
                                  variableSend: note
                                  variableReceive: noted
                          - expression:
                              simple:
                                expression: ${body[text][body]} == 'colour'
                            steps:
                              - bean:
                                  ref: speller
                                  method: american
                          - expression:
                              simple:
                                expression: ${body[text][body]} == 'broken'
                            steps:
                              - throwException:
                                  exceptionType: java.lang.IllegalStateException
                                  message: my hook is broken
                          - expression:
                              simple:
                                expression: ${body[text][body]} == 'lost'
                            steps:
                              - setBody:
                                  expression:
                                    constant:
                                      expression: not the message
            - route:
                id: my-replies
                from:
                  uri: direct:my-replies
                  steps:
                    - removeHeaders:
                        pattern: "*"
                    - choice:
                        when:
                          - expression:
                              simple:
                                expression: ${body} contains 'secret'
                            steps:
                              - setBody:
                                  expression:
                                    constant:
                                      expression: ""
                          - expression:
                              simple:
                                expression: ${body} contains 'hopeless'
                            steps:
                              - throwException:
                                  exceptionType: java.lang.IllegalStateException
                                  message: no translation
                          - expression:
                              simple:
                                expression: ${body} is 'java.lang.String'
                            steps:
                              - setBody:
                                  expression:
                                    simple:
                                      expression: "${body} (translated)"
            """;

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static final ConcurrentLinkedQueue<String> TAPPED = new ConcurrentLinkedQueue<>();
    private static final AtomicInteger TRIES = new AtomicInteger();
    private static volatile CountDownLatch hanging = new CountDownLatch(0);

    private SimulatedUser kim;
    private SimulatedGraph graph;

    /** Changes Meta's message object in place. */
    public static final class Speller {

        public void american(Exchange exchange) {
            exchange.getMessage().setBody(Map.of("type", "text", "from", "1", "text", Map.of("body", "color")));
        }
    }

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) throws Exception {
        Path file = Files.writeString(directory.resolve("hooks.camel.yaml"), ROUTES);
        gateway = Flows.gateway(directory).with(whatsapp).with("whatsapp.api.token", "hooks-token")
                .with("camel.main.routesIncludePattern", "classpath:routes/whatsapp/*.camel.yaml,file:" + file)
                .with("camel.beans.speller", "#class:" + Speller.class.getName())
                .with("whatsapp.on.any", "direct:my-tap").with("whatsapp.on.any.waiting", 2)
                .with("whatsapp.on.message", "direct:my-messages").with("whatsapp.before-reply", "direct:my-replies")
                .with("whatsapp.on.text", "direct:my-text").with("whatsapp.on.change", "direct:my-changes")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:my-tap").routeId("my-tap").process(HooksFlowTest::tap);
                        from("direct:my-changes").log("${header.WhatsAppMessageType}");
                        from("direct:my-text").process(e -> TRIES.incrementAndGet()).setBody(simple("${body[text][body]}")).choice()
                                .when(body().isEqualTo("several")).setBody(e -> List.of("one", "the secret", "two")).to("direct:whatsapp-reply")
                                .when(body().startsWith("built")).setBody(e -> message(e)).to("direct:whatsapp-send")
                                .otherwise().to("direct:whatsapp-reply").end();
                    }
                }).start();
    }

    private static OutboundMessage<?> message(Exchange exchange) {
        return Text.of(exchange.getMessage().getBody(String.class)).to("+" + exchange.getMessage().getHeader("WhatsAppUser"));
    }

    private static void tap(Exchange exchange) throws InterruptedException {
        TAPPED.add(exchange.getMessage().getHeader("WhatsAppUpdateKind") + " " + exchange.getMessage().getHeader("WhatsAppMessageType"));
        assertThat(hanging.await(60, TimeUnit.SECONDS)).isTrue();
        if (exchange.getMessage().getBody(String.class).contains("break the tap")) {
            throw new IllegalStateException("my tap is broken");
        }
    }

    @AfterAll
    static void stop() {
        hanging.countDown();
        gateway.close();
    }

    @BeforeEach
    void begin(SimulatedUser user, SimulatedGraph graph) {
        Flows.awaitQuiet(gateway);
        TAPPED.clear();
        TRIES.set(0);
        kim = user;
        this.graph = graph;
    }

    private static double tapped(String status) {
        return gateway.counter("whatsapp.updates.tapped", "status", status);
    }

    @Test
    void theTapGetsEveryUpdateOfEveryKind() {
        kim.sends("hello");
        awaitTexts(graph, kim.id(), "hello (translated)");
        kim.sendsLocation(48, 11);
        assertThat(gateway.webhook(Payloads.change("account_update", "{\"event\":\"ACCOUNT_DELETED\"}")).statusCode()).isEqualTo(200);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(TAPPED).contains("message text", "message location", "status sent", "change account_update"));
    }

    @Test
    void aTapThatFailsHasNoConsequence() {
        double before = tapped("failed");
        String id = kim.sends("break the tap").id();
        awaitTexts(graph, kim.id(), "break the tap (translated)");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(tapped("failed")).isEqualTo(before + 1));
        Flows.awaitQuiet(gateway);
        assertThat(TRIES).hasValue(1);
        assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).isEmpty();
        awaitTexts(graph, kim.id(), "break the tap (translated)");
    }

    @Test
    void aTapThatHangsDelaysNothingAndWhatItIsTooSlowForIsCounted() {
        double before = tapped("dropped");
        hanging = new CountDownLatch(1);
        try {
            for (int i = 1; i <= 8; i++) {
                kim.sends("text " + i);
            }
            await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.textsTo(graph, kim.id())).hasSize(8));
            Flows.awaitQuiet(gateway);
            // two hang, and two wait
            assertThat(TAPPED).hasSizeLessThanOrEqualTo(2);
            assertThat(tapped("dropped")).isGreaterThanOrEqualTo(before + 4);
        } finally {
            hanging.countDown();
        }
    }

    @Test
    void aHookBeforeTheTypesAnswersAndStops() {
        String id = kim.sends("closed").id();
        awaitTexts(graph, kim.id(), "We are closed. (translated)");
        Flows.awaitQuiet(gateway);
        assertThat(TRIES).hasValue(0);
        assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).isEmpty();
    }

    @Test
    void itAnswersAndGoesOnAndItChangesWhatTheRouteForTheTypeFinds() {
        kim.sends("both");
        awaitTexts(graph, kim.id(), "One moment. (translated)", "both (translated)");
        kim.sends("colour");
        awaitTexts(graph, kim.id(), "One moment. (translated)", "both (translated)", "color (translated)");
    }

    @Test
    void itsFailureIsThatOfAnyRouteOfAUsers() {
        String id = kim.sends("broken").id();
        var letter = awaitUnanswered(gateway, id);
        awaitTexts(graph, kim.id(), APOLOGY);
        assertThat(exception(letter).path("type").asText()).isEqualTo("WhatsAppRouteException");
        assertThat(letter.queueHeaders()).containsEntry("WhatsAppDeadLetterRoute", "my-messages");
        assertThat(TRIES).hasValue(0);
    }

    @Test
    void itMustLeaveTheMessage() {
        String id = kim.sends("lost").id();
        assertThat(exception(awaitUnanswered(gateway, id)).path("message").asText()).contains("whatsapp.on.message", "a String");
    }

    @Test
    void ofSeveralAnswersThoseAreSuppressedOfWhichNothingIsLeft() {
        kim.sends("several");
        awaitTexts(graph, kim.id(), "one (translated)", "two (translated)");
    }

    @Test
    void aMessageThatARouteSendsAsAnAnswerIsFilteredToo() {
        kim.sends("built of parts");
        awaitTexts(graph, kim.id(), "built of parts (translated)");
        kim.sends("built of a secret");
        kim.sends("hello");
        awaitTexts(graph, kim.id(), "built of parts (translated)", "hello (translated)");
    }

    @Test
    void whatTheSendApiSendsIsNoAnswer() {
        assertThat(TestGateway.send(HttpRequest.newBuilder(gateway.url("/api/messages")).timeout(LIMIT)
                .header("Authorization", "Bearer hooks-token").header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"messaging_product\":\"whatsapp\",\"to\":\"+" + kim.id()
                        + "\",\"type\":\"text\",\"text\":{\"body\":\"the secret of the agent\"}}")).build()).statusCode()).isEqualTo(202);
        awaitTexts(graph, kim.id(), "the secret of the agent");
    }

    @Test
    void anAnswerThatCannotBeFilteredDoesNotGoOutAndTheUserIsNotLeftAlone() {
        String id = kim.sends("hopeless").id();
        assertThat(exception(awaitUnanswered(gateway, id)).path("message").asText()).isEqualTo("no translation");
        awaitTexts(graph, kim.id(), APOLOGY);
    }
}
