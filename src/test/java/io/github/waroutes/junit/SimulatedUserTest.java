package io.github.waroutes.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.AssertionFailedError;

@WhatsAppSimulator(patience = 400)
class SimulatedUserTest {

    private static final String BUTTONS = "{\"type\":\"button\",\"body\":{\"text\":\"Sure?\"},\"action\":{\"buttons\":["
            + "{\"type\":\"reply\",\"reply\":{\"id\":\"y\",\"title\":\"Yes\"}},{\"type\":\"reply\",\"reply\":{\"id\":\"n\",\"title\":\"No\"}}]}}";
    private static final String LIST = "{\"type\":\"list\",\"body\":{\"text\":\"Where?\"},\"action\":{\"button\":\"Shops\",\"sections\":["
            + "{\"title\":\"North\",\"rows\":[{\"id\":\"1\",\"title\":\"Harbour\",\"description\":\"by the sea\"}]},"
            + "{\"title\":\"South\",\"rows\":[{\"id\":\"2\",\"title\":\"Market\"}]}]}}";

    private static Application application;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        application = new Application(whatsapp);
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    private static AssertionFailedError failure(Runnable expectation) {
        try {
            expectation.run();
        } catch (AssertionFailedError e) {
            return e;
        }
        throw new AssertionError("the expectation held");
    }

    @Test
    void aTextArrivesAsASignedWebhookUnderItsNameAndId(@WhatsAppUser(name = "Kim", phone = "+1 (555) 555-0171") SimulatedUser kim) {
        int before = application.webhooks.size();
        UserMessage message = kim.sends("hello");

        assertThat(application.webhooks).hasSize(before + 1);
        JsonNode value = application.webhooks.get(before);
        assertThat(value.at("/messages/0/id").asText()).isEqualTo(message.id());
        assertThat(value.at("/messages/0/from").asText()).isEqualTo("15555550171").isEqualTo(kim.id());
        assertThat(value.at("/messages/0/text/body").asText()).isEqualTo("hello");
        assertThat(value.at("/contacts/0/profile/name").asText()).isEqualTo("Kim");
        assertThat(value.path("path").asText()).isEqualTo("/webhook");
        assertThat(application.signatures.get(before)).isEqualTo("right");
    }

    @Test
    void somebodyWithoutAPhoneNumberHasAUserId(@WhatsAppUser(userId = "US.13491208655302741918") SimulatedUser hidden) throws Exception {
        hidden.sends("hello");
        application.text(hidden, "hello yourself");

        assertThat(application.messages()).last().satisfies(message -> {
            assertThat(message.path("from_user_id").asText()).isEqualTo("US.13491208655302741918");
            assertThat(message.has("from")).isFalse();
        });
        hidden.receives("hello yourself");
    }

    static List<Arguments> kinds() {
        return List.of(kind("audio", user -> user.sendsVoice("hello")), kind("image", SimulatedUser::sendsImage),
                kind("image", user -> user.sendsImage("our door")), kind("video", SimulatedUser::sendsVideo),
                kind("document", user -> user.sendsDocument("bill.pdf")), kind("sticker", SimulatedUser::sendsSticker),
                kind("location", user -> user.sendsLocation(1.5, -2)), kind("button", user -> user.tapsQuickReply("Stop", "stop")),
                kind("contacts", user -> user.says("{\"contacts\":[{\"name\":{\"formatted_name\":\"Sam\"}}]}")));
    }

