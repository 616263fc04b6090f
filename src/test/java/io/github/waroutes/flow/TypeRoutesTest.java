package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.ReceivedMessage;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.UserMessage;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every message type has a route of its own, which a property replaces. */
@WhatsAppSimulator
class TypeRoutesTest {

    private static final String SORRY = "Sorry, I can only read text and listen to voice messages so far.";

    @TempDir
    static Path ours;

    @TempDir
    static Path theirs;

    private static final List<String> VISITED = new CopyOnWriteArrayList<>();
    private static final List<Seen> SEEN = new CopyOnWriteArrayList<>();
    private static TestGateway withOurRoutes;
    private static TestGateway withTheirRoutes;

    @WhatsAppUser
    private SimulatedUser user;

    private SimulatedWhatsApp whatsapp;
    private SimulatedGraph graph;

    /** What a user's route for a type was given. */
    private record Seen(String by, Object type, Object user, Map<?, ?> message) {
    }

    private static final List<String> TYPES = List.of("text", "audio", "button", "interactive", "image", "video", "document", "sticker",
            "location", "contacts", "order", "reaction", "system", "edit", "revoke", "unsupported", "unknown");

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
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
        withOurRoutes = new TestGateway(ours).with(whatsapp).with(new RouteBuilder() {
            @Override
            public void configure() {
                // here, as Camel looks for notifiers when it starts
                getContext().getManagementStrategy().addEventNotifier(visits);
            }
        }).start();

        withTheirRoutes = new TestGateway(theirs).with(whatsapp).with(new RouteBuilder() {
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

    /** Says something of this type, and a text after it, and waits for the latter's answer: then the first is done too. */
    private UserMessage done(TestGateway gateway, String type) {
        whatsapp.webhookPort(gateway.port);
        UserMessage message = user.says("{\"raw\":{\"type\":\"" + type + "\",\"" + type + "\":{\"of\":\"" + type + "\"}}}");
        UserMessage last = user.sends("hello");
        await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.inbound") + gateway.queued("whatsapp.outbound") == 0
                && !user.inbox().isEmpty());
        assertThat(last).isNotEqualTo(message);
        return message;
    }

    private List<String> answers() {
        return user.inbox().stream().map(ReceivedMessage::text).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"image", "video", "document", "sticker", "location", "contacts", "order"})
    void aTypeThatIsNotHandledHasARouteAndTheUserIsTold(String type) {
        double before = withOurRoutes.counter("whatsapp.messages.received", "type", type);
        done(withOurRoutes, type);
        assertThat(VISITED).contains("direct://whatsapp-" + type + ' ' + user.id());
        assertThat(answers()).hasSize(2).first().isEqualTo(SORRY);
        assertThat(withOurRoutes.counter("whatsapp.messages.received", "type", type)).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reaction", "system", "edit", "revoke", "unsupported"})
    void aTypeThatNeedsNoAnswerHasARouteAndTheUserHearsNothing(String type) {
        UserMessage message = done(withOurRoutes, type);
        assertThat(VISITED).contains("direct://whatsapp-" + type + ' ' + user.id());
        assertThat(answers()).hasSize(1).doesNotContain(SORRY);
        assertThat(graph.calls()).isNotEmpty().noneSatisfy(call -> assertThat(call.body().toString()).contains(message.id()));
        assertThat(withOurRoutes.deadLetters()).noneMatch(letter -> user.id().equals(letter.queueHeaders().get("WhatsAppUser")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "audio", "button", "interactive", "image", "video", "document", "sticker", "location", "contacts",
        "order", "reaction", "system", "edit", "revoke", "unsupported", "hologram"})
    void aPropertyPutsARouteOfTheUsersInItsPlace(String type) {
        String route = TYPES.contains(type) ? type : "unknown";
        UserMessage message = done(withTheirRoutes, type);
        assertThat(answers()).containsExactly("their " + route, "their text");
        Seen seen = SEEN.stream().filter(s -> user.id().equals(s.user()) && !"hello".equals(text(s))).findFirst().orElseThrow();
        assertThat(seen.by()).isEqualTo(route);
        assertThat(seen.type()).isEqualTo(type);
        assertThat(seen.message()).isEqualTo(Map.of("id", message.id(), "from", user.id(), "timestamp", seen.message().get("timestamp"),
                "type", type, type, Map.of("of", type)));
    }

    private static Object text(Seen seen) {
        return seen.message().get("text") instanceof Map<?, ?> text ? text.get("body") : null;
    }
}
