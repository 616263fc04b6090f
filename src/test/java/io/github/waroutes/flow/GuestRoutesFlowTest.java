package io.github.waroutes.flow;

import static io.github.waroutes.flow.Flows.APOLOGY;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnanswered;
import static io.github.waroutes.flow.Flows.exception;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import io.github.waroutes.error.HasRetryClass;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import io.github.waroutes.queue.StoredMessage;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Routes as users write them, with whatever error handler, that fail: the user is told, and the developer finds the step. */
@WhatsAppSimulator(statusDelay = 600_000, reset = false)
class GuestRoutesFlowTest {

    private static final String WORDS = "the old lighthouse";
    /** The README's route with one typo: a dot in place of a bracket. */
    private static final String IMAGES = """
            - route:
                id: my-images
                from:
                  uri: direct:my-images
                  steps:
                    - setBody:
                        expression:
                          simple:
                            expression: "Nice picture: ${body.image[caption]}"
                    - to:
                        uri: direct:whatsapp-reply
            """;

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static final Map<String, AtomicInteger> TRIES = new ConcurrentHashMap<>();
    private static final AtomicInteger STORED = new AtomicInteger();

    private LogCapture log;
    private SimulatedGraph graph;
    @WhatsAppUser(name = "Kim Example")
    private SimulatedUser kim;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) throws Exception {
        Path file = Files.writeString(directory.resolve("images.camel.yaml"), IMAGES);
        gateway = Flows.gateway(directory).with(whatsapp)
                .with("camel.main.routesIncludePattern", "classpath:routes/whatsapp/*.camel.yaml,file:" + file)
                .with("whatsapp.on.image", "direct:my-images")
                .with("whatsapp.on.location", "direct:my-location")
                .with("whatsapp.on.contacts", "direct:my-contacts")
                .with("whatsapp.on.order", "direct:my-orders")
                .with("whatsapp.on.delivery-report", "direct:my-reports")
                .with("whatsapp.understanding", "mine")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:my-reports").routeId("my-reports").process(GuestRoutesFlowTest::fail);
                    }
                })
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:whatsapp-understanding-mine").routeId("my-understanding").choice()
                                .when(body().contains("hello")).setBody(constant("hello too"))
                                .otherwise().process(GuestRoutesFlowTest::fail);
                    }
                })
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        onException(IllegalStateException.class).handled(false).log("mine failed");
                        from("direct:my-location").routeId("my-location").process(GuestRoutesFlowTest::fail);
                    }
                })
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        errorHandler(deadLetterChannel("direct:my-dead-letter").deadLetterHandleNewException(false));
                        from("direct:my-contacts").routeId("my-contacts").process(GuestRoutesFlowTest::fail);
                        from("direct:my-dead-letter").routeId("my-dead-letter").errorHandler(noErrorHandler())
                                .throwException(new IllegalStateException("no room"));
                    }
                })
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        errorHandler(deadLetterChannel("direct:my-other-dead-letter"));
                        from("direct:my-orders").routeId("my-orders").process(GuestRoutesFlowTest::fail);
                        from("direct:my-other-dead-letter").routeId("my-other-dead-letter").errorHandler(noErrorHandler())
                                .process(exchange -> STORED.incrementAndGet());
                    }
                }).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    /** What a developer's own code may throw. */
    private static final class ServerAway extends Exception implements HasRetryClass {

        private ServerAway() {
            super("my server is away");
        }

        @Override
        public RetryClass getRetryClass() {
            return RetryClass.TRANSIENT;
        }
    }

    private static void fail(Exchange exchange) throws Exception {
        String body = String.valueOf(exchange.getMessage().getBody());
        TRIES.computeIfAbsent(exchange.getMessage().getHeader("WhatsAppUser", "nobody", String.class), key -> new AtomicInteger()).incrementAndGet();
        if (body.contains("again")) {
            throw new ServerAway();
        }
        throw new IllegalStateException("Cannot read " + body);
    }

    @BeforeEach
    void capture() {
        log = new LogCapture("whatsapp");
    }

    @AfterEach
    void close() {
        log.close();
    }

    private void nothingPrivateWasLogged() {
        assertThat(log.lines()).isNotEmpty().allSatisfy(line -> assertThat(line).doesNotContain(kim.id(), "lighthouse", kim.name()));
    }

    private void theConversationGoesOn() {
        kim.sends("hello");
        awaitTexts(graph, kim.id(), APOLOGY, "hello too");
    }

    private void isTold(StoredMessage letter, String route, String step, String place, String message) {
        assertThat(letter.queueHeaders()).containsEntry("WhatsAppDeadLetterRoute", route);
        assertThat(letter.queueHeaders().get("WhatsAppDeadLetterStep").toString()).matches(step);
        assertThat(letter.queueHeaders().get("WhatsAppDeadLetterPlace").toString()).matches(place);
        assertThat(exception(letter).path("type").asText()).isEqualTo("WhatsAppRouteException");
        assertThat(exception(letter).path("message").asText()).contains(message).doesNotContain("lighthouse", kim.id());
        assertThat(log.named("whatsapp.route.failed")).hasSize(1);
        assertThat(LogCapture.fields(log.named("whatsapp.route.failed").get(0))).containsEntry("route", route)
                .containsEntry("step", letter.queueHeaders().get("WhatsAppDeadLetterStep").toString())
                .containsEntry("place", letter.queueHeaders().get("WhatsAppDeadLetterPlace").toString())
                .hasEntrySatisfying("error_message", text -> assertThat(text).contains(message));
    }

    private static double failures(String route) {
        return gateway.counter("whatsapp.routes.failed", "route", route);
    }

    @Test
    void aTypoInAYamlRoute() {
        StoredMessage letter = awaitUnanswered(gateway, kim.sendsImage(WORDS).id());
        isTold(letter, "my-images", "setBody\\d+ \\(setBody\\)", "file:.*images\\.camel\\.yaml:6", "not found on bean");
        theConversationGoesOn();
        nothingPrivateWasLogged();
        assertThat(failures("my-images")).isEqualTo(1);
    }

    @Test
    void anUnderstandingRouteThatThrows() {
        double before = failures("my-understanding");
        StoredMessage letter = awaitUnanswered(gateway, kim.sends(WORDS).id());
        isTold(letter, "my-understanding", "process\\d+ \\(process\\)", ".*GuestRoutesFlowTest\\.java:\\d+", "Cannot read ***");
        theConversationGoesOn();
        nothingPrivateWasLogged();
        assertThat(failures("my-understanding")).isEqualTo(before + 1);
        assertThat(TRIES.get(kim.id())).hasValue(1);
    }

    @Test
    void anExceptionThatAsksForARetryIsTriedAgain() {
        StoredMessage letter = awaitUnanswered(gateway, kim.sends("again").id());
        assertThat(exception(letter).path("message").asText()).isEqualTo("my server is away");
        assertThat(exception(letter).path("retry_class").asText()).isEqualTo("TRANSIENT");
        assertThat(TRIES.get(kim.id())).hasValue(3);
        theConversationGoesOn();
    }

    @Test
    void aRouteWithAnOnExceptionOfItsOwnThatDoesNotHandle() {
        StoredMessage letter = awaitUnanswered(gateway, kim.says("{\"location\":{\"latitude\":1.5,\"longitude\":2.5,\"name\":\"" + WORDS + "\"}}").id());
        isTold(letter, "my-location", "process\\d+ \\(process\\)", ".*GuestRoutesFlowTest\\.java:\\d+", "Cannot read ");
        theConversationGoesOn();
        assertThat(failures("my-location")).isEqualTo(1);
    }

    @Test
    void aRouteWithADeadLetterChannelOfItsOwnThatFails() {
        StoredMessage letter = awaitUnanswered(gateway, kim.says("{\"contacts\":[{\"name\":{\"formatted_name\":\"" + WORDS + "\"}}]}").id());
        assertThat(exception(letter).path("type").asText()).isEqualTo("WhatsAppRouteException");
        theConversationGoesOn();
        assertThat(failures("my-contacts") + failures("my-dead-letter")).isEqualTo(1);
    }

    @Test
    void aRouteWithADeadLetterChannelOfItsOwnThatStores() {
        StoredMessage letter = awaitUnanswered(gateway, kim.says("{\"order\":{\"catalog_id\":\"1\",\"text\":\"" + WORDS + "\",\"product_items\":[{\"product_retailer_id\":\"rye\",\"quantity\":1,\"item_price\":2.5,\"currency\":\"EUR\"}]}}").id());
        isTold(letter, "my-orders", "process\\d+ \\(process\\)", ".*GuestRoutesFlowTest\\.java:\\d+", "Cannot read ");
        theConversationGoesOn();
        assertThat(STORED).hasValue(1);
    }

    @Test
    void aRouteForDeliveryReportsThatFails() {
        double before = failures("my-reports");
        graph.fails(131026).forUser(kim);
        Flows.awaitUnsent(gateway, Flows.sendText(gateway, kim.id(), "news"));
        await().atMost(TestGateway.LIMIT).until(() -> failures("my-reports") > before);
        nothingPrivateWasLogged();
    }
}
