package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.MESSAGES;
import static io.github.waroutes.flow.Flows.APOLOGY;
import static io.github.waroutes.flow.Flows.awaitTexts;
import static io.github.waroutes.flow.Flows.awaitUnanswered;
import static io.github.waroutes.flow.Flows.exception;
import static io.github.waroutes.flow.Flows.json;
import static io.github.waroutes.flow.Flows.user;
import static io.github.waroutes.flow.Flows.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.github.waroutes.TestGateway;
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

/** The understanding hop: the embedded one, Rasa, an OpenAI-compatible server, and one's own. */
class UnderstandingFlowTest {

    private static final String RASA = "/webhooks/rest/webhook";
    private static final String CHAT = "/v1/chat/completions";

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class With {

        TestGateway gateway;
        String user;

        abstract TestGateway configured(TestGateway gateway);

        @BeforeAll
        void start(@TempDir Path directory) {
            gateway = configured(Flows.gateway(directory)).start();
        }

        @AfterAll
        void stop() {
            gateway.close();
        }

        @BeforeEach
        void metaAcceptsEverything() {
            Flows.reset(gateway);
            user = user();
        }

        List<LoggedRequest> requests(String path) {
            return gateway.meta.findAll(postRequestedFor(urlEqualTo(path)));
        }

        int readReceipts(String id) {
            return gateway.meta.findAll(postRequestedFor(urlEqualTo(MESSAGES))
                    .withRequestBody(matchingJsonPath("$.message_id", equalTo(id)))).size();
        }

        /** One apology, one dead letter. */
        JsonNode givenUp(String text) {
            String id = write(gateway, user, text);
            JsonNode exception = exception(awaitUnanswered(gateway, id));
            Flows.awaitQuiet(gateway);
            awaitTexts(gateway, user, APOLOGY);
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
            write(gateway, user, "hello");
            awaitTexts(gateway, user, "Hello! How can I help you?");
            assertThat(requests(RASA)).isEmpty();
            assertThat(requests(CHAT)).isEmpty();
        }

        @Test
        void aReadReceiptThatFailsHindersNothing() {
            double before = gateway.counter("whatsapp.read.failed");
            gateway.meta.stubFor(post(urlEqualTo(MESSAGES)).atPriority(1)
                    .withRequestBody(matchingJsonPath("$.status", equalTo("read"))).willReturn(aResponse().withStatus(500)));
            String id = write(gateway, user, "hello");
            awaitTexts(gateway, user, "Hello! How can I help you?");
            Flows.awaitQuiet(gateway);
            assertThat(readReceipts(id)).isEqualTo(1);
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
            gateway.meta.stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"recipient_id\":\"x\",\"text\":\"One moment\"},"
                    + "{\"recipient_id\":\"x\",\"text\":\"We open at nine\"}]")));
            write(gateway, user, "\"when\" do you open, null?");
            awaitTexts(gateway, user, "One moment", "We open at nine");

            LoggedRequest request = requests(RASA).get(0);
            assertThat(json(request.getBody()).path("message").asText()).isEqualTo("\"when\" do you open, null?");
            assertThat(json(request.getBody()).path("sender").asText()).matches("[0-9a-f]{32}");
            assertThat(request.getHeaders() + request.getBodyAsString()).doesNotContain(user).doesNotContain("WhatsApp")
                    .doesNotContain(TestGateway.TOKEN);
        }

        @ParameterizedTest
        @ValueSource(strings = {"null", "\"quoted\"", "'quoted'", "${exchangeId}", "true"})
        void whateverAUserWritesRasaReadsIt(String text) {
            gateway.meta.stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"ok\"}]")));
            write(gateway, user, text);
            awaitTexts(gateway, user, "ok");
            assertThat(json(requests(RASA).get(0).getBody()).path("message").asText()).isEqualTo(text);
        }

        @Test
        void oneUserIsTheSameSenderEachTimeAndNobodyElseIs() {
            gateway.meta.stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"ok\"}]")));
            String other = user();
            write(gateway, user, "one");
            write(gateway, user, "two");
            write(gateway, other, "three");
            awaitTexts(gateway, user, "ok", "ok");
            awaitTexts(gateway, other, "ok");
            assertThat(requests(RASA)).extracting(r -> json(r.getBody()).path("sender").asText()).hasSize(3)
                    .satisfies(senders -> assertThat(senders.stream().distinct()).hasSize(2));
        }

        @Test
        void noRepliesAreNoMessageAndNoFailure() {
            gateway.meta.stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[]")));
            String id = write(gateway, user, "hm");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(requests(RASA)).hasSize(1));
            Flows.awaitQuiet(gateway);
            awaitTexts(gateway, user);
            assertThat(Flows.deadLetters(gateway, "WhatsAppUpdateId", "message:" + id)).isEmpty();
        }

        @Test
        void withoutMarkReadNoReadReceiptIsSent() {
            gateway.meta.stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"ok\"}]")));
            String id = write(gateway, user, "hello");
            awaitTexts(gateway, user, "ok");
            assertThat(readReceipts(id)).isZero();
        }

        @Test
        void aSlowServerIsAskedAFewTimesThenThereIsOneApologyAndOneDeadLetter() {
            gateway.meta.stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"late\"}]").withFixedDelay(2500)));
            JsonNode exception = givenUp("hello");
            assertThat(exception.path("type").asText()).isEqualTo("WhatsAppNetworkException");
            assertThat(exception.at("/context/endpoint").asText()).isEqualTo("understanding");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(requests(RASA)).hasSize(3));
        }

        @Test
        void aServerThatIsDownIsAskedAFewTimes() {
            gateway.meta.stubFor(post(urlEqualTo(RASA)).willReturn(aResponse().withStatus(503).withBody("<html>Kim</html>")));
            JsonNode exception = givenUp("hello");
            assertThat(exception.path("type").asText()).isEqualTo("WhatsAppHopException");
            assertThat(exception.path("hop").asText()).isEqualTo("understanding");
            assertThat(requests(RASA)).hasSize(3);
        }

        @Test
        void anAnswerThatIsNoneIsGivenUpAtOnceAndNotQuoted() {
            gateway.meta.stubFor(post(urlEqualTo(RASA)).willReturn(okJson("{\"secret\":\"Kim\"}")));
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
            gateway.meta.stubFor(post(urlEqualTo(CHAT)).willReturn(okJson(
                    "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"" + text + "\"}}]}")));
        }

        private JsonNode asked(int call) {
            return json(requests(CHAT).get(call).getBody());
        }

        @Test
        void theLastTurnsGoAlongWithTheNextMessage() {
            says("At nine");
            write(gateway, user, "when do you open?");
            awaitTexts(gateway, user, "At nine");
            says("At six");
            write(gateway, user, "and \\\"close\\\"?");
            awaitTexts(gateway, user, "At nine", "At six");

            assertThat(asked(0).path("model").asText()).isEqualTo("small-1");
            assertThat(asked(0).path("messages")).isEqualTo(json("[{\"role\":\"system\",\"content\":\"You are a made-up shop.\"},"
                    + "{\"role\":\"user\",\"content\":\"when do you open?\"}]"));
            assertThat(asked(1).path("messages")).hasSize(4);
            assertThat(asked(1).at("/messages/1")).isEqualTo(json("{\"role\":\"user\",\"content\":\"when do you open?\"}"));
            assertThat(asked(1).at("/messages/2")).isEqualTo(json("{\"role\":\"assistant\",\"content\":\"At nine\"}"));
            assertThat(asked(1).at("/messages/3/content").asText()).isEqualTo("and \\\"close\\\"?");
            gateway.meta.verify(2, postRequestedFor(urlEqualTo(CHAT)).withHeader("Authorization", equalTo("Bearer chat-key")));
            assertThat(requests(CHAT).get(1).getBodyAsString()).doesNotContain(user);
        }

        @Test
        void markdownIsSentAsWhatsAppsFormattingAndThoughtsAreNot() {
            says("<think>the user wants…</think>**Open** Mon-Sat. See [our site](https://x.test/a)\\n# Title\\n~~old~~");
            write(gateway, user, "when do you open?");
            awaitTexts(gateway, user, "*Open* Mon-Sat. See our site (https://x.test/a)\n\n*Title*\n\n~old~");
        }

        @Test
        void anEmptyAnswerIsNoticedAndTheUserIsNotLeftAlone() {
            double before = gateway.counter("whatsapp.understanding.empty");
            String sorry = "Sorry, I have no answer to that. Please ask in other words.";
            try (CapturedLog log = new CapturedLog()) {
                says("<think>hm</think>");
                write(gateway, user, "one");
                awaitTexts(gateway, user, sorry);
                gateway.meta.stubFor(post(urlEqualTo(CHAT)).willReturn(okJson("{\"choices\":[{\"message\":{\"content\":null}}]}")));
                write(gateway, user, "two");
                awaitTexts(gateway, user, sorry, sorry);
                assertThat(log.events("whatsapp.understanding.empty")).hasSize(2);
            }
            assertThat(gateway.counter("whatsapp.understanding.empty")).isEqualTo(before + 2);
            says("ok");
            write(gateway, user, "three");
            awaitTexts(gateway, user, sorry, sorry, "ok");
            assertThat(asked(2).toString()).as("what was not answered is not remembered").doesNotContain("one").doesNotContain("Sorry");
        }

        @Test
        void nobodyGetsAnotherUsersTurns() {
            says("ok");
            String other = user();
            write(gateway, user, "my secret");
            awaitTexts(gateway, user, "ok");
            write(gateway, other, "hello");
            awaitTexts(gateway, other, "ok");
            assertThat(asked(1).toString()).doesNotContain("my secret");
        }

        @Test
        void aLongAnswerIsSplitAndSentInOrder() {
            String sentence = IntStream.range(0, 900).mapToObj(i -> "word" + i).collect(Collectors.joining(" "));
            says(sentence);
            write(gateway, user, "tell me all");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(Flows.textsTo(gateway, user)).hasSize(2));
            List<String> texts = Flows.textsTo(gateway, user);
            assertThat(texts).allSatisfy(text -> assertThat(text.length()).isLessThanOrEqualTo(4096));
            assertThat(String.join(" ", texts)).isEqualTo(sentence);
        }

        @Test
        void aRateLimitOfTheModelIsWaitedFor() {
            says("ok");
            gateway.meta.stubFor(post(urlEqualTo(CHAT)).inScenario("busy").whenScenarioStateIs("Started")
                    .willReturn(aResponse().withStatus(429)).willSetStateTo("then"));
            gateway.meta.stubFor(post(urlEqualTo(CHAT)).inScenario("busy").whenScenarioStateIs("then").willReturn(okJson(
                    "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"ok\"}}]}")));
            write(gateway, user, "hello");
            awaitTexts(gateway, user, "ok");
            assertThat(requests(CHAT)).hasSize(2);
        }

        @Test
        void anUnansweredTurnIsNotRemembered() {
            gateway.meta.stubFor(post(urlEqualTo(CHAT)).willReturn(aResponse().withStatus(400)));
            givenUp("forgotten words");
            assertThat(requests(CHAT)).hasSize(1);
            says("ok");
            write(gateway, user, "hello");
            awaitTexts(gateway, user, APOLOGY, "ok");
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
            write(gateway, user, "hello");
            awaitTexts(gateway, user, "mine: hello", "by the way");
        }

        @Test
        void aPersonWithoutAPhoneNumberIsAnsweredByUserId() {
            String id = "US.1349120865530274" + user.substring(7);
            write(gateway, id, "hello");
            await().atMost(LIMIT).untilAsserted(() -> gateway.meta.verify(2, postRequestedFor(urlEqualTo(MESSAGES))
                    .withRequestBody(matchingJsonPath("$.recipient", equalTo(id)))));
        }
    }
}
