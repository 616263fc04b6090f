package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import io.github.waroutes.TestClock;
import org.junit.jupiter.api.Test;

class SimulatorStateTest {

    private static final String USER = "15555550101";

    private final TestClock clock = new TestClock();
    private final SimulatorState state = new SimulatorState(100, 2, 3, clock);

    @Test
    void theOldestMediaGiveWayToNewOnes() {
        String first = state.addMedia("audio/ogg", new byte[60]).id();
        String second = state.addMedia("audio/ogg", new byte[60]).id();

        assertThat(state.media(first)).isEmpty();
        assertThat(state.media(second)).isPresent();
        assertThatExceptionOfType(Refusal.class).isThrownBy(() -> state.addMedia("audio/ogg", new byte[101]))
                .satisfies(fault -> assertThat(fault.getHttpStatus()).isEqualTo(413));
        assertThat(state.media(second)).isPresent();
    }

    @Test
    void aMediaTokenLivesFiveMinutesAndOpensOneFileOnly() {
        String token = state.mediaToken("1");

        assertThat(state.isMediaToken("1", token)).isTrue();
        assertThat(state.isMediaToken("2", token)).isFalse();
        assertThat(state.isMediaToken("1", "9" + token)).isFalse();
        assertThat(state.isMediaToken("1", "")).isFalse();
        clock.move(Duration.ofMinutes(5));
        assertThat(state.isMediaToken("1", token)).isTrue();
        clock.move(Duration.ofSeconds(1));
        assertThat(state.isMediaToken("1", token)).isFalse();
    }

    @Test
    void theOldestContentsOfAllConversationsGiveWayWhenTheyAreLargeTogether() {
        SimulatorState small = new SimulatorState(100, 10, 10, 3_000, clock);
        small.userSaid("15555550102", "Sam", "a", "text", text("x".repeat(1000)));
        small.userSaid(USER, "Kim", "b", "text", text("x".repeat(1000)));
        small.userSaid(USER, "Kim", "c", "text", text("x".repeat(1000)));
        assertThat(small.users().findValuesAsText("user")).containsExactly(USER);

        small.userSaid(USER, "Kim", "d", "text", text("x".repeat(5000)));
        assertThat(small.conversation(USER).findValuesAsText("id")).containsExactly("d");

        small.forget(USER);
        small.userSaid(USER, "Kim", "e", "text", text("x".repeat(1000)));
        small.userSaid(USER, "Kim", "f", "text", text("x".repeat(1000)));
        assertThat(small.conversation(USER).findValuesAsText("id")).containsExactly("e", "f");
    }

    @Test
    void aConversationIsListedInItsOrder() {
        state.userSaid(USER, "Kim", "a", "text", text("hi"));
        state.businessSaid(USER, "b", "text", text("hello"));

        JsonNode list = state.conversation(USER);

        assertThat(list.path(0)).isEqualTo(JsonNodeFactory.instance.objectNode().put("from", "user").put("type", "text")
                .put("id", "a").put("at", "2026-06-01T12:00:00Z").put("status", "sent").put("typing", false).put("text", "hi"));
        assertThat(list.path(1)).isEqualTo(JsonNodeFactory.instance.objectNode().put("from", "business").put("type", "text")
                .put("id", "b").put("at", "2026-06-01T12:00:00Z").put("status", "accepted").put("text", "hello"));
        assertThat(state.nameOf(USER)).hasValue("Kim");
        assertThat(state.lastBusinessMessage(USER)).hasValue("b");
    }

    @Test
    void readingAMessageReadsTheEarlierOnesButNotLaterOnes() {
        state.userSaid(USER, "Kim", "a", "text", text("1"));
        state.userSaid(USER, "Kim", "b", "text", text("2"));
        state.userSaid(USER, "Kim", "c", "text", text("3"));

        assertThat(state.markRead("b", true)).isTrue();

        assertThat(state.conversation(USER)).extracting(entry -> entry.path("status").asText())
                .containsExactly("read", "read", "sent");
        assertThat(state.conversation(USER)).extracting(entry -> entry.path("typing").asBoolean())
                .containsExactly(false, true, false);
    }

    @Test
    void whatTheBusinessItselfSaidOrNobodySaidCannotBeRead() {
        state.businessSaid(USER, "b", "text", text("hello"));

        assertThat(state.markRead("b", false)).isFalse();
        assertThat(state.markRead("nothing", false)).isFalse();
    }

    @Test
    void aMessageReadBeforeItsWebhookWasAnsweredStaysRead() {
        state.userSaid(USER, "Kim", "a", "text", text("1"));
        state.markRead("a", false);

        state.markDelivered("a");

        assertThat(state.conversation(USER).at("/0/status").asText()).isEqualTo("read");
    }

