package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.simulator.GraphCall;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person takes a conversation over, and gives it back. */
@WhatsAppSimulator(statusDelay = 600_000, reset = false)
class HandOverFlowTest {

    private static final String HAND_OVER = "I am getting somebody for you.";

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static String token;
    private static final ConcurrentLinkedQueue<String> SHOWN = new ConcurrentLinkedQueue<>();
    private static final CountDownLatch THINKING = new CountDownLatch(1);
    private static final CountDownLatch THOUGHT = new CountDownLatch(1);

    private SimulatedUser kim;
    private SimulatedGraph graph;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        token = whatsapp.accessToken();
        gateway = Flows.gateway(directory).with(whatsapp).with("whatsapp.api.token", "desk").with("whatsapp.management.token", "operator")
                .with("whatsapp.on.text", "direct:my-text").with("whatsapp.on.image", "direct:my-image").with("whatsapp.on.message", "direct:my-messages")
                .with("whatsapp.on.handed-over", "direct:my-desk").with("whatsapp.hand-over.time-out", "1h");
        gateway.with("whatsapp.thread-control.url", gateway.meta().baseUrl() + "/numbers");
        gateway.with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:my-desk").process(e -> {
                            Map<?, ?> message = e.getMessage().getBody(Map.class);
                            SHOWN.add(message.get("type").toString());
                            if (message.toString().contains("break the desk")) {
                                throw new IllegalStateException("the desk is closed");
                            }
                        }).filter(simple("${header.WhatsAppMessageType} == 'image'")).setBody(constant("The desk has it.")).to("direct:whatsapp-reply");
                        from("direct:my-image").setBody(constant("A picture.")).to("direct:whatsapp-reply");
                        from("direct:my-messages").process(e -> { });
                        from("direct:my-text").setBody(simple("${body[text][body]}")).choice()
                                .when(body().contains("person")).setHeader("WhatsAppPauseFor", constant("12h")).to("direct:whatsapp-pause")
                                .setBody(constant(HAND_OVER)).to("direct:whatsapp-reply")
                                .when(body().isEqualTo("think")).process(e -> {
                                    THINKING.countDown();
                                    assertThat(THOUGHT.await(60, TimeUnit.SECONDS)).isTrue();
                                }).to("direct:whatsapp-reply")
                                .otherwise().to("direct:whatsapp-reply").end();
                    }
                }).start();
    }

    @AfterAll
    static void stop() {
        THOUGHT.countDown();
        gateway.close();
    }

    @BeforeEach
    void begin(SimulatedUser user, SimulatedGraph graph) {
        Flows.awaitQuiet(gateway);
        SHOWN.clear();
        kim = user;
        this.graph = graph;
    }

    private static JsonNode desk(String user, String action, String more) {
        HttpResponse<String> response = TestGateway.send(HttpRequest.newBuilder(gateway.url("/api/hand-overs")).timeout(LIMIT).header("Authorization", "Bearer desk")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"to\":\"+" + user + "\",\"action\":\"" + action + "\"" + more + "}")).build());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response.body());
    }

    private static JsonNode list(String query, String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.managementPort + "/manage/hand-overs" + query)).timeout(LIMIT);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return json(TestGateway.send(request.build()).body());
    }

    private static boolean isSilent(String user) {
        return desk(user, "show", "").path("silent").asBoolean();
    }

    /** What Meta was asked about a user, and what was marked as read, since the last look. */
    private List<String> calls() {
        return graph.calls().stream().filter(call -> !call.isMessage()).map(GraphCall::path).toList();
    }

    private static void standby(String user, Instant at) {
        assertThat(gateway.webhook(Payloads.change("standby", ("{\"messaging_product\":\"whatsapp\",\"metadata\":{\"phone_number_id\":\"%s\"},\"standby\":{\"messages\":"
                + "[{\"from\":\"%s\",\"id\":\"%s\",\"timestamp\":\"%d\",\"type\":\"text\",\"text\":{\"body\":\"hi\"}}]}}")
                .formatted(TestGateway.NUMBER, user, Payloads.id(), at.getEpochSecond()))).statusCode()).isEqualTo(200);
        await().atMost(LIMIT).until(() -> isSilent(user));
    }

    @Test
    void theBotIsSilentForAllTypesUntilThePersonGivesTheConversationBack() {
        kim.sends("I want a person");
        awaitTexts(graph, kim.id(), HAND_OVER);
        assertThat(isSilent(kim.id())).isTrue();
        assertThat(desk(kim.id(), "show", "").path("by").asText()).isEqualTo("route");
        int before = calls().size();
        kim.sends("are you there?");
        kim.sendsLocation(48, 11);
        kim.sendsImage("a receipt");
        awaitTexts(graph, kim.id(), HAND_OVER, "The desk has it.");
        assertThat(SHOWN).containsExactly("text", "location", "image");
        assertThat(calls()).as("nothing is marked as read").hasSize(before);
        // the person's word reaches the user
        assertThat(TestGateway.send(HttpRequest.newBuilder(gateway.url("/api/messages")).timeout(LIMIT).header("Authorization", "Bearer desk")
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString("{\"messaging_product\":\"whatsapp\",\"to\":\"+" + kim.id()
                        + "\",\"type\":\"text\",\"text\":{\"body\":\"Robin here\"}}")).build()).statusCode()).isEqualTo(202);
        awaitTexts(graph, kim.id(), HAND_OVER, "The desk has it.", "Robin here");

        assertThat(desk(kim.id(), "resume", "").path("silent").asBoolean()).isFalse();
        kim.sends("thanks");
        awaitTexts(graph, kim.id(), HAND_OVER, "The desk has it.", "Robin here", "thanks");
    }

    @Test
    void anotherConversationGoesOn(SimulatedWhatsApp whatsapp) {
        desk(kim.id(), "pause", "");
        SimulatedUser sam = whatsapp.newUser("Sam Example");
        sam.sends("hello");
        awaitTexts(graph, sam.id(), "hello");
    }

    @Test
    void itHoldsOverARestartAndEndsByItself() {
        desk(kim.id(), "pause", ",\"for\":\"2h\",\"reason\":\"a hard case\"");
        assertThat(desk(kim.id(), "pause", "").path("until").asText()).as("the configured time").isLessThan(Instant.now().plusSeconds(3700).toString());
        desk(kim.id(), "pause", ",\"for\":\"2h\",\"reason\":\"a hard case\"");
        JsonNode listed = list("", null);
        assertThat(listed.toString()).doesNotContain(kim.id()).contains("a hard case").contains("\"number\":\"default\"");
        assertThat(list("?unmask=true", "operator").toString()).contains(kim.id());
        assertThat(list("?unmask=true", null).path("status").asInt()).isEqualTo(401);

        gateway.stop();
        gateway.start();
        kim.sends("are you there?");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(SHOWN).containsExactly("text"));
        Flows.awaitQuiet(gateway);
        assertThat(Flows.textsTo(graph, kim.id())).isEmpty();
        assertThat(list("", null)).isEqualTo(listed);

        desk(kim.id(), "pause", ",\"for\":\"1s\"");
        await().atMost(LIMIT).until(() -> !isSilent(kim.id()));
        kim.sends("hello");
        awaitTexts(graph, kim.id(), "hello");
    }

    @Test
    void nobodyApologisesForTheDesk() {
        desk(kim.id(), "pause", "");
        String id = kim.sends("break the desk").id();
        Flows.awaitUnanswered(gateway, id);
        Flows.awaitQuiet(gateway);
        assertThat(Flows.textsTo(graph, kim.id())).isEmpty();
    }

    @Test
    void anAnswerThatWasBeingMadeIsNotSaidAnyMore() throws InterruptedException {
        kim.sends("think");
        assertThat(THINKING.await(30, TimeUnit.SECONDS)).isTrue();
        desk(kim.id(), "pause", "");
        THOUGHT.countDown();
        Flows.awaitQuiet(gateway);
        assertThat(Flows.textsTo(graph, kim.id())).isEmpty();
    }

    @Test
    void aUserWhoIsKnownByABusinessScopedIdIsPausedByPhoneNumberToo() {
        String phone = Flows.user();
        String id = Payloads.id();
        desk(phone, "pause", "");
        var message = Payloads.text(id, phone, "hello").put("from_user_id", "US.1234567890123");
        assertThat(gateway.webhook(Payloads.messages(message)).statusCode()).isEqualTo(200);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(SHOWN).containsExactly("text"));
    }

    @Test
    void whatMetasAgentHoldsIsTheSameState() {
        Instant now = Instant.now();
        standby(kim.id(), now.minusSeconds(60));
        assertThat(desk(kim.id(), "show", "").path("by").asText()).isEqualTo("meta");
        assertThat(gateway.webhook(Payloads.change("messaging_handovers", ("{\"messaging_product\":\"whatsapp\",\"type\":\"control_passed\",\"timestamp\":\"%d\","
                + "\"sender\":{\"phone_number\":\"%s\"},\"recipient\":{\"phone_number_id\":\"%s\"},\"control_passed\":{\"previous_owner_app_role\":\"meta_business_agent\"}}")
                .formatted(now.getEpochSecond(), kim.id(), TestGateway.NUMBER))).statusCode()).isEqualTo(200);
        await().atMost(LIMIT).until(() -> !isSilent(kim.id()));

        // a later message on the field messages says so too
        standby(kim.id(), now.minusSeconds(30));
        kim.sends("hello");
        awaitTexts(graph, kim.id(), "hello");
        assertThat(isSilent(kim.id())).isFalse();

        // but a person keeps what a person has
        desk(kim.id(), "pause", "");
        standby(kim.id(), now.minusSeconds(10));
        kim.sends("are you there?");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(SHOWN).containsExactly("text"));
        assertThat(desk(kim.id(), "show", "").path("by").asText()).isEqualTo("api");
    }

    @Test
    void aConversationIsGivenToMetasAgentAndTakenBack() {
        String path = "/numbers/" + TestGateway.NUMBER + "/thread_control";
        gateway.meta().stubFor(post(urlEqualTo(path)).willReturn(okJson("{\"success\":true}")));
        var template = gateway.camel().createProducerTemplate();
        template.sendBodyAndHeaders("direct:whatsapp-thread-control", null, Map.of("WhatsAppUser", kim.id(), "WhatsAppThreadAction", "pass", "WhatsAppThreadMetadata", "order 1"));
        gateway.meta().verify(1, postRequestedFor(urlEqualTo(path)).withHeader("Authorization", equalTo("Bearer " + token))
                .withRequestBody(equalToJson("{\"action\":\"pass\",\"to\":\"+" + kim.id() + "\",\"metadata\":\"order 1\"}")));
        assertThat(desk(kim.id(), "show", "").path("by").asText()).isEqualTo("meta");
        template.sendBodyAndHeaders("direct:whatsapp-thread-control", null, Map.of("WhatsAppUser", kim.id(), "WhatsAppThreadAction", "take"));
        assertThat(isSilent(kim.id())).isFalse();

        gateway.meta().stubFor(post(urlEqualTo(path)).willReturn(Flows.refusal(400, 100)));
        assertThatThrownBy(() -> template.sendBodyAndHeaders("direct:whatsapp-thread-control", null, Map.of("WhatsAppUser", kim.id(), "WhatsAppThreadAction", "pass")))
                .isInstanceOf(CamelExecutionException.class).hasRootCauseInstanceOf(io.github.waroutes.error.WhatsAppException.class);
        assertThat(isSilent(kim.id())).as("Meta has refused").isFalse();
        assertThatThrownBy(() -> template.sendBodyAndHeaders("direct:whatsapp-thread-control", null, Map.of("WhatsAppUser", kim.id(), "WhatsAppThreadAction", "give")))
                .hasRootCauseInstanceOf(io.github.waroutes.error.WhatsAppMessageException.class);
    }
}
