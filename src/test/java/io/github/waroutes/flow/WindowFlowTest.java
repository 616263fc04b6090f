package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.MESSAGES;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnsent;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.requestsTo;
import static io.github.waroutes.flow.Flows.sendText;
import static io.github.waroutes.flow.Flows.textsTo;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose 24-hour window is asked about, and what opens one. Nothing goes out that Meta would refuse. */
class WindowFlowTest {

    private static final String AGENT = user();

    @TempDir
    static Path directory;

    private static final CountDownLatch released = new CountDownLatch(1);

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        gateway = Flows.gateway(directory).with("whatsapp.on.text", "direct:my-text").with(new RouteBuilder() {
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

    @BeforeEach
    void metaAcceptsEverything() {
        Flows.reset(gateway);
    }

    private static String hoursAgo(long hours) {
        return String.valueOf(System.currentTimeMillis() / 1000 - hours * 3600);
    }

    /** The user wrote more than a day ago, and the webhook comes only now: the answer to it is refused. */
    private static void wroteTwoDaysAgo(String user) {
        ObjectNode old = Payloads.text(Payloads.id(), user, "hello");
        old.put("timestamp", hoursAgo(48));
        gateway.webhook(Payloads.messages(old));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.deadLetters(gateway, "WhatsAppUser", user)).isNotEmpty());
    }

    @Test
    void aMessageToSomebodyElseIsHeldAgainstTheirWindowAndTheUserIsStillAnswered() {
        wroteTwoDaysAgo(AGENT);
        int before = Flows.deadLetters(gateway, "WhatsAppUser", AGENT).size();
        String user = user();
        Flows.write(gateway, user, "tell the agent");

        awaitTexts(gateway, user, "noted");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.deadLetters(gateway, "WhatsAppUser", AGENT)).hasSize(before + 1));
        assertThat(exception(Flows.deadLetters(gateway, "WhatsAppUser", AGENT).get(before)).path("error_code").asInt()).isEqualTo(131047);
        assertThat(requestsTo(gateway, AGENT)).isEmpty();
    }

    @Test
    void anAnswerInAGroupIsNotHeldAgainstThePrivateWindowOfWhoWroteThere() {
        String user = user();
        wroteTwoDaysAgo(user);
        ObjectNode message = Payloads.text(Payloads.id(), user, "hello all");
        message.put("group_id", "GROUP-WINDOW");
        gateway.webhook(Payloads.messages(message));

        await().atMost(LIMIT).untilAsserted(() -> assertThat(toGroup("GROUP-WINDOW")).hasSize(1));
        assertThat(textsTo(gateway, user)).isEmpty();
    }

    private static List<LoggedRequest> toGroup(String group) {
        return gateway.meta.findAll(postRequestedFor(urlEqualTo(MESSAGES))
                .withRequestBody(matchingJsonPath("$.to", WireMock.equalTo(group))));
    }

    @Test
    void aMessageToAGroupFromAnUpdateInHandIsNotHeldAgainstAWindowEither() {
        String user = user();
        wroteTwoDaysAgo(user);
        Flows.send(gateway, "direct:whatsapp-send", "{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"group\","
                + "\"to\":\"GROUP-SENT\",\"type\":\"text\",\"text\":{\"body\":\"x\"}}", Map.of("WhatsAppUser", user));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(toGroup("GROUP-SENT")).hasSize(1));
    }

    @Test
    void aClosedWindowIsFoundHoweverTheNumberIsWritten() {
        String user = user();
        wroteTwoDaysAgo(user);
        String id = Flows.send(gateway, "direct:whatsapp-send", "{\"messaging_product\":\"whatsapp\",\"to\":\"+1 (555) 555-"
                + user.substring(7) + "\",\"type\":\"text\",\"text\":{\"body\":\"x\"}}", Map.of());
        assertThat(exception(awaitUnsent(gateway, id)).path("error_code").asInt()).isEqualTo(131047);
    }

    @Test
    void aNewerMessageThatStillWaitsToBeHandledOpensTheWindowBeforeAnythingIsRefused() {
        String user = user();
        wroteTwoDaysAgo(user);
        int refused = Flows.deadLetters(gateway, "WhatsAppUser", user).size();
        ObjectNode slow = Payloads.text(Payloads.id(), user, "slow");
        slow.put("timestamp", hoursAgo(30));
        gateway.webhook(Payloads.messages(slow));
        Flows.write(gateway, user, "newer, and behind it");
        Flows.sendText(gateway, user, "from the shop");
        // it is looked at more than once meanwhile
        await().during(Duration.ofMillis(1500)).atMost(LIMIT).untilAsserted(
                () -> assertThat(Flows.deadLetters(gateway, "WhatsAppUser", user)).hasSize(refused));
        assertThat(textsTo(gateway, user)).isEmpty();
        released.countDown();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(textsTo(gateway, user)).contains("from the shop"));
        assertThat(Flows.deadLetters(gateway, "WhatsAppUser", user)).hasSize(refused);
    }

    @Test
    void aCallOfTheUserOpensTheWindow() {
        String user = user();
        wroteTwoDaysAgo(user);
        String payload = Payloads.payload(Payloads.value("calls", List.of(Payloads.message(Payloads.id(), user, "call")
                .put("direction", "USER_INITIATED").put("event", "connect")))).replace("\"field\":\"messages\"", "\"field\":\"calls\"");
        assertThat(gateway.webhook(payload).statusCode()).isEqualTo(200);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(gateway.browse("whatsapp.unhandled")).as("kept whole")
                .anyMatch(update -> new String(update.queueBody(), java.nio.charset.StandardCharsets.UTF_8).equals(payload)));
        sendText(gateway, user, "you called?");
        awaitTexts(gateway, user, "you called?");
    }
}
