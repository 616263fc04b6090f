package io.github.waroutes.flow;

import static io.github.waroutes.Payloads.USER;
import static io.github.waroutes.TestGateway.LIMIT;
import static io.github.waroutes.TestGateway.NUMBER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.LogCapture;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import io.github.waroutes.queue.StoredMessage;
import io.github.waroutes.simulator.GraphCall;
import io.github.waroutes.update.Update;
import io.github.waroutes.webhook.UpdateSplitter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of updates of every kind, from the webhook to the answer at the Graph API. The simulator tells no statuses: they are counted here. */
@WhatsAppSimulator(statusDelay = 600_000, reset = false)
class UpdateFlowTest {

    private static final String UNHANDLED = "whatsapp.unhandled";

    @TempDir
    static Path directory;

    private static final EchoUnderstanding UNDERSTANDING = new EchoUnderstanding();
    private static SimulatedWhatsApp whatsapp;
    private static SimulatedGraph graph;
    private static TestGateway gateway;

    @WhatsAppUser
    private SimulatedUser kim;

    @BeforeAll
    static void start() {
        gateway = new TestGateway(directory).with(whatsapp).with("whatsapp.understanding", "mine").with(UNDERSTANDING).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    /** As Meta would, what nobody of the simulator says. */
    private static void post(String payload) {
        assertThat(gateway.webhook(payload).statusCode()).isEqualTo(200);
    }

    private void says(ObjectNode message) {
        kim.says("{\"raw\":" + message + '}');
    }

    private List<String> answers() {
        return Flows.textsTo(graph, kim.id());
    }

    private static GraphCall awaitSent(String text) {
        return await().atMost(LIMIT).until(() -> Flows.attempts(graph).stream().filter(call -> text.equals(call.text())).toList(),
                calls -> calls.size() == 1).get(0);
    }

    /** Order holds in a conversation: once this is answered, everything before it is done. */
    private void answersUpToNow(String... answers) {
        kim.sends("last");
        await().atMost(LIMIT).until(() -> answers().contains("re: last"));
        assertThat(answers()).containsExactly(Stream.concat(Stream.of(answers), Stream.of("re: last")).toArray(String[]::new));
    }

    // ---- messages that are answered

    @Test
    void aTextIsAnswered() {
        kim.sends("hello");
        answersUpToNow("re: hello");
    }

    @Test
    void aQuickReplyOfATemplateIsUnderstoodByItsTextAndCarriesItsPayload() {
        kim.tapsQuickReply("pressed", "PAYLOAD-1");
        answersUpToNow("re: pressed");
        assertThat(UNDERSTANDING.heard("pressed").headers()).containsEntry("WhatsAppPayload", "PAYLOAD-1")
                .containsEntry("WhatsAppMessageType", "button");
    }

    @ParameterizedTest
    @CsvSource({"button_reply, picked a button", "list_reply, picked a row"})
    void aReplyButtonAndAListRowAreUnderstoodByTheirTitleAndCarryTheirId(String type, String title) {
        kim.says("{\"%s\":{\"id\":\"id of %s\",\"title\":\"%s\"},\"reply_to\":\"wamid.QUESTION\"}".formatted(type.replace("_reply", ""), type, title));
        answersUpToNow("re: " + title);
        assertThat(UNDERSTANDING.heard(title).headers()).containsEntry("WhatsAppPayload", "id of " + type)
                .containsEntry("WhatsAppReplyTo", "wamid.QUESTION");
    }

    @Test
    void aUserWithoutAPhoneNumberIsAnsweredByTheBusinessScopedId() {
        whatsapp.user("Kim", "US.13491208655302741918").sends("no number");
        JsonNode sent = awaitSent("re: no number").body();
        assertThat(sent.path("recipient").asText()).isEqualTo("US.13491208655302741918");
        assertThat(sent.has("to")).isFalse();
    }

    @Test
    void aGroupMessageIsAnsweredToTheGroup() {
        kim.says("{\"text\":\"in a group\",\"group_id\":\"Y2FwaV9ncm91cA\"}");
        JsonNode sent = awaitSent("re: in a group").body();
        assertThat(sent.path("recipient_type").asText()).isEqualTo("group");
        assertThat(sent.path("to").asText()).isEqualTo("Y2FwaV9ncm91cA");
        assertThat(sent.has("recipient")).isFalse();
    }

    @Test
    void numericIdsAndMissingContactsAreAnswered() {
        String payload = Payloads.messages(Payloads.text(Payloads.id(), kim.id(), "numbers"))
                .replace("\"" + kim.id() + "\"", kim.id()).replace("\"" + NUMBER + "\"", NUMBER).replaceAll("\"contacts\":\\[[^]]*],", "");
        assertThat(payload).contains("\"from\":" + kim.id()).doesNotContain("contacts");
        post(payload);
        answersUpToNow("re: numbers");
    }

    @Test
    void everyEntryAndChangeOfOneWebhookIsHandled() {
        String one = Payloads.payload(Payloads.value("messages", List.of(Payloads.text(Payloads.id(), kim.id(), "one"))),
                Payloads.value("messages", List.of(Payloads.text(Payloads.id(), kim.id(), "two"))));
        String other = Payloads.messages(Payloads.text(Payloads.id(), kim.id(), "three"));
        String entry = other.substring(other.indexOf('[') + 1, other.lastIndexOf(']'));
        post(one.substring(0, one.lastIndexOf(']')) + "," + entry + "]}");
        answersUpToNow("re: one", "re: two", "re: three");
    }

    // ---- repeats

    @Test
    void theSameWebhookManyTimesAtOnceIsAnsweredOnce() {
        String payload = Payloads.messages(Payloads.text(Payloads.id(), kim.id(), "at once"));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            CompletableFuture.allOf(IntStream.range(0, 24).mapToObj(i -> CompletableFuture.runAsync(() -> post(payload), threads))
                    .toArray(CompletableFuture[]::new)).join();
        } finally {
            threads.shutdownNow();
        }
        answersUpToNow("re: at once");
    }