    @Test
    void theOldestMessagesAndConversationsAreForgotten() {
        for (String id : List.of("a", "b", "c", "d")) {
            state.userSaid(USER, "Kim", id, "text", text(id));
        }
        assertThat(state.conversation(USER)).extracting(entry -> entry.path("id").asText()).containsExactly("b", "c", "d");
        assertThat(state.markRead("a", false)).isFalse();

        state.userSaid("15555550102", "Lee", "e", "text", text("e"));
        state.userSaid("15555550103", "Max", "f", "text", text("f"));
        assertThat(state.conversation(USER)).isEmpty();
        assertThat(state.markRead("d", false)).isFalse();
        assertThat(state.conversation("15555550103")).hasSize(1);
    }

    @Test
    void whatAUserIdSaidIsInThePhoneNumbersConversationOnceBothAreKnownToBeOne() {
        state.userSaid("US.555", "Kim", "a", "text", text("by user id"));
        clock.move(Duration.ofSeconds(1));
        state.userSaid(USER, null, "b", "text", text("by phone"));
        long before = state.events().now();

        state.identify(USER, "US.555", null, null);

        assertThat(state.users()).extracting(user -> user.path("user").asText()).containsExactly(USER);
        assertThat(state.conversation(USER)).extracting(entry -> entry.path("id").asText()).containsExactly("a", "b");
        assertThat(state.userOf("a")).hasValue(USER);
        assertThat(state.nameOf(USER)).hasValue("Kim");
        assertThat(state.known(new Recipient("US.555", false))).isEqualTo(new Recipient(USER, true));
        assertThat(state.events().after(before)).get().satisfies(events -> assertThat(events)
                .extracting(event -> event.source().event() + event.source().data().path("known_as").asText()
                        + event.source().data().at("/message/id").asText())
                .containsExactly("forgotten" + USER, "messagea"));
    }

    @Test
    void twoConversationsThatBecomeOneHoldNoMoreThanOne() {
        for (String id : List.of("a", "b", "c")) {
            state.userSaid("US.555", "Kim", id, "text", text(id));
            clock.move(Duration.ofSeconds(1));
        }
        state.userSaid(USER, "Kim", "d", "text", text("d"));

        state.identify(USER, "US.555", null, null);

        assertThat(state.conversation(USER)).extracting(entry -> entry.path("id").asText()).containsExactly("b", "c", "d");
        assertThat(state.markRead("a", false)).isFalse();
    }

    @Test
    void aUserIdThatMovedToAnotherNumberStaysThereWhenTheFirstIsForgotten() {
        state.userSaid(USER, "Kim", "a", "text", text("1"));
        state.identify(USER, "US.555", null, null);
        state.userSaid("15555550102", "Kim", "b", "text", text("2"));
        state.identify("15555550102", "US.555", null, null);

        assertThat(state.identity(new Recipient(USER, true), "Kim").userId()).isNull();
        state.forget(USER);

        assertThat(state.known(new Recipient("US.555", false))).isEqualTo(new Recipient("15555550102", true));
    }

    @Test
    void aFaultThatIsTakenBackIsAnEvent() throws Exception {
        int id = state.faults().add(JsonNodeFactory.instance.objectNode().put("fault", "cut")).path("id").asInt();
        long before = state.events().now();

        state.faults().remove(id);

        assertThat(state.events().after(before)).get().satisfies(events -> assertThat(events)
                .extracting(event -> event.source().data()).containsExactly(JsonNodeFactory.instance.arrayNode()));
    }

    @Test
    void aListHandedOutDoesNotChangeTheConversation() {
        state.userSaid(USER, "Kim", "a", "audio", JsonNodeFactory.instance.objectNode().set("x", text("1")));

        ((ObjectNode) state.conversation(USER).at("/0/x")).put("text", "2");

        assertThat(state.conversation(USER).at("/0/x/text").asText()).isEqualTo("1");
    }

    @Test
    void manyThreadsLoseNothing() throws Exception {
        SimulatorState shared = new SimulatorState(1_000, 10, 10_000);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<?>> work = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            String prefix = thread + "-";
            work.add(pool.submit(() -> {
                for (int i = 0; i < 1_000; i++) {
                    shared.businessSaid(USER, prefix + i, "text", text("x"));
                    shared.setStatus(prefix + i, "sent");
                    shared.addMedia("audio/ogg", new byte[10]);
                }
            }));
        }
        for (Future<?> part : work) {
            part.get(20, TimeUnit.SECONDS);
        }
        pool.shutdown();

        assertThat(shared.conversation(USER)).hasSize(4_000)
                .allMatch(entry -> entry.path("status").asText().equals("sent"));
    }

    @Test
    void limitsBelowOneAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new SimulatorState(1, 0, 1));
    }

    private static ObjectNode text(String text) {
        return JsonNodeFactory.instance.objectNode().put("text", text);
    }
}
