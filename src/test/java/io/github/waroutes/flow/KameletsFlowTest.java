package io.github.waroutes.flow;

import static io.github.waroutes.flow.Flows.APOLOGY;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnanswered;
import static io.github.waroutes.flow.Flows.exception;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import io.github.waroutes.queue.StoredMessage;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Routes made of Kamelets alone, in YAML: they have the flow's guarantees and its error policy. */
@WhatsAppSimulator
class KameletsFlowTest {

    private static final String ROUTES = """
            - route:
                id: my-texts
                from:
                  uri: kamelet:whatsapp-source
                  parameters:
                    types: text
                  steps:
                    - to:
                        uri: kamelet:whatsapp-mark-read-action
                    - choice:
                        when:
                          - expression:
                              simple:
                                expression: ${body[text][body]} starts with 'throw'
                            steps:
                              - throwException:
                                  exceptionType: java.lang.IllegalStateException
                                  message: mine
                          - expression:
                              simple:
                                expression: ${body[text][body]} starts with 'template'
                            steps:
                              - setBody:
                                  expression:
                                    method:
                                      beanType: java.util.List
                                      method: of('Kim')
                              - to:
                                  uri: kamelet:whatsapp-template-sink
                                  parameters:
                                    template: hello_you
                                    language: en_US
                          - expression:
                              simple:
                                expression: ${body[text][body]} starts with 'message'
                            steps:
                              - setBody:
                                  expression:
                                    simple:
                                      expression: '{"messaging_product":"whatsapp","to":"${header.WhatsAppUser}","type":"text","text":{"body":"whole"}}'
                              - to:
                                  uri: kamelet:whatsapp-send-sink
                                  parameters:
                                    format: message
                          - expression:
                              simple:
                                expression: ${body[text][body]} starts with 'person'
                            steps:
                              - setBody:
                                  expression:
                                    constant:
                                      expression: One moment.
                              - to:
                                  uri: kamelet:whatsapp-pause-action
                                  parameters:
                                    duration: 12h
                                    reason: asked for a person
                              - to:
                                  uri: kamelet:whatsapp-send-sink
                        otherwise:
                          steps:
                            - setBody:
                                expression:
                                  simple:
                                    expression: "mine: ${body[text][body]}"
                            - to:
                                uri: bean:recorder
                                parameters:
                                  method: text
                            - to:
                                uri: kamelet:whatsapp-send-sink
            - route:
                id: my-voices
                from:
                  uri: kamelet:whatsapp-source
                  parameters:
                    types: audio
                  steps:
                    - to:
                        uri: kamelet:whatsapp-media-action
                    - to:
                        uri: bean:recorder
                        parameters:
                          method: file
                    - to:
                        uri: kamelet:whatsapp-transcribe-action
                    - to:
                        uri: kamelet:whatsapp-send-sink
            - route:
                id: my-images
                errorHandler:
                  defaultErrorHandler:
                    redeliveryPolicy:
                      maximumRedeliveries: "1"
                      redeliveryDelay: "1"
                from:
                  uri: kamelet:whatsapp-source/images
                  parameters:
                    types: image
                  steps:
                    - to:
                        uri: bean:recorder
                        parameters:
                          method: fail
            - route:
                id: my-others
                from:
                  uri: kamelet:whatsapp-source
                  parameters:
                    kinds: message,change
                    types: unknown,location,message_template_status_update,security
                    body: update
                  steps:
                    - to:
                        uri: bean:recorder
                        parameters:
                          method: update
            - route:
                id: my-statuses
                from:
                  uri: kamelet:whatsapp-source
                  parameters:
                    kinds: status
                    types: read
                  steps:
                    - to:
                        uri: bean:recorder
                        parameters:
                          method: status
            """;

    @TempDir
    static Path directory;

    private static final Recorder RECORDER = new Recorder();
    private static TestGateway gateway;

    private SimulatedGraph graph;
    @WhatsAppUser(name = "Kim Example")
    private SimulatedUser kim;

    /** Sees what the routes see. */
    public static final class Recorder {

        private final List<String> texts = new CopyOnWriteArrayList<>();
        private final List<String> updates = new CopyOnWriteArrayList<>();
        private final List<String> statuses = new CopyOnWriteArrayList<>();
        private final List<File> files = new CopyOnWriteArrayList<>();
        private final List<String> failed = new CopyOnWriteArrayList<>();

        public void text(String text) {
            texts.add(text);
        }

        public void update(byte[] update) {
            updates.add(new String(update, StandardCharsets.UTF_8));
        }

        public void status(Exchange exchange) {
            statuses.add(exchange.getMessage().getHeader("WhatsAppUser", String.class));
            throw new IllegalStateException("full");
        }

        public void file(File file) {
            assertThat(file).isNotEmpty();
            files.add(file);
        }