    @Test
    void theSameWebhookLaterIsTakenAndNotAnsweredAgain() {
        String payload = Payloads.messages(Payloads.text(Payloads.id(), kim.id(), "later"));
        post(payload);
        await().atMost(LIMIT).until(() -> answers().contains("re: later"));
        await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.inbound") == 0);
        post(payload);
        answersUpToNow("re: later");
    }

    @Test
    void aRetryThatComesInsideABiggerBatchAddsOnlyWhatIsNew() {
        ObjectNode known = Payloads.text(Payloads.id(), kim.id(), "known");
        post(Payloads.messages(known));
        post(Payloads.messages(Payloads.text(Payloads.id(), kim.id(), "new before"), known, Payloads.text(Payloads.id(), kim.id(), "new after"),
                known));
        answersUpToNow("re: known", "re: new before", "re: new after");
    }

    @Test
    void theIdempotentConsumerDropsARepeatThatTheBrokerLetThrough() {
        byte[] payload = Payloads.messages(Payloads.text(Payloads.id(), kim.id(), "twice in the queue")).getBytes(StandardCharsets.UTF_8);
        Update update = new UpdateSplitter().split(payload).get(0);
        for (int i = 0; i < 2; i++) {
            // a header that is not there gives the broker no id to know the repeat by
            gateway.camel().createProducerTemplate().sendBodyAndHeaders("whatsapp-queue:whatsapp.inbound?idHeader=None",
                    update.body(), update.headers());
        }
        answersUpToNow("re: twice in the queue");
        assertThat(UNDERSTANDING.texts().stream().filter("twice in the queue"::equals)).hasSize(1);
    }

    @Test
    void aPlaceholderAndThenTheMessageUnderTheSameIdAreBothHandled() {
        String id = Payloads.id();
        ObjectNode placeholder = Payloads.message(id, kim.id(), "unsupported");
        placeholder.putArray("errors").addObject().put("code", 131060);
        says(placeholder);
        says(Payloads.text(id, kim.id(), "here it is"));
        answersUpToNow("re: here it is");
    }

