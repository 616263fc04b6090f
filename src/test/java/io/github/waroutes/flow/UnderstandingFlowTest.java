package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.flow.Flows.APOLOGY;
import static io.github.waroutes.flow.Flows.awaitUnanswered;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.GraphFault.At;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.simulator.GraphCall;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The understanding hop: the embedded one, Rasa, an OpenAI-compatible server, and one's own. WireMock stands for the servers, and the
 * simulator for Meta.
 */
@WhatsAppSimulator
class UnderstandingFlowTest {

    private static final String RASA = "/webhooks/rest/webhook";
    private static final String CHAT = "/v1/chat/completions";

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class With {

        TestGateway gateway;
        SimulatedWhatsApp whatsapp;
        SimulatedGraph graph;
        SimulatedUser kim;

        abstract TestGateway configured(TestGateway gateway);

        @BeforeAll
        void start(@TempDir Path directory, SimulatedWhatsApp simulated) {
            whatsapp = simulated;
            graph = simulated.graph();
            gateway = configured(Flows.gateway(directory).with(simulated)).start();
        }

        @AfterAll
        void stop() {
            gateway.close();
        }

        @BeforeEach
        void somebodyNew() {
            gateway.meta().resetAll();
            kim = whatsapp.newUser("Kim");
        }

        /** Everything that the user was sent, and nothing else. */
        void awaitTexts(SimulatedUser user, String... texts) {
            Flows.awaitTexts(graph, user.id(), texts);
        }

        List<LoggedRequest> requests(String path) {
            return gateway.meta().findAll(postRequestedFor(urlEqualTo(path)));
        }

        List<GraphCall> readReceipts() {
            return graph.calls().stream().filter(GraphCall::isReadMark).toList();
        }

        /** One apology, one dead letter. */
        JsonNode givenUp(String text) {
            String id = kim.sends(text).id();
            JsonNode exception = exception(awaitUnanswered(gateway, id));
            Flows.awaitQuiet(gateway);
            awaitTexts(kim, APOLOGY);
            assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).hasSize(1);
            return exception;
        }
    }

    @Nested
    class Intents extends With {

        @Override
        TestGateway configured(TestGateway gateway) {
            return gateway;
        }

        @Test
        void theEmbeddedClassifierAnswersUnlessToldOtherwise() {
            kim.sends("hello");
            awaitTexts(kim, "Hello! How can I help you?");
            assertThat(requests(RASA)).isEmpty();
            assertThat(requests(CHAT)).isEmpty();
        }

        @Test
        void aReadReceiptThatFailsHindersNothing() {
            double before = gateway.counter("whatsapp.read.failed");
            graph.fails(131000).at(At.READ_MARK);
            String id = kim.sends("hello").id();
            awaitTexts(kim, "Hello! How can I help you?");
            Flows.awaitQuiet(gateway);
            assertThat(readReceipts()).singleElement().satisfies(call -> assertThat(call.body().path("message_id").asText()).isEqualTo(id));
            assertThat(gateway.counter("whatsapp.read.failed")).isEqualTo(before + 1);
            assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).isEmpty();
        }
    }

    @Nested
    class Rasa extends With {

        @Override
        TestGateway configured(TestGateway gateway) {
            return gateway.with("whatsapp.understanding", "rasa").with("whatsapp.mark-read", false)
                    .with("whatsapp.understanding.rasa.sender-key", "made-up-key");
        }

        @Test
        void itsRepliesAreSentInOrderAndItDoesNotLearnThePhoneNumber() {
            gateway.meta().stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"recipient_id\":\"x\",\"text\":\"One moment\"},"
                    + "{\"recipient_id\":\"x\",\"text\":\"We open at nine\"}]")));
            kim.sends("\"when\" do you open, null?");
            awaitTexts(kim, "One moment", "We open at nine");

            LoggedRequest request = requests(RASA).get(0);
            assertThat(json(request.getBody()).path("message").asText()).isEqualTo("\"when\" do you open, null?");
            assertThat(json(request.getBody()).path("sender").asText()).matches("[0-9a-f]{32}");
            assertThat(request.getHeaders() + request.getBodyAsString()).doesNotContain(kim.id()).doesNotContain("WhatsApp")
                    .doesNotContain(whatsapp.accessToken());
        }

        @ParameterizedTest
        @ValueSource(strings = {"null", "\"quoted\"", "'quoted'", "${exchangeId}", "true"})
        void whateverAUserWritesRasaReadsIt(String text) {
            gateway.meta().stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"ok\"}]")));
            kim.sends(text);
            awaitTexts(kim, "ok");
            assertThat(json(requests(RASA).get(0).getBody()).path("message").asText()).isEqualTo(text);
        }

        @Test
        void oneUserIsTheSameSenderEachTimeAndNobodyElseIs() {
            gateway.meta().stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"ok\"}]")));
            SimulatedUser other = whatsapp.newUser("Sam");
            kim.sends("one");
            kim.sends("two");
            other.sends("three");
            awaitTexts(kim, "ok", "ok");
            awaitTexts(other, "ok");
            assertThat(requests(RASA)).extracting(r -> json(r.getBody()).path("sender").asText()).hasSize(3)
                    .satisfies(senders -> assertThat(senders.stream().distinct()).hasSize(2));
        }

        @Test
        void noRepliesAreNoMessageAndNoFailure() {
            gateway.meta().stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[]")));
            String id = kim.sends("hm").id();
            await().atMost(LIMIT).untilAsserted(() -> assertThat(requests(RASA)).hasSize(1));
            Flows.awaitQuiet(gateway);
            awaitTexts(kim);
            assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).isEmpty();
        }

        @Test
        void withoutMarkReadNoReadReceiptIsSent() {
            gateway.meta().stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"ok\"}]")));
            kim.sends("hello");
            awaitTexts(kim, "ok");
            assertThat(readReceipts()).isEmpty();
        }

        @Test
        void aSlowServerIsAskedAFewTimesThenThereIsOneApologyAndOneDeadLetter() {
            gateway.meta().stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"late\"}]").withFixedDelay(2500)));
            JsonNode exception = givenUp("hello");
            assertThat(exception.path("type").asText()).isEqualTo("WhatsAppNetworkException");
            assertThat(exception.at("/context/endpoint").asText()).isEqualTo("understanding");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(requests(RASA)).hasSize(3));
        }

        @Test
        void aServerThatIsDownIsAskedAFewTimes() {
            gateway.meta().stubFor(post(urlEqualTo(RASA)).willReturn(aResponse().withStatus(503).withBody("<html>Kim</html>")));
            JsonNode exception = givenUp("hello");
            assertThat(exception.path("type").asText()).isEqualTo("WhatsAppHopException");
            assertThat(exception.path("hop").asText()).isEqualTo("understanding");
            assertThat(requests(RASA)).hasSize(3);
        }

        @Test
        void anAnswerThatIsNoneIsGivenUpAtOnceAndNotQuoted() {
            gateway.meta().stubFor(post(urlEqualTo(RASA)).willReturn(okJson("{\"secret\":\"Kim\"}")));
            assertThat(givenUp("hello").toString()).doesNotContain("Kim");
            assertThat(requests(RASA)).hasSize(1);
        }
    }

    @Nested
    class OpenAi extends With {

        @Override
        TestGateway configured(TestGateway gateway) {
            return gateway.with("whatsapp.understanding", "openai").with("whatsapp.understanding.openai.api-key", "chat-key")
                    .with("whatsapp.understanding.openai.model", "small-1").with("whatsapp.mark-read", false)
                    .with("whatsapp.understanding.openai.system-prompt", "You are a made-up shop.");
        }

        private void says(String text) {
            gateway.meta().stubFor(post(urlEqualTo(CHAT)).willReturn(okJson(
                    "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"" + text + "\"}}]}")));
        }

        private JsonNode asked(int call) {
            return json(requests(CHAT).get(call).getBody());
        }

        @Test
        void theLastTurnsGoAlongWithTheNextMessage() {
            says("At nine");
            kim.sends("when do you open?");
            awaitTexts(kim, "At nine");
            says("At six");
            kim.sends("and \\\"close\\\"?");
            awaitTexts(kim, "At nine", "At six");

            assertThat(asked(0).path("model").asText()).isEqualTo("small-1");
            assertThat(asked(0).path("messages")).isEqualTo(json("[{\"role\":\"system\",\"content\":\"You are a made-up shop.\"},"
                    + "{\"role\":\"user\",\"content\":\"when do you open?\"}]"));
            assertThat(asked(1).path("messages")).hasSize(4);
            assertThat(asked(1).at("/messages/1")).isEqualTo(json("{\"role\":\"user\",\"content\":\"when do you open?\"}"));
            assertThat(asked(1).at("/messages/2")).isEqualTo(json("{\"role\":\"assistant\",\"content\":\"At nine\"}"));
            assertThat(asked(1).at("/messages/3/content").asText()).isEqualTo("and \\\"close\\\"?");
            gateway.meta().verify(2, postRequestedFor(urlEqualTo(CHAT)).withHeader("Authorization", equalTo("Bearer chat-key")));
            assertThat(requests(CHAT).get(1).getBodyAsString()).doesNotContain(kim.id());
        }

        @Test
        void markdownIsSentAsWhatsAppsFormattingAndThoughtsAreNot() {
            says("<think>the user wants…</think>**Open** Mon-Sat. See [our site](https://x.test/a)\\n# Title\\n~~old~~");
            kim.sends("when do you open?");
            awaitTexts(kim, "*Open* Mon-Sat. See our site (https://x.test/a)\n\n*Title*\n\n~old~");
        }

        @Test
        void anEmptyAnswerIsNoticedAndTheUserIsNotLeftAlone() {
            double before = gateway.counter("whatsapp.understanding.empty");
            String sorry = "Sorry, I have no answer to that. Please ask in other words.";
            try (CapturedLog log = new CapturedLog()) {
                says("<think>hm</think>");
                kim.sends("one");
                awaitTexts(kim, sorry);
                gateway.meta().stubFor(post(urlEqualTo(CHAT)).willReturn(okJson("{\"choices\":[{\"message\":{\"content\":null}}]}")));
                kim.sends("two");
                awaitTexts(kim, sorry, sorry);
                assertThat(log.events("whatsapp.understanding.empty")).hasSize(2);
            }
            assertThat(gateway.counter("whatsapp.understanding.empty")).isEqualTo(before + 2);
            says("ok");
            kim.sends("three");
            awaitTexts(kim, sorry, sorry, "ok");
            assertThat(asked(2).toString()).as("what was not answered is not remembered").doesNotContain("one").doesNotContain("Sorry");
        }

        @Test
        void nobodyGetsAnotherUsersTurns() {
            says("ok");
            SimulatedUser other = whatsapp.newUser("Sam");
            kim.sends("my secret");
            awaitTexts(kim, "ok");
            other.sends("hello");
            awaitTexts(other, "ok");
            assertThat(asked(1).toString()).doesNotContain("my secret");
        }

        @Test
        void aLongAnswerIsSplitAndSentInOrder() {
            String sentence = IntStream.range(0, 900).mapToObj(i -> "word" + i).collect(Collectors.joining(" "));
            says(sentence);
            kim.sends("tell me all");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.textsTo(graph, kim.id())).hasSize(2));
            List<String> texts = Flows.textsTo(graph, kim.id());
            assertThat(texts).allSatisfy(text -> assertThat(text.length()).isLessThanOrEqualTo(4096));
            assertThat(String.join(" ", texts)).isEqualTo(sentence);
        }

        @Test
        void aRateLimitOfTheModelIsWaitedFor() {
            says("ok");
            gateway.meta().stubFor(post(urlEqualTo(CHAT)).inScenario("busy").whenScenarioStateIs("Started")
                    .willReturn(aResponse().withStatus(429)).willSetStateTo("then"));
            gateway.meta().stubFor(post(urlEqualTo(CHAT)).inScenario("busy").whenScenarioStateIs("then").willReturn(okJson(
                    "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"ok\"}}]}")));
            kim.sends("hello");
            awaitTexts(kim, "ok");
            assertThat(requests(CHAT)).hasSize(2);
        }

        @Test
        void anUnansweredTurnIsNotRemembered() {
            gateway.meta().stubFor(post(urlEqualTo(CHAT)).willReturn(aResponse().withStatus(400)));
            givenUp("forgotten words");
            assertThat(requests(CHAT)).hasSize(1);
            says("ok");
            kim.sends("hello");
            awaitTexts(kim, APOLOGY, "ok");
            assertThat(asked(1).toString()).doesNotContain("forgotten words");
        }
    }

    @Nested
    class Mine extends With {

        @Override
        TestGateway configured(TestGateway gateway) {
            return gateway.with("whatsapp.understanding", "mine").with(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:whatsapp-understanding-mine").setBody(e -> List.of("mine: " + e.getMessage().getBody(String.class),
                            "", "by the way"));
                }
            });
        }

        @Test
        void aRouteOfOnesOwnUnderstands() {
            kim.sends("hello");
            awaitTexts(kim, "mine: hello", "by the way");
        }

        @Test
        void aPersonWithoutAPhoneNumberIsAnsweredByUserId() {
            SimulatedUser sam = whatsapp.user("Sam", "US.1349120865530274" + kim.id().substring(7));
            sam.sends("hello");
            sam.receives("mine: hello", "by the way");
            assertThat(graph.callsTo(sam)).hasSize(2).allSatisfy(call -> assertThat(call.body().path("recipient").asText()).isEqualTo(sam.id()));
        }
    }
}
