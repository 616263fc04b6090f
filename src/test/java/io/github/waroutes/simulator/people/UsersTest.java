package io.github.waroutes.simulator.people;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.waroutes.simulator.common.Events;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.fault.FaultPlan;
import io.github.waroutes.simulator.media.MediaStore;
import io.github.waroutes.simulator.webhook.WebhookPayloads;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsersTest {

    private final Conversations conversations = new Conversations(new Events(), new Groups(10), 10, 10);
    private final Users users = new Users(conversations, new Groups(10), new MediaStore(1000), new FaultPlan(new Events()),
            new WebhookPayloads(), new SimulatedNumbers());

    @Test
    void whatAUserSaysIsInTheConversation() {
        users.say("15555550101", "application/json", "{\"text\":\"hi\"}".getBytes(StandardCharsets.US_ASCII), new SimulatedNumbers().first());

        assertThat(conversations.conversation("15555550101")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"text\":\" \"}", "{\"text\":5}", "{}", "[]", "{\"text\":\"a\",\"nme\":\"typo\"}",
        "{\"button\":{\"id\":\"x\"}}", "{\"text\":\"a\"} trailing"})
    void whatAUserCannotSayIsRefused(String body) {
        assertThat(catchThrowableOfType(Refusal.class, () -> users.say("15555550101",
                "application/json; charset=utf-8", body.getBytes(StandardCharsets.US_ASCII), new SimulatedNumbers().first())).getHttpStatus())
                .isEqualTo(400);
    }
}