    @Test
    void aBatchOfAThousandMessagesIsTakenAndEveryUserIsAnsweredOnce() {
        List<ObjectNode> messages = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            messages.add(Payloads.text(Payloads.id(), String.valueOf(15555560000L + i), "batch " + i));
            expected.add("+" + (15555560000L + i) + " re: batch " + i);
        }
        post(Payloads.messages(messages.toArray(ObjectNode[]::new)));
        await().atMost(LIMIT.multipliedBy(2)).until(() -> gateway.queued("whatsapp.inbound") + gateway.queued("whatsapp.outbound") == 0);
        assertThat(Flows.attempts(graph).stream().map(call -> call.body().path("to").asText() + ' ' + call.text())
                .filter(sent -> sent.contains(" re: batch "))).containsExactlyInAnyOrderElementsOf(expected);
    }

    // ---- statuses and errors

    @ParameterizedTest
    @CsvSource({"sent, sent", "delivered, delivered", "read, read", "played, played", "invented-by-meta, other"})
    void statusesAreCountedByStatus(String status, String label) {
        double before = gateway.counter("whatsapp.statuses.received", "status", label);
        post(Payloads.statuses(Payloads.status(Payloads.id(), kim.id(), status)));
        await().atMost(LIMIT).until(() -> gateway.counter("whatsapp.statuses.received", "status", label) == before + 1);
        answersUpToNow();
        assertThat(gateway.metrics()).contains("whatsapp_statuses_received_total{").contains("status=\"" + label + "\"")
                .doesNotContain("invented-by-meta");
    }

    @Test
    void theSameStatusTwiceIsCountedOnceAndTheNextStatusToo() {
        String id = Payloads.id();
        double sent = gateway.counter("whatsapp.statuses.received", "status", "sent");
        double read = gateway.counter("whatsapp.statuses.received", "status", "read");
        post(Payloads.statuses(Payloads.status(id, kim.id(), "sent")));
        post(Payloads.statuses(Payloads.status(id, kim.id(), "sent")));
        post(Payloads.statuses(Payloads.status(id, kim.id(), "read")));
        answersUpToNow();
        assertThat(gateway.counter("whatsapp.statuses.received", "status", "sent")).isEqualTo(sent + 1);
        assertThat(gateway.counter("whatsapp.statuses.received", "status", "read")).isEqualTo(read + 1);
    }

    @Test
    void aFailedStatusBecomesATypedExceptionThatIsCountedAndLoggedWithoutTheUser() {
        double before = gateway.counter("whatsapp.errors.reported", "type", "WhatsAppRateLimitException");
        ObjectNode failed = Payloads.status("wamid.HBgLMTU1NTU1NTAxMDEVAgARGBI", kim.id(), "failed");
        failed.putArray("errors").addObject().put("code", 131056).put("title", "pair rate limit")
                .put("message", "too many to +" + kim.id()).putObject("error_data").put("details", "to " + kim.id());
        try (CapturedLog log = new CapturedLog()) {
            post(Payloads.statuses(failed));
            await().atMost(LIMIT).until(() -> log.events("whatsapp.status.failed").size() == 1);
            assertThat(log.events("whatsapp.status.failed").get(0)).containsEntry("error", "WhatsAppRateLimitException")
                    .containsEntry("error_code", 131056).containsEntry("kind", "status");
            assertThat(log.everything()).doesNotContain(kim.id()).doesNotContain("HBgLMTU1NTU1NTAxMDE");
        }
        assertThat(gateway.counter("whatsapp.errors.reported", "type", "WhatsAppRateLimitException")).isEqualTo(before + 1);
        answersUpToNow();
    }

    @ParameterizedTest
    @CsvSource({"130429, WhatsAppRateLimitException", "190, WhatsAppAuthException", "999999, WhatsAppMessageException"})
    void anErrorOfTheAccountBecomesATypedExceptionThatIsCountedAndLogged(int code, String type) {
        double before = gateway.counter("whatsapp.errors.reported", "type", type);
        ObjectNode error = Payloads.message(Payloads.id(), kim.id(), "x").removeAll().put("code", code).put("title", "t" + kim.id());
        try (CapturedLog log = new CapturedLog()) {
            post(Payloads.payload(Payloads.value("errors", List.of(error))));
            await().atMost(LIMIT).until(() -> log.events("whatsapp.account.error").size() == 1);
            assertThat(log.events("whatsapp.account.error").get(0)).containsEntry("error", type).containsEntry("error_code", code);
            assertThat(log.everything()).doesNotContain(kim.id());
        }
        assertThat(gateway.counter("whatsapp.errors.reported", "type", type)).isEqualTo(before + 1);
    }

    @Test
    void messagesStatusesAndErrorsOfOneWebhookAreAllHandled() {
        double statuses = gateway.counter("whatsapp.statuses.received");
        double errors = gateway.counter("whatsapp.errors.reported");
        ObjectNode value = Payloads.value("messages", List.of(Payloads.text(Payloads.id(), kim.id(), "beside a status")));
        value.putArray("statuses").add(Payloads.status(Payloads.id(), kim.id(), "sent"));
        value.putArray("errors").addObject().put("code", 131000).put("title", Payloads.id());
        post(Payloads.payload(value));
        answersUpToNow("re: beside a status");
        await().atMost(LIMIT).until(() -> gateway.counter("whatsapp.statuses.received") == statuses + 1
                && gateway.counter("whatsapp.errors.reported") == errors + 1);
    }

    // ---- the unknown

    private static List<JsonNode> unhandled() {
        return gateway.browse(UNHANDLED).stream().map(StoredMessage::queueBody).map(Flows::json).toList();
    }

    @Test
    void aMessageOfAnUnknownTypeIsKeptWholeAndCounted() {
        double before = gateway.counter("whatsapp.updates.unhandled", "kind", "message");
        ObjectNode message = Payloads.message(Payloads.id(), kim.id(), "hologram");
        message.putObject("hologram").put("depth", 3).putNull("new");
        String payload = Payloads.messages(message);
        post(payload);
        answersUpToNow();
        assertThat(unhandled()).contains(Flows.json(payload.getBytes(StandardCharsets.UTF_8)));
        assertThat(gateway.counter("whatsapp.updates.unhandled", "kind", "message")).isEqualTo(before + 1);
        assertThat(gateway.metrics()).doesNotContain("hologram");
    }

    @Test
    void aChangeOfAnUnknownFieldIsKeptWholeAndCounted() {
        double before = gateway.counter("whatsapp.updates.unhandled", "kind", "change");
        String payload = "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\",\"time\":1760000000,\"changes\":[{"
                + "\"field\":\"invented_field\",\"value\":{\"nobody\":\"knows\",\"n\":[1,2.50]}}]}]}";
        post(payload);
        await().atMost(LIMIT).until(() -> gateway.counter("whatsapp.updates.unhandled", "kind", "change") == before + 1);
        await().atMost(LIMIT).until(() -> unhandled().contains(Flows.json(payload.getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void aFlowReplyIsKeptWhole() {
        ObjectNode reply = Payloads.message(Payloads.id(), kim.id(), "interactive");
        reply.putObject("interactive").put("type", "nfm_reply").putObject("nfm_reply").put("response_json", "{\"a\":1}");
        String payload = Payloads.messages(reply);
        post(payload);
        answersUpToNow();
        assertThat(unhandled()).contains(Flows.json(payload.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void anAudioWhoseIdIsNoneIsApologisedFor() {
        says(Payloads.audio(Payloads.id(), kim.id(), "../../me?x=", "abc"));
        answersUpToNow(Flows.APOLOGY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"131051", "131060"})
    void whatMetaCouldNotPassOnIsNotedAndNotAnswered(int code) {
        double before = gateway.counter("whatsapp.messages.received", "type", "unsupported");
        ObjectNode message = Payloads.message(Payloads.id(), kim.id(), "unsupported");
        message.putArray("errors").addObject().put("code", code).put("title", "Message type unknown");
        try (CapturedLog log = new CapturedLog()) {
            says(message);
            answersUpToNow();
            assertThat(log.events("whatsapp.message.noted")).hasSize(1);
        }
        assertThat(gateway.counter("whatsapp.messages.received", "type", "unsupported")).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"id\":\"1\"}", "{\"id\":\"1\",\"changes\":{}}", "null"})
    void whatCanBeReadBesideAnEntryOfAnotherShapeIsHandled(String entry) {
        String odd = entry.replace("\"1\"", '"' + Payloads.id() + '"');
        post(Payloads.messages(Payloads.text(Payloads.id(), kim.id(), "beside an entry"))
                .replace("\"entry\":[", "\"entry\":[" + odd + ","));
        answersUpToNow("re: beside an entry");
        await().atMost(LIMIT).until(() -> unhandled().stream().anyMatch(kept -> kept.at("/entry/0").toString().equals(odd)));
    }

    @Test
    void aCallOfAnotherShapeIsKept() {
        String payload = Payloads.payload(Payloads.value("calls", List.of())).replace("\"field\":\"messages\"", "\"field\":\"calls\"")
                .replace("\"calls\":[]", "\"calls\":[null,7,{\"id\":\"" + Payloads.id()
                        + "\",\"direction\":\"USER_INITIATED\",\"timestamp\":\"9223372036854775807\"}]");
        post(payload);
        await().atMost(LIMIT).until(() -> unhandled().contains(Flows.json(payload)));
    }

    @ParameterizedTest
    @ValueSource(ints = {102_000, 102_300, 102_400, 300_000})
    void aLargeUpdateIsKeptWholeAndWithoutAWarning(int size) {
        String payload = Payloads.payload(Payloads.value("history", List.of())).replace("\"field\":\"messages\"", "\"field\":\"history\"")
                .replace("\"history\":[]", "\"history\":[{\"id\":\"" + Payloads.id() + "\",\"pad\":\"" + "x".repeat(size) + "\"}]");
        try (LogCapture log = new LogCapture("org.apache.activemq.artemis.core.message.impl.CoreMessage")) {
            post(payload);
            await().atMost(LIMIT).until(() -> unhandled().contains(Flows.json(payload)));
            await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.inbound") == 0);
            assertThat(log.events()).filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN)).isEmpty();
        }
    }

    @Test
    void aContactWithoutItsListIsTaken() {
        post(Payloads.messages(Payloads.text(Payloads.id(), kim.id(), "one contact")).replaceFirst("\"contacts\":\\[(.*?)],", "\"contacts\":$1,"));
        answersUpToNow("re: one contact");
    }

    static Stream<Arguments> malformed() {
        ObjectNode textWithoutBody = Payloads.message("x", USER, "text");
        textWithoutBody.putObject("text");
        ObjectNode textOfAnotherShape = Payloads.message("x", USER, "text").put("text", "plain");
        ObjectNode bodyOfAnotherShape = Payloads.message("x", USER, "text");
        bodyOfAnotherShape.putObject("text").putArray("body");
        ObjectNode blank = Payloads.text("x", USER, " ");
        ObjectNode audioWithoutId = Payloads.message("x", USER, "audio");
        audioWithoutId.putObject("audio").put("mime_type", "audio/ogg");
        ObjectNode interactiveWithoutType = Payloads.message("x", USER, "interactive");
        interactiveWithoutType.putObject("interactive");
        ObjectNode replyWithoutTitle = Payloads.message("x", USER, "interactive");
        replyWithoutTitle.putObject("interactive").put("type", "button_reply");
        ObjectNode expression = Payloads.message("x", USER, "button");
        expression.putObject("button").put("payload", "${body}").putArray("text");
        ObjectNode noType = Payloads.message("x", USER, "text");
        noType.remove("type");
        return Stream.of(
                Arguments.of("text without a body", textWithoutBody),
                Arguments.of("no text object", Payloads.message("x", USER, "text")),
                Arguments.of("text that is a string", textOfAnotherShape),
                Arguments.of("body that is an array", bodyOfAnotherShape),
                Arguments.of("blank text", blank),
                Arguments.of("audio without id", audioWithoutId),
                Arguments.of("no audio object", Payloads.message("x", USER, "audio")),
                Arguments.of("interactive without type", interactiveWithoutType),
                Arguments.of("no interactive object", Payloads.message("x", USER, "interactive")),
                Arguments.of("button reply without a title", replyWithoutTitle),
                Arguments.of("button text that is an array", expression),
                Arguments.of("no button object", Payloads.message("x", USER, "button")),
                Arguments.of("no type", noType));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void aMalformedMessageDoesNotBlockItsConversation(String name, ObjectNode malformed) {
        String id = Payloads.id();
        post(Payloads.messages(malformed.deepCopy().put("id", id).put("from", kim.id())));
        kim.sends("after " + name);
        await().atMost(LIMIT).until(() -> answers().contains("re: after " + name));
        await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.inbound") == 0);
        assertThat(answers()).hasSize(1);
        assertThat(gateway.browse(UNHANDLED)).anyMatch(m -> new String(m.queueBody(), StandardCharsets.UTF_8).contains(id));
        assertThat(gateway.deadLetters()).noneMatch(m -> new String(m.queueBody(), StandardCharsets.UTF_8).contains(id));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "'text'", "[]", "null", "{}"})
    void aMessageThatIsNoObjectIsTakenAndHarmsNothing(String message) {
        String payload = Payloads.messages(Payloads.text(Payloads.id(), kim.id(), "beside"));
        int at = payload.indexOf("\"messages\":[") + "\"messages\":[".length();
        post(payload.substring(0, at) + message.replace('\'', '"') + "," + payload.substring(at));
        answersUpToNow("re: beside");
        await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.inbound") == 0);
    }
}
