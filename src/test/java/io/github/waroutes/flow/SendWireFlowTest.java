package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.MESSAGES;
import static io.github.waroutes.flow.Flows.accepted;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnsent;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.messagesTo;
import static io.github.waroutes.flow.Flows.requestsTo;
import static io.github.waroutes.flow.Flows.send;
import static io.github.waroutes.flow.Flows.sendText;
import static io.github.waroutes.flow.Flows.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A send as it is on the wire, and answers to it that Graph does not give. WireMock stands for Meta: the simulator shows no headers and no
 * bytes of a request, and answers a message neither with a page that says 200 nor with a redirect.
 */
class SendWireFlowTest {

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        gateway = Flows.gateway(directory).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void metaAcceptsEverything() {
        Flows.reset(gateway);
    }

    private static void answers(String user, ResponseDefinitionBuilder answer) {
        gateway.meta().stubFor(messagesTo(user).willReturn(answer));
    }

    private static JsonNode unsent(String id) {
        return exception(awaitUnsent(gateway, id));
    }

    private static void assertTries(String user, int tries) {
        assertThat(requestsTo(gateway, user)).hasSize(tries);
    }

    @Test
    void aSuccessThatIsNoJsonLeavesTheOutcomeUnknown() {
        String user = user();
        answers(user, aResponse().withStatus(200).withHeader("Content-Type", "text/html").withBody("<html>Log in</html>"));
        JsonNode exception = unsent(sendText(gateway, user, "Hello"));
        assertThat(exception.path("type").asText()).isEqualTo("WhatsAppServiceException");
        assertThat(exception.path("outcome_unknown").asBoolean()).isTrue();
        assertTries(user, 1);
    }

    @Test
    void aRedirectIsNotFollowedAndTheTokenStaysHere() {
        WireMockServer elsewhere = new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));
        elsewhere.start();
        try {
            elsewhere.stubFor(any(anyUrl()).willReturn(accepted()));
            String user = user();
            answers(user, aResponse().withStatus(302).withHeader("Location", elsewhere.url("/taken")));

            JsonNode exception = unsent(sendText(gateway, user, "Hello"));
            assertThat(exception.path("type").asText()).isEqualTo("WhatsAppServiceException");
            assertThat(exception.path("status_code").asInt()).isEqualTo(302);
            assertTries(user, 1);
            elsewhere.verify(0, anyRequestedFor(anyUrl()));
        } finally {
            elsewhere.stop();
        }
    }

    @Test
    void aMessageAsMetaDocumentsItIsSentAsItIs() {
        String user = user();
        String body = "{ \"messaging_product\": \"whatsapp\", \"to\": \"+" + user + "\", \"type\": \"location\","
                + " \"location\": {\"latitude\": 1.5, \"longitude\": 2.25}, \"biz_opaque_callback_data\": \"é ${body} {{x}}\" }";
        send(gateway, "direct:whatsapp-send", body, Map.of());
        await().atMost(LIMIT).untilAsserted(() -> assertTries(user, 1));
        assertThat(requestsTo(gateway, user).get(0).getBody()).isEqualTo(body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void camelHeadersOfAMessageDoNotReachTheCall() {
        String user = user();
        send(gateway, "direct:whatsapp-send-text", "Hello", Map.of("WhatsAppUser", user, "CamelHttpUri", "http://127.0.0.1:1/taken",
                "CamelHttpPath", "/taken", "CamelHttpQuery", "x=y", "CamelHttpMethod", "DELETE", "Authorization", "Bearer other",
                "X-Other", "secret"));
        awaitTexts(gateway, user, "Hello");
        gateway.meta().verify(1, postRequestedFor(urlEqualTo(MESSAGES)).withHeader("Authorization", equalTo("Bearer " + TestGateway.TOKEN))
                .withoutHeader("X-Other"));
        assertThat(requestsTo(gateway, user).get(0).getHeaders().keys())
                .noneMatch(name -> name.startsWith("WhatsApp") || name.startsWith("Camel") || name.startsWith("X-"));
    }
}
