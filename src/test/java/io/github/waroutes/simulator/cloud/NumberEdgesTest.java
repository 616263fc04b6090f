package io.github.waroutes.simulator.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.waroutes.simulator.common.Events;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.people.Conversations;
import io.github.waroutes.simulator.people.Groups;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocked users, QR codes, the profile and the key, with the refusals that Meta's pages tell. */
class NumberEdgesTest {

    private static final String JSON = "application/json";
    private static final SimulatedNumber NUMBER = new SimulatedNumbers().first();
    private final Conversations people = new Conversations(new Events(), new Groups(10), 100, 10);
    private final NumberEdges edges = new NumberEdges(people);

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static JsonNode refused(ThrowingCallable call) {
        Refusal refusal = catchThrowableOfType(Refusal.class, call);
        assertThat(refusal.getHttpStatus()).isEqualTo(400);
        return json(refusal.getBody());
    }

    private String block(String method, String users) {
        return edges.blockUsers(method, JSON, bytes("{\"messaging_product\":\"whatsapp\",\"block_users\":" + users + "}"), null, null, NUMBER);
    }

    private void wrote(String user) {
        people.userSaid(user, "Kim", "wamid." + user, "text", JsonNodeFactory.instance.objectNode().put("text", "hi"));
    }

    @Test
    void onlyWhoHasWrittenWithin24HoursCanBeBlockedAndAnyoneUnblocked() {
        wrote("15555550101");
        wrote("15555550102");
        assertThat(json(block("POST", "[{\"user\":\"+15555550101\"},{\"user\":\"15555550102\"}]")).at("/block_users/added_users").findValuesAsText("wa_id"))
                .containsExactly("15555550101", "15555550102");
        JsonNode told = refused(() -> block("POST", "[{\"user\":\"+15555550109\"},{\"user\":\"Kim\"},{\"user\":\"15555550102\"}]"));
        assertThat(told.at("/error/code").asInt()).isEqualTo(139100);
        assertThat(told.at("/block_users/added_users")).hasSize(1);
        assertThat(told.at("/block_users/failed_users").findValuesAsText("code")).containsExactly("131047", "131009");
        assertThat(json(block("DELETE", "[{\"user\":\"+15555550101\"}]")).at("/block_users/removed_users")).hasSize(1);
        assertThat(people.blocked()).containsExactly("15555550102");
    }

    @Test
    void theListComesInPages() {
        for (int user = 1; user <= 5; user++) {
            wrote("1555555010" + user);
            block("POST", "[{\"user\":\"1555555010" + user + "\"}]");
        }
        JsonNode first = json(edges.blockUsers("GET", null, null, "3", null, NUMBER));
        assertThat(first.path("data")).hasSize(3);
        assertThat(first.at("/paging/next").asText()).contains("access_token");
        JsonNode second = json(edges.blockUsers("GET", null, null, "3", first.at("/paging/cursors/after").asText(), NUMBER));
        assertThat(second.path("data").findValuesAsText("wa_id")).containsExactly("15555550104", "15555550105");
        assertThat(second.at("/paging").has("next")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"messaging_product\":\"whatsapp\"}", "{\"messaging_product\":\"whatsapp\",\"block_users\":[]}", "{\"block_users\":[{\"user\":\"1\"}]}"})
    void aListOfUsersIsNeeded(String body) {
        assertThat(refused(() -> edges.blockUsers("POST", JSON, bytes(body), null, null, NUMBER)).at("/error/code").asInt()).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"prefilled_message\":\"\"}", "{\"prefilled_message\":\"hi\",\"generate_qr_image\":\"GIF\"}", "{\"prefilled_message\":\"hi\",\"code\":\"none\"}"})
    void aQrCodeNeedsATextAndAKnownCode(String body) {
        assertThat(refused(() -> edges.qrCodes("POST", null, JSON, bytes(body), NUMBER)).at("/error/code").asInt()).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"about\":\"\"", "\"vertical\":\"FUN\"", "\"websites\":[\"example.com\"]", "\"websites\":[\"http://a\",\"http://b\",\"http://c\"]", "\"email\":7"})
    void aProfileHasMetasFields(String field) {
        assertThat(refused(() -> edges.profile("POST", null, JSON, bytes("{\"messaging_product\":\"whatsapp\"," + field + "}"), NUMBER)).at("/error/code").asInt()).isEqualTo(100);
        assertThat(json(edges.profile("GET", "about,vertical", null, null, NUMBER)).at("/data/0").properties()).hasSize(1);
    }

    @Test
    void aResetForgetsAll() {
        edges.qrCodes("POST", null, JSON, bytes("{\"prefilled_message\":\"hi\"}"), NUMBER);
        edges.reset();
        assertThat(json(edges.qrCodes("GET", null, null, null, NUMBER)).path("data")).isEmpty();
        assertThat(List.copyOf(people.blocked())).isEmpty();
    }
}
