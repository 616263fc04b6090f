package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.awaitUnsent;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.wroteHoursAgo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import io.github.waroutes.queue.StoredMessage;
import io.github.waroutes.simulator.GraphCall;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose 24-hour window is asked about, and what opens one. Nothing goes out that Meta would refuse. */
@WhatsAppSimulator(patience = 30_000)
class WindowFlowTest {

    private static final String AGENT = Flows.user();

    @TempDir
    static Path directory;

    private static final CountDownLatch released = new CountDownLatch(1);

    private static TestGateway gateway;

    private SimulatedWhatsApp whatsapp;
    private SimulatedGraph graph;
    @WhatsAppUser
    private SimulatedUser kim;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = Flows.gateway(directory).with(whatsapp).with("whatsapp.on.text", "direct:my-text").with(new RouteBuilder() {
            @Override
            public void configure() {
                // an agent hears of it, and then the user
                from("direct:my-text").errorHandler(noErrorHandler())
                        .choice()
                        .when(simple("${body[text][body]} == 'tell the agent'"))
                        .setBody(constant("{\"messaging_product\":\"whatsapp\",\"to\":\"+" + AGENT
                                + "\",\"type\":\"text\",\"text\":{\"body\":\"somebody wrote\"}}"))
                        .to("direct:whatsapp-send")
                        .when(simple("${body[text][body]} == 'slow'"))
                        .process(exchange -> released.await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                        .end()
                        .setBody(constant("noted")).to("direct:whatsapp-reply");
            }
        }).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    /** The user wrote more than a day ago, and the webhook comes only now: the answer to it is refused. */
    private static void wroteTwoDaysAgo(SimulatedUser user) {
        wroteHoursAgo(user, "hello", 48);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(refused(user)).isNotEmpty());
    }

    private static List<StoredMessage> refused(SimulatedUser user) {
        return Flows.deadLetters(gateway, "WhatsAppUser", user.id());
    }

    private List<String> toGroup(String group) {
        return graph.sent().stream().filter(call -> group.equals(call.body().path("to").asText())).map(GraphCall::text).toList();
    }

    @Test
    void aMessageToSomebodyElseIsHeldAgainstTheirWindowAndTheUserIsStillAnswered() {
        SimulatedUser agent = whatsapp.user("Agent", AGENT);
        wroteTwoDaysAgo(agent);
        int before = refused(agent).size();
        kim.sends("tell the agent");

        kim.receives("noted");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(refused(agent)).hasSize(before + 1));
        assertThat(exception(refused(agent).get(before)).path("error_code").asInt()).isEqualTo(131047);
        assertThat(graph.callsTo(agent)).isEmpty();
    }

    @Test
    void anAnswerInAGroupIsNotHeldAgainstThePrivateWindowOfWhoWroteThere() {
        wroteTwoDaysAgo(kim);
        kim.says("{\"text\":\"hello all\",\"group_id\":\"GROUP-WINDOW\"}");

        await().atMost(LIMIT).untilAsserted(() -> assertThat(toGroup("GROUP-WINDOW")).containsExactly("noted"));
        assertThat(graph.callsTo(kim)).isEmpty();
    }

    @Test
    void aMessageToAGroupFromAnUpdateInHandIsNotHeldAgainstAWindowEither() {
        wroteTwoDaysAgo(kim);
        whatsapp.newUser("Sam").says("{\"text\":\"hello all\",\"group_id\":\"GROUP-SENT\"}");
        Flows.send(gateway, "direct:whatsapp-send", "{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"group\","
                + "\"to\":\"GROUP-SENT\",\"type\":\"text\",\"text\":{\"body\":\"x\"}}", Map.of("WhatsAppUser", kim.id()));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(toGroup("GROUP-SENT")).containsExactlyInAnyOrder("noted", "x"));
    }

    @Test
    void aClosedWindowIsFoundHoweverTheNumberIsWritten() {
        wroteTwoDaysAgo(kim);
        String id = Flows.send(gateway, "direct:whatsapp-send", "{\"messaging_product\":\"whatsapp\",\"to\":\"+1 (555) "
                + kim.id().substring(4, 7) + "-" + kim.id().substring(7) + "\",\"type\":\"text\",\"text\":{\"body\":\"x\"}}", Map.of());
        assertThat(exception(awaitUnsent(gateway, id)).path("error_code").asInt()).isEqualTo(131047);
    }

    @Test
    void aNewerMessageThatStillWaitsToBeHandledOpensTheWindowBeforeAnythingIsRefused() {
        wroteTwoDaysAgo(kim);
        int before = refused(kim).size();
        wroteHoursAgo(kim, "slow", 30);
        kim.sends("newer, and behind it");
        Flows.sendText(gateway, kim.id(), "from the shop");
        // it is looked at more than once meanwhile
        await().during(Duration.ofMillis(1500)).atMost(LIMIT).untilAsserted(() -> assertThat(refused(kim)).hasSize(before));
        assertThat(graph.callsTo(kim)).isEmpty();
        released.countDown();
        kim.eventuallyReceives("from the shop");
        assertThat(refused(kim)).hasSize(before);
    }

    @Test
    void aCallOfTheUserOpensTheWindow() {
        wroteTwoDaysAgo(kim);
        String payload = Payloads.payload(Payloads.value("calls", List.of(Payloads.message(Payloads.id(), kim.id(), "call")
                .put("direction", "USER_INITIATED").put("event", "connect")))).replace("\"field\":\"messages\"", "\"field\":\"calls\"");
        assertThat(gateway.webhook(payload).statusCode()).isEqualTo(200);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.browse("whatsapp.unhandled")).as("kept whole")
                .anyMatch(update -> new String(update.queueBody(), java.nio.charset.StandardCharsets.UTF_8).equals(payload)));
        Flows.sendText(gateway, kim.id(), "you called?");
        kim.receives("you called?");
    }
}