        public void fail(Exchange exchange) {
            failed.add(exchange.getMessage().getHeader("WhatsAppMessageId", String.class));
            throw new IllegalStateException("no room for an image");
        }
    }

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) throws Exception {
        Path file = Files.writeString(directory.resolve("kamelets.camel.yaml"), ROUTES);
        gateway = Flows.gateway(directory).with(whatsapp)
                .with("whatsapp.mark-read", false)
                .with("camel.main.routesIncludePattern", "classpath:routes/whatsapp/*.camel.yaml,file:" + file)
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        bindToRegistry("recorder", RECORDER);
                    }
                }).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void forget() {
        RECORDER.texts.clear();
        RECORDER.failed.clear();
    }

    @Test
    void textsAreAnsweredInOrderOnceEach() {
        for (int i = 0; i < 20; i++) {
            kim.sends("number " + i);
        }
        String[] answers = IntStream.range(0, 20).mapToObj(i -> "mine: number " + i).toArray(String[]::new);
        awaitTexts(graph, kim.id(), answers);
        assertThat(RECORDER.texts).containsExactly(answers);
    }

    @Test
    void aVoiceMessageIsHeardAndItsFileStaysUntilTheRouteEnds() {
        kim.sendsVoice("where is my order");
        awaitTexts(graph, kim.id(), "where is my order");
        assertThat(RECORDER.files).hasSize(1);
        await().atMost(TestGateway.LIMIT).untilAsserted(() -> assertThat(RECORDER.files.get(0)).doesNotExist());
    }

    @Test
    void aRouteThatFailsGetsOurPolicyAndIsNamed() {
        StoredMessage letter = awaitUnanswered(gateway, kim.sends("throw").id());
        awaitTexts(graph, kim.id(), APOLOGY);
        assertThat(letter.queueHeaders()).containsEntry("WhatsAppDeadLetterRoute", "my-texts");
        assertThat(letter.queueHeaders().get("WhatsAppDeadLetterPlace").toString()).contains("kamelets.camel.yaml:");
        assertThat(exception(letter).path("message").asText()).isEqualTo("mine");
    }

    @Test
    void anErrorHandlerOfARouteTriesAgainAsOftenAsItSays() {
        StoredMessage letter = awaitUnanswered(gateway, kim.sendsImage("our door").id());
        awaitTexts(graph, kim.id(), APOLOGY);
        assertThat(RECORDER.failed).hasSize(2);
        assertThat(letter.queueHeaders()).containsEntry("WhatsAppDeadLetterRoute", "my-images");
    }

    @Test
    void aConversationIsHandedOverToAPersonAndGivenBack() {
        kim.sends("person");
        awaitTexts(graph, kim.id(), "One moment.");
        kim.sends("is anybody there?");
        Flows.awaitQuiet(gateway);
        Map<?, ?> handOver = gateway.camel().createProducerTemplate().requestBodyAndHeader("direct:whatsapp-hand-over", null, "WhatsAppUser", kim.id(), Map.class);
        assertThat(handOver).isNotNull();
        assertThat(handOver.get("silent")).isEqualTo(true);
        assertThat(handOver.get("reason")).isEqualTo("asked for a person");
        gateway.camel().createProducerTemplate().sendBodyAndHeader("kamelet:whatsapp-pause-action?action=resume", null, "WhatsAppUser", kim.id());
        kim.sends("hello");
        awaitTexts(graph, kim.id(), "One moment.", "mine: hello");
    }

    @Test
    void aTemplateAndAWholeMessageAreSent() {
        kim.sends("template");
        kim.sends("message");
        await().atMost(TestGateway.LIMIT).untilAsserted(() -> assertThat(graph.callsTo(kim)).extracting(call -> call.body().toString())
                .anySatisfy(message -> assertThat(message).contains("hello_you", "en_US", "Kim"))
                .anySatisfy(message -> assertThat(message).contains("whole")));
    }

    @Test
    void whatCannotBeReadComesAsTheUpdateItIs() {
        String id = Payloads.id();
        gateway.webhook(Payloads.messages(Payloads.message(id, kim.id(), "hologram")));
        await().atMost(TestGateway.LIMIT).untilAsserted(() -> assertThat(RECORDER.updates)
                .anySatisfy(update -> assertThat(update).startsWith("{\"object\":\"whatsapp_business_account\"").contains(id, "hologram")));
    }

    @Test
    void changesComeAsTheUpdatesTheyAre() {
        gateway.webhook(Payloads.change("security", "{\"event\":\"PIN_CHANGED\"}"));
        gateway.webhook(Payloads.change("message_template_status_update", "{\"event\":\"APPROVED\",\"message_template_id\":7,"
                + "\"message_template_name\":\"hello_you\",\"message_template_language\":\"en_US\"}"));
        await().atMost(TestGateway.LIMIT).untilAsserted(() -> assertThat(RECORDER.updates)
                .anySatisfy(update -> assertThat(update).contains("PIN_CHANGED")).anySatisfy(update -> assertThat(update).contains("hello_you")));
    }

    @Test
    void aStatusWhoseRouteFailsBecomesADeadLetterWithThatRoute() {
        kim.sends("hello");
        awaitTexts(graph, kim.id(), "mine: hello");
        await().atMost(TestGateway.LIMIT).untilAsserted(() -> assertThat(RECORDER.statuses).contains(kim.id()));
        StoredMessage letter = Flows.awaitDeadLetter(gateway, "WhatsAppUser", kim.id());
        assertThat(letter.queueHeaders()).containsEntry("WhatsAppDeadLetterRoute", "my-statuses");
        assertThat(exception(letter).path("message").asText()).isEqualTo("full");
    }
}
