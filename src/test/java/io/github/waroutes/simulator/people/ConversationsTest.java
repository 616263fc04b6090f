package io.github.waroutes.simulator.people;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.TestClock;
import io.github.waroutes.simulator.common.Events;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.media.MediaStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConversationsTest {

    private static final String USER = "15555550101";

    private final TestClock clock = new TestClock();
    private final Events events = new Events();
    private final Conversations conversations = new Conversations(events, new Groups(2), 2, 3, Conversations.MAX_CONTENT, clock);

    @Test
    void theOldestContentsOfAllConversationsGiveWayWhenTheyAreLargeTogether() {
        Conversations small = new Conversations(events, new Groups(10), 10, 10, 3_000, clock);
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
        conversations.userSaid(USER, "Kim", "a", "text", text("hi"));
        conversations.businessSaid(USER, "b", "text", text("hello"));

        JsonNode list = conversations.conversation(USER);

        assertThat(list.path(0)).isEqualTo(JsonNodeFactory.instance.objectNode().put("from", "user").put("type", "text")
                .put("id", "a").put("at", "2026-06-01T12:00:00Z").put("status", "sent").put("typing", false).put("text", "hi"));
        assertThat(list.path(1)).isEqualTo(JsonNodeFactory.instance.objectNode().put("from", "business").put("type", "text")
                .put("id", "b").put("at", "2026-06-01T12:00:00Z").put("status", "accepted").put("text", "hello"));
        assertThat(conversations.nameOf(USER)).hasValue("Kim");
        assertThat(conversations.lastBusinessMessage(USER)).hasValue("b");
    }

    @Test
    void readingAMessageReadsTheEarlierOnesButNotLaterOnes() {
        conversations.userSaid(USER, "Kim", "a", "text", text("1"));
        conversations.userSaid(USER, "Kim", "b", "text", text("2"));
        conversations.userSaid(USER, "Kim", "c", "text", text("3"));

        assertThat(conversations.markRead("b", true)).isTrue();

        assertThat(conversations.conversation(USER)).extracting(entry -> entry.path("status").asText())
                .containsExactly("read", "read", "sent");
        assertThat(conversations.conversation(USER)).extracting(entry -> entry.path("typing").asBoolean())
                .containsExactly(false, true, false);
    }

    @Test
    void whatTheBusinessItselfSaidOrNobodySaidCannotBeRead() {
        conversations.businessSaid(USER, "b", "text", text("hello"));

        assertThat(conversations.markRead("b", false)).isFalse();
        assertThat(conversations.markRead("nothing", false)).isFalse();
    }

    @Test
    void aMessageReadBeforeItsWebhookWasAnsweredStaysRead() {
        conversations.userSaid(USER, "Kim", "a", "text", text("1"));
        conversations.markRead("a", false);

        conversations.markDelivered("a");

        assertThat(conversations.conversation(USER).at("/0/status").asText()).isEqualTo("read");
    }

    @Test
    void theOldestMessagesAndConversationsAreForgotten() {
        for (String id : List.of("a", "b", "c", "d")) {
            conversations.userSaid(USER, "Kim", id, "text", text(id));
        }
        assertThat(conversations.conversation(USER)).extracting(entry -> entry.path("id").asText()).containsExactly("b", "c", "d");
        assertThat(conversations.markRead("a", false)).isFalse();

        conversations.userSaid("15555550102", "Lee", "e", "text", text("e"));
        conversations.userSaid("15555550103", "Max", "f", "text", text("f"));
        assertThat(conversations.conversation(USER)).isEmpty();
        assertThat(conversations.markRead("d", false)).isFalse();
        assertThat(conversations.conversation("15555550103")).hasSize(1);
    }

    @Test
    void whatAUserIdSaidIsInThePhoneNumbersConversationOnceBothAreKnownToBeOne() {
        conversations.userSaid("US.555", "Kim", "a", "text", text("by user id"));
        clock.move(Duration.ofSeconds(1));
        conversations.userSaid(USER, null, "b", "text", text("by phone"));
        long before = events.now();

        conversations.identify(USER, "US.555", null, null);

        assertThat(conversations.users()).extracting(user -> user.path("user").asText()).containsExactly(USER);
        assertThat(conversations.conversation(USER)).extracting(entry -> entry.path("id").asText()).containsExactly("a", "b");
        assertThat(conversations.userOf("a")).hasValue(USER);
        assertThat(conversations.nameOf(USER)).hasValue("Kim");
        assertThat(conversations.known(new Recipient("US.555", false))).isEqualTo(new Recipient(USER, true));
        assertThat(events.after(before)).get().satisfies(events -> assertThat(events)
                .extracting(event -> event.source().event() + event.source().data().path("known_as").asText()
                        + event.source().data().at("/message/id").asText())
                .containsExactly("forgotten" + USER, "messagea"));
    }

    @Test
    void twoConversationsThatBecomeOneHoldNoMoreThanOne() {
        for (String id : List.of("a", "b", "c")) {
            conversations.userSaid("US.555", "Kim", id, "text", text(id));
            clock.move(Duration.ofSeconds(1));
        }
        conversations.userSaid(USER, "Kim", "d", "text", text("d"));

        conversations.identify(USER, "US.555", null, null);

        assertThat(conversations.conversation(USER)).extracting(entry -> entry.path("id").asText()).containsExactly("b", "c", "d");
        assertThat(conversations.markRead("a", false)).isFalse();
    }

    @Test
    void aUserIdThatMovedToAnotherNumberStaysThereWhenTheFirstIsForgotten() {
        conversations.userSaid(USER, "Kim", "a", "text", text("1"));
        conversations.identify(USER, "US.555", null, null);
        conversations.userSaid("15555550102", "Kim", "b", "text", text("2"));
        conversations.identify("15555550102", "US.555", null, null);

        assertThat(conversations.identity(new Recipient(USER, true), "Kim").userId()).isNull();
        conversations.forget(USER);

        assertThat(conversations.known(new Recipient("US.555", false))).isEqualTo(new Recipient("15555550102", true));
    }

    @Test
    void aListHandedOutDoesNotChangeTheConversation() {
        conversations.userSaid(USER, "Kim", "a", "audio", JsonNodeFactory.instance.objectNode().set("x", text("1")));

        ((ObjectNode) conversations.conversation(USER).at("/0/x")).put("text", "2");

        assertThat(conversations.conversation(USER).at("/0/x/text").asText()).isEqualTo("1");
    }

    @Test
    void manyThreadsLoseNothing() throws Exception {
        Conversations shared = new Conversations(events, new Groups(10), 10, 10_000);
        MediaStore files = new MediaStore(1_000);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<?>> work = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            String prefix = thread + "-";
            work.add(pool.submit(() -> {
                for (int i = 0; i < 1_000; i++) {
                    shared.businessSaid(USER, prefix + i, "text", text("x"));
                    shared.setStatus(prefix + i, "sent");
                    files.add("audio/ogg", new byte[10]);
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
        assertThatIllegalArgumentException().isThrownBy(() -> new Conversations(events, new Groups(1), 0, 1));
    }

    private static ObjectNode text(String text) {
        return JsonNodeFactory.instance.objectNode().put("text", text);
    }
}
