package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.MESSAGES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.ReceivedMessage;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.operate.DeadLetters;
import io.github.waroutes.queue.StoredMessage;
import io.github.waroutes.simulator.GraphCall;
import org.apache.camel.ProducerTemplate;

/** What the tests of whole flows share: people, what Meta answers, and what was sent, queued and given up. */
final class Flows {

    static final String APOLOGY = "Sorry, something went wrong on our side. Please try again in a little while.";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger USERS = new AtomicInteger(100);

    private Flows() {
    }

    /** A made-up phone number that no other test uses, without the plus. */
    static String user() {
        return "1555555%04d".formatted(USERS.incrementAndGet());
    }

    /** A gateway whose breaker stays closed unless everything fails. */
    static TestGateway gateway(java.nio.file.Path directory) {
        return new TestGateway(directory).with("whatsapp.breaker.failure-percent", 100)
                .with("whatsapp.breaker.consecutive-failures", 1_000_000).with("whatsapp.http.read-timeout", 1500)
                // what may have been sent is given up after a second without a status
                .with("whatsapp.outcome.silence-seconds", 1).with("whatsapp.outcome.resend", false)
                .with("whatsapp.outcome.ask-again-after", 100);
    }

    static ResponseDefinitionBuilder accepted() {
        return okJson("{\"messaging_product\":\"whatsapp\",\"messages\":[{\"id\":\"wamid.SENT\"}]}");
    }

    /** Forgets all requests and stubs; every message is accepted then, and every read receipt. */
    static void reset(TestGateway gateway) {
        gateway.meta().resetAll();
        gateway.meta().stubFor(post(urlEqualTo(MESSAGES)).atPriority(10).willReturn(accepted()));
    }

    /** The messages to one user, but not the read receipts. */
    static MappingBuilder messagesTo(String user) {
        return post(urlEqualTo(MESSAGES)).atPriority(1).withRequestBody(matchingJsonPath("$.to", WireMock.equalTo("+" + user)));
    }

    /** A refusal as the Graph API writes it. */
    static ResponseDefinitionBuilder refusal(int status, int code) {
        return refusal(status, code, "made up");
    }

    static ResponseDefinitionBuilder refusal(int status, int code, String message) {
        return aResponse().withStatus(status).withHeader("Content-Type", "application/json").withBody("{\"error\":{\"message\":\"(#"
                + code + ") " + message + "\",\"type\":\"OAuthException\",\"code\":" + code + ",\"fbtrace_id\":\"AbCdEf123\"}}");
    }

    static JsonNode json(byte[] text) {
        try {
            return JSON.readTree(text);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /** The requests to send something to one user, in the order they came. */
    static List<LoggedRequest> requestsTo(TestGateway gateway, String user) {
        return gateway.meta().findAll(postRequestedFor(urlEqualTo(MESSAGES))
                .withRequestBody(matchingJsonPath("$.to", WireMock.equalTo("+" + user))));
    }

    /** The texts of those requests. */
    static List<String> textsTo(TestGateway gateway, String user) {
        return requestsTo(gateway, user).stream().map(request -> json(request.getBody()).at("/text/body").asText()).toList();
    }

    static void awaitTexts(TestGateway gateway, String user, String... texts) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(textsTo(gateway, user)).containsExactly(texts));
    }

    /** The texts of all attempts to send to a user, accepted or not, in the order they came. */
    static List<String> textsTo(SimulatedGraph graph, String user) {
        return graph.callsTo(user).stream().map(GraphCall::text).toList();
    }