    private static Arguments kind(String type, Consumer<SimulatedUser> says) {
        return Arguments.of(type, says);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aUserCanSendEveryType(String type, Consumer<SimulatedUser> says, SimulatedUser kim) {
        says.accept(kim);

        assertThat(application.messages()).last().satisfies(message -> {
            assertThat(message.path("type").asText()).isEqualTo(type);
            assertThat(message.path("from").asText()).isEqualTo(kim.id());
        });
    }

    @Test
    void reactionsEditsAndDeletionsReferToWhatWasSaid(SimulatedUser kim) throws Exception {
        UserMessage first = kim.sends("helo");
        application.text(kim, "hello");
        kim.reacts("!");
        assertThat(application.messages()).last().satisfies(message ->
                assertThat(message.at("/reaction/message_id").asText()).isEqualTo(kim.inbox().get(0).id()));
        kim.edits("hello");
        assertThat(application.messages()).last().satisfies(message ->
                assertThat(message.at("/edit/message/text/body").asText()).isEqualTo("hello"));
        kim.revokes();
        assertThat(application.messages()).last().satisfies(message -> assertThat(message.path("type").asText()).isEqualTo("revoke"));
        assertThat(first.id()).startsWith("wamid.");
    }

    @Test
    void severalTextsComeInOneWebhook(SimulatedUser kim) {
        int before = application.webhooks.size();
        List<UserMessage> messages = kim.sendsTogether("one", "two");

        assertThat(application.webhooks).hasSize(before + 1);
        assertThat(application.webhooks.get(before).path("messages").findValuesAsText("id"))
                .isEqualTo(messages.stream().map(UserMessage::id).toList());
        assertThat(kim.sendsTogether("three")).hasSize(1);
    }

    @Test
    void messagesAreReceivedInOrderAndOnce(SimulatedUser kim) throws Exception {
        for (String text : List.of("one", "two", "three", "four", "five 5")) {
            application.text(kim, text);
        }

        kim.receives("one", "two");
        assertThat(kim.receives().text()).isEqualTo("three");
        assertThat(kim.receives(message -> message.text().length() == 4).type()).isEqualTo("text");
        kim.receivesMatching("\\d");
        kim.receivesNothingFor(Duration.ofMillis(50));
        assertThat(kim.inbox()).extracting(ReceivedMessage::text).containsExactly("one", "two", "three", "four", "five 5");
    }

    @Test
    void whatComesLaterIsWaitedFor(SimulatedUser kim) {
        CompletableFuture.runAsync(() -> {
            try {
                application.text(kim, "late");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }, CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS));

        kim.receives("late");
    }

    @Test
    void anotherNextMessageFailsAtOnceAndShowsTheConversation(@WhatsAppUser(name = "Kim") SimulatedUser kim) throws Exception {
        kim.sends("hello");
        application.text(kim, "who are you?");
        long began = System.nanoTime();

        AssertionFailedError failure = failure(() -> kim.receives("hello Kim"));

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(400));
        assertThat(failure.getMessage()).contains("Kim (" + kim.id() + ") expected to receive \"hello Kim\"")
                .contains("the next message is \"who are you?\"").containsPattern("Kim +\"hello\" +\\(delivered\\)")
                .containsPattern("business +\"who are you\\?\"");
        assertThat(failure.getExpected().getStringRepresentation()).isEqualTo("hello Kim");
        assertThat(failure.getActual().getStringRepresentation()).isEqualTo("who are you?");
        kim.receives("who are you?");
    }

    @Test
    void silenceFailsAfterThePatienceAndShowsWhatGraphRefused(SimulatedUser kim, SimulatedGraph graph) throws Exception {
        graph.fails(131056).forUser(kim);
        application.text(kim, "hello");

        assertThat(failure(() -> kim.receives("hello")).getMessage()).contains("nothing more within 400 ms")
                .contains("nothing has been said")
                .contains("Not accepted by Graph:\n  POST " + "106540352242922/messages \"hello\" -> 400 (131056), by the fault graph-error");
        assertThat(failure(() -> kim.eventuallyReceives("hello")).getMessage()).contains("within 400 ms, and did not");
        assertThat(failure(() -> kim.receivesTemplate("hello_world")).getMessage()).contains("the template hello_world");
    }

    @Test
    void eventuallyPassesOverOthers(SimulatedUser kim) throws Exception {
        application.text(kim, "one");
        application.text(kim, "two");
        application.text(kim, "three");

        kim.eventuallyReceives("two");
        kim.receives("three");
        assertThat(failure(() -> kim.eventuallyReceives(message -> message.text().equals("one")))).isNotNull();
    }

    @Test
    void anUnexpectedMessageIsToldFromSilence(SimulatedUser kim) throws Exception {
        application.text(kim, "surprise");

        assertThat(failure(() -> kim.receivesNothingFor(Duration.ofMillis(50))).getMessage()).contains("received \"surprise\"");
    }

    @Test
    void templatesAndTypesAreReceived(SimulatedUser kim) throws Exception {
        application.message(kim, "template", "{\"name\":\"hello_world\",\"language\":{\"code\":\"en_US\"}}");
        application.message(kim, "image", "{\"link\":\"https://example.com/a.png\",\"caption\":\"our door\"}");

        assertThat(kim.receivesTemplate("hello_world").content().at("/language/code").asText()).isEqualTo("en_US");
        ReceivedMessage image = kim.receivesType("image");
        assertThat(image.text()).isEqualTo("our door");
        assertThat(image).hasToString("[image] \"our door\"");
    }

