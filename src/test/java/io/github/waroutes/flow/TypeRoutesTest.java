package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every message type has a route of its own, which a property replaces. */
class TypeRoutesTest {

    private static final String SORRY = "Sorry, I can only read text and listen to voice messages so far.";
    private static final AtomicLong USERS = new AtomicLong(15555554000L);

    @TempDir
    static Path ours;

    @TempDir
    static Path theirs;

    private static final List<String> VISITED = new CopyOnWriteArrayList<>();
    private static final List<Seen> SEEN = new CopyOnWriteArrayList<>();
    private static TestGateway withOurRoutes;
    private static TestGateway withTheirRoutes;

    private final String user = String.valueOf(USERS.incrementAndGet());

    /** What a user's route for a type was given. */
    private record Seen(String by, Object type, Object user, Map<?, ?> message) {
    }

    private static final List<String> TYPES = List.of("text", "audio", "button", "interactive", "image", "video", "document", "sticker",
            "location", "contacts", "order", "reaction", "system", "edit", "revoke", "unsupported", "unknown");

    @BeforeAll
    static void start() {
        SimpleEventNotifierSupport visits = new SimpleEventNotifierSupport() {
            @Override
            public void notify(CamelEvent event) {
                if (event instanceof CamelEvent.ExchangeSendingEvent sending) {
                    VISITED.add(sending.getEndpoint().getEndpointUri() + ' ' + sending.getExchange().getMessage().getHeader("WhatsAppUser"));
                }
            }
        };
        visits.setIgnoreExchangeEvents(false);
        visits.setIgnoreExchangeSendingEvents(false);
        withOurRoutes = new TestGateway(ours).with(new RouteBuilder() {
            @Override
            public void configure() {
                // here, as Camel looks for notifiers when it starts
                getContext().getManagementStrategy().addEventNotifier(visits);
            }
        }).start();

        withTheirRoutes = new TestGateway(theirs).with(new RouteBuilder() {
            @Override
            public void configure() {
                for (String type : TYPES) {
                    from("direct:their-" + type).routeId("their-" + type)
                            .process(e -> SEEN.add(new Seen(type, e.getMessage().getHeader("WhatsAppMessageType"),
                                    e.getMessage().getHeader("WhatsAppUser"), e.getMessage().getBody(Map.class))))
                            .setBody(constant("their " + type))
                            .to("direct:whatsapp-reply");
                }
            }
        });
        TYPES.forEach(type -> withTheirRoutes.with("whatsapp.on." + type, "direct:their-" + type));
        withTheirRoutes.start();
    }

    @AfterAll
    static void stop() {
        withOurRoutes.close();
        withTheirRoutes.close();
    }

    @BeforeEach
    void metaAcceptsEverything() {
        for (TestGateway gateway : List.of(withOurRoutes, withTheirRoutes)) {
            gateway.meta.resetAll();
            Sends.acceptAll(gateway.meta);
        }
    }

    private ObjectNode message(String type) {
        ObjectNode message = Payloads.message(Payloads.id(), user, type);
        message.putObject(type).put("of", type);
        return message;
    }

    /** Sends the message and one after it, and waits for the latter's answer: then the first is done too. */
    private void done(TestGateway gateway, ObjectNode message) {
        assertThat(gateway.webhook(Payloads.messages(message)).statusCode()).isEqualTo(200);
        assertThat(gateway.webhook(Payloads.messages(Payloads.text("wamid.LAST" + user, user, "hello"))).statusCode()).isEqualTo(200);
        await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.inbound") + gateway.queued("whatsapp.outbound") == 0
                && gateway.counter("whatsapp.messages.sent") > 0 && !Sends.textsTo(gateway.meta, user).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"image", "video", "document", "sticker", "location", "contacts", "order", "unsupported"})
    void aTypeThatIsNotHandledHasARouteAndTheUserIsTold(String type) {
        double before = withOurRoutes.counter("whatsapp.messages.received", "type", type);
        done(withOurRoutes, message(type));
        assertThat(VISITED).contains("direct://whatsapp-" + type + ' ' + user);
        assertThat(Sends.textsTo(withOurRoutes.meta, user)).hasSize(2).first().isEqualTo(SORRY);
        assertThat(withOurRoutes.counter("whatsapp.messages.received", "type", type)).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reaction", "system", "edit", "revoke"})
    void aTypeThatNeedsNoAnswerHasARouteAndTheUserHearsNothing(String type) {
        ObjectNode message = message(type);
        done(withOurRoutes, message);
        assertThat(VISITED).contains("direct://whatsapp-" + type + ' ' + user);
        assertThat(Sends.textsTo(withOurRoutes.meta, user)).hasSize(1).doesNotContain(SORRY);
        assertThat(withOurRoutes.meta.getAllServeEvents()).noneSatisfy(event ->
                assertThat(event.getRequest().getBodyAsString()).contains(message.path("id").asText()));
        assertThat(withOurRoutes.deadLetters()).noneMatch(letter -> user.equals(letter.queueHeaders().get("WhatsAppUser")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "audio", "button", "interactive", "image", "video", "document", "sticker", "location", "contacts",
        "order", "reaction", "system", "edit", "revoke", "unsupported", "hologram"})
    void aPropertyPutsARouteOfTheUsersInItsPlace(String type) {
        ObjectNode message = message(type);
        String route = TYPES.contains(type) ? type : "unknown";
        done(withTheirRoutes, message);
        assertThat(Sends.textsTo(withTheirRoutes.meta, user)).containsExactly("their " + route, "their text");
        Seen seen = SEEN.stream().filter(s -> user.equals(s.user())).findFirst().orElseThrow();
        assertThat(seen.by()).isEqualTo(route);
        assertThat(seen.type()).isEqualTo(type);
        assertThat(seen.message()).isEqualTo(Map.of("id", message.path("id").asText(), "from", user, "timestamp", message.path("timestamp").asText(),
                "type", type, type, Map.of("of", type)));
    }
}