    static void awaitTexts(SimulatedGraph graph, String user, String... texts) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(textsTo(graph, user)).containsExactly(texts));
    }

    /** So many attempts to send to a user, accepted or not, have been answered. */
    static void awaitCalls(SimulatedGraph graph, SimulatedUser user, int count) {
        await().atMost(LIMIT).untilAsserted(() ->
                assertThat(graph.callsTo(user)).hasSize(count).allSatisfy(call -> assertThat(call.status()).isPositive()));
    }

    /** The attempts to send something to anybody, accepted or not, in the order they came. */
    static List<GraphCall> attempts(SimulatedGraph graph) {
        return graph.calls().stream().filter(GraphCall::isMessage).toList();
    }

    /** What a user has been sent so far. */
    static List<String> received(SimulatedUser user) {
        return user.inbox().stream().map(ReceivedMessage::text).toList();
    }

    /** None of the statuses of what this user is sent gets through to the gateway. */
    static void withholdsStatuses(SimulatedGraph graph, SimulatedUser user) {
        graph.forgesWebhooks().always().forUser(user);
    }

    /** A text that comes hours after it was written. */
    static void wroteHoursAgo(SimulatedUser user, String text, int hours) {
        user.says("{\"raw\":{\"type\":\"text\",\"text\":{\"body\":\"%s\"},\"timestamp\":\"%d\"}}"
                .formatted(text, Instant.now().minus(Duration.ofHours(hours)).getEpochSecond()));
    }

    /** Posts a text as Meta would; gives its wamid. */
    static String write(TestGateway gateway, String user, String text) {
        String id = Payloads.id();
        assertThat(gateway.webhook(Payloads.messages(Payloads.text(id, user, text))).statusCode()).isEqualTo(200);
        return id;
    }

    /** Queues a message through one of the endpoints for people's own routes; gives its outbound id. */
    static String send(TestGateway gateway, String endpoint, Object body, Map<String, Object> headers) {
        String id = "test-" + UUID.randomUUID();
        Map<String, Object> all = new java.util.HashMap<>(Map.of("WhatsAppOutboundId", id));
        all.putAll(headers);
        try (ProducerTemplate template = gateway.camel().createProducerTemplate()) {
            template.sendBodyAndHeaders(endpoint, body, all);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
        return all.get("WhatsAppOutboundId").toString();
    }

    static String sendText(TestGateway gateway, String user, String text) {
        return send(gateway, "direct:whatsapp-send-text", text, Map.of("WhatsAppUser", user));
    }

    static List<StoredMessage> deadLetters(TestGateway gateway, String header, String value) {
        return gateway.deadLetters().stream().filter(letter -> value.equals(letter.queueHeaders().get(header))).toList();
    }

    static StoredMessage awaitDeadLetter(TestGateway gateway, String header, String value) {
        return await().atMost(LIMIT).until(() -> deadLetters(gateway, header, value), letters -> letters.size() == 1).get(0);
    }

    /** The one dead letter of a message that was to be sent. */
    static StoredMessage awaitUnsent(TestGateway gateway, String outboundId) {
        return awaitDeadLetter(gateway, "WhatsAppOutboundId", outboundId);
    }

    /** The one dead letter of an update. */
    static StoredMessage awaitUnanswered(TestGateway gateway, String wamid) {
        return awaitDeadLetter(gateway, "WhatsAppUpdateId", "message:" + wamid);
    }

    static JsonNode exception(StoredMessage letter) {
        return json(letter.queueHeaders().get(DeadLetters.EXCEPTION).toString());
    }

    /** Everything that came in or was to go out is done. */
    static void awaitQuiet(TestGateway gateway) {
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(gateway.queued("whatsapp.inbound")).isZero();
            assertThat(gateway.queued("whatsapp.outbound")).isZero();
        });
    }

    /** The state of a message as a route of the host sees it; null if nothing is known. */
    static String state(TestGateway gateway, String outboundId) {
        Map<?, ?> state = gateway.camel().createProducerTemplate()
                .requestBodyAndHeader("direct:whatsapp-delivery-state", null, "WhatsAppOutboundId", outboundId, Map.class);
        return state == null ? null : String.valueOf(state.get("state"));
    }

    /** Posts a status as Meta would, with our id in it. */
    static void status(TestGateway gateway, String outboundId, String wamid, String user, String state) {
        ObjectNode status = Payloads.status(wamid, user, state);
        status.put("biz_opaque_callback_data", outboundId);
        assertThat(gateway.webhook(Payloads.statuses(status)).statusCode()).isEqualTo(200);
    }
}
