package io.github.waroutes.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.waroutes.queue.QueueMessage;
import io.github.waroutes.queue.StoredMessage;
import io.github.waroutes.state.LocalStateStore;
import org.junit.jupiter.api.Test;

class IdentitiesTest {

    private final Identities identities = new Identities(new LocalStateStore(100, Duration.ofDays(1)));

    private static Map<String, Object> system(String from, Map<String, Object> system) {
        return Map.of("type", "system", "from", from, "system", system);
    }

    @Test
    void whoNeverChangedIsKnownByTheOneId() {
        assertThat(identities.first("US.1")).isEqualTo("US.1");
        assertThat(identities.first(null)).isNull();
    }

    @Test
    void howeverOftenAnIdChangesTheConversationIsTheFirst() {
        identities.learn(system("15555550101", Map.of("type", "user_changed_user_id", "user_id", "US.2", "previous_user_id", "US.1",
                "parent_user_id", "US.ENT.2", "previous_parent_user_id", "US.ENT.1")));
        identities.learn(system("15555550101", Map.of("type", "user_changed_user_id", "user_id", "US.3", "previous_user_id", "US.2")));
        assertThat(identities.first("US.1")).isEqualTo("US.1");
        assertThat(identities.first("US.2")).isEqualTo("US.1");
        assertThat(identities.first("US.3")).isEqualTo("US.1");
        assertThat(identities.first("US.ENT.2")).isEqualTo("US.ENT.1");
        assertThat(identities.first("15555550101")).isEqualTo("15555550101");
    }

    @Test
    void whoIsKnownByTheNumberOnlyIsKnownByTheOldOne() {
        identities.learn(system("15555550101", Map.of("type", "user_changed_number", "wa_id", "15555550102")));
        assertThat(identities.first("15555550102")).isEqualTo("15555550101");
        // and back
        identities.learn(system("15555550102", Map.of("type", "user_changed_number", "wa_id", "15555550101")));
        assertThat(identities.first("15555550101")).isEqualTo("15555550101");
    }

    @Test
    void otherMessagesTeachNothing() {
        identities.learn(Map.of("type", "text", "system", Map.of("user_id", "US.2", "previous_user_id", "US.1")));
        identities.learn(Map.of("type", "system", "system", "x"));
        identities.learn(system("1", Map.of("user_id", Map.of(), "previous_user_id", "US.1")));
        identities.learn(system("1", Map.of("user_id", "US.2")));
        assertThat(identities.first("US.2")).isEqualTo("US.2");
    }

    @Test
    void whatIsQueuedIsInTheConversationThatBegan() {
        Update change = new Update(Map.of(UpdateHeaders.USER, "US.2", UpdateHeaders.PREVIOUS_USER, "US.1", UpdateHeaders.CONVERSATION, "777:US.1"),
                new byte[0]);
        Update next = new Update(Map.of(UpdateHeaders.USER, "US.2", UpdateHeaders.CONVERSATION, "777:US.2"), new byte[0]);
        Update another = new Update(Map.of(UpdateHeaders.CONVERSATION, "777"), new byte[0]);
        assertThat(identities.updates(List.of(change, next, another))).extracting(Update::queueGroup)
                .containsExactly("777:US.1", "777:US.1", "777");
        QueueMessage answer = identities.message(new StoredMessage("id", "777:US.2", Map.of(UpdateHeaders.USER, "US.2"), new byte[0]));
        assertThat(answer.queueGroup()).isEqualTo("777:US.1");
        assertThat(answer.queueHeaders()).containsEntry(UpdateHeaders.CONVERSATION, "777:US.1").containsEntry(UpdateHeaders.USER, "US.2");
        StoredMessage read = new StoredMessage("id", null, Map.of(), new byte[0]);
        assertThat(identities.message(read)).isSameAs(read);
    }
}