    @Test
    void aTapAnswersTheMessageThatOfferedItThoughAnotherCameSince(SimulatedUser kim) throws Exception {
        application.message(kim, "interactive", BUTTONS);
        application.text(kim, "Take your time.");
        assertThat(kim.receives("Sure?").choices()).containsExactly("Yes", "No");

        kim.taps("No");

        assertThat(application.messages()).last().satisfies(message -> {
            assertThat(message.path("interactive")).isEqualTo(
                    Application.JSON.readTree("{\"type\":\"button_reply\",\"button_reply\":{\"id\":\"n\",\"title\":\"No\"}}"));
            assertThat(message.at("/context/id").asText()).isEqualTo(kim.inbox().get(0).id());
        });
        assertThat(kim.transcript()).contains("[interactive] \"No\"");
    }

    @Test
    void aListRowIsTappedByItsTitle(SimulatedUser kim) throws Exception {
        application.message(kim, "interactive", LIST);

        kim.taps("Harbour");

        assertThat(application.messages()).last().satisfies(message -> assertThat(message.path("interactive")).isEqualTo(
                Application.JSON.readTree("{\"type\":\"list_reply\",\"list_reply\":{\"id\":\"1\",\"title\":\"Harbour\","
                        + "\"description\":\"by the sea\"}}")));
    }

    @Test
    void whatWasNotOfferedCannotBeTapped(SimulatedUser kim) throws Exception {
        application.message(kim, "interactive", BUTTONS);

        assertThat(failure(() -> kim.taps("Maybe")).getMessage()).contains("\"Maybe\"").contains("[Yes, No]");
    }

    @Test
    void readMarksAndTypingAreSeen(SimulatedUser kim) throws Exception {
        UserMessage message = kim.sends("hello");
        assertThat(failure(() -> kim.seesRead(message)).getMessage()).contains("marked as read");

        application.read(message, false);
        kim.seesRead(message);
        assertThat(failure(() -> kim.seesTyping(message)).getMessage()).contains("typing");

        application.read(message, true);
        kim.seesTyping(message);
    }

    @Test
    void aWebhookThatRefusesFailsTheTest(SimulatedUser kim) {
        application.answers.addAll(Collections.nCopies(5, 500));

        assertThat(failure(() -> kim.sends("hello")).getMessage()).contains("http://127.0.0.1:" + application.port() + "/webhook")
                .contains("HTTP 500").contains("(undelivered)");

        application.answers.addAll(Collections.nCopies(5, 401));
        assertThat(kim.triesToSay("{\"text\":\"hello\"}")).isEqualTo(401);
        assertThat(kim.triesToSay("{\"text\":\"hello\"}")).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"text\":\"a\",\"voice\":\"b\"}", "[]", "{"})
    void whatNobodyCanSayIsToldFromAFailure(String json, SimulatedUser kim) {
        assertThatIllegalArgumentException().isThrownBy(() -> kim.says(json)).withMessageMatching("(?s).*(exactly one|JSON).*");
    }

    @Test
    void aWebhookThatNobodyNamedIsAskedFor() {
        try (SimulatedWhatsApp whatsapp = SimulatedWhatsApp.start()) {
            assertThatIllegalStateException().isThrownBy(() -> whatsapp.newUser("Kim").sends("hello"))
                    .withMessageContaining("webhookPort(port)");
            assertThatIllegalArgumentException().isThrownBy(() -> whatsapp.webhookUrl("https://example.com/webhook"))
                    .withMessageContaining("on this machine");
            assertThatIllegalArgumentException().isThrownBy(() -> whatsapp.user("Kim", "12"))
                    .withMessageContaining("phone number");
        }
    }

    @Test
    void theSimulatorBeingClosedIsToldFromAFailure() {
        SimulatedWhatsApp whatsapp = SimulatedWhatsApp.start();
        whatsapp.webhookPort(application.port());
        SimulatedUser kim = whatsapp.newUser("Kim");
        whatsapp.close();

        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> kim.sends("hello")).withMessageContaining("closed");
    }
}
