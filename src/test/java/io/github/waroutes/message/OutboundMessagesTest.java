package io.github.waroutes.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.error.WhatsAppTemplateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundMessagesTest {

    private static final String USER = "15555550101";

    private final ObjectMapper json = new ObjectMapper();
    private final OutboundMessages messages = new OutboundMessages();

    private JsonNode tree(String text) {
        try {
            return json.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aTextHasMetasShape() {
        assertThat(tree(messages.text(USER, null, "Hello \"Kim\"\n{{x}}", null))).isEqualTo(tree("""
                {"messaging_product":"whatsapp","recipient_type":"individual","to":"+15555550101","type":"text",
                 "text":{"body":"Hello \\"Kim\\"\\n{{x}}"}}"""));
    }

    @Test
    void aPhoneNumberGoesOutWithItsPlusWhetherOrNotItCameWithOne() {
        assertThat(tree(messages.text("+" + USER, null, "x", null)).path("to").asText()).isEqualTo("+" + USER);
        assertThat(tree(messages.text(USER, null, "x", null)).path("to").asText()).isEqualTo("+" + USER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"US.13491208655302741918", "US.ENT.11815799212886844830"})
    void aBusinessScopedUserIsTheRecipient(String user) {
        JsonNode message = tree(messages.text(user, null, "x", null));
        assertThat(message.path("recipient").asText()).isEqualTo(user);
        assertThat(message.has("to")).isFalse();
    }

    @Test
    void aGroupIsWrittenToAsAGroupWhoeverTheUserIs() {
        JsonNode message = tree(messages.text(USER, "GROUP1", "x", null));
        assertThat(message.path("recipient_type").asText()).isEqualTo("group");
        assertThat(message.path("to").asText()).isEqualTo("GROUP1");
        assertThat(message.has("recipient")).isFalse();
    }

    @Test
    void aQuoteBecomesTheContext() {
        assertThat(tree(messages.text(USER, null, "x", "wamid.Q")).at("/context/message_id").asText()).isEqualTo("wamid.Q");
        assertThat(tree(messages.text(USER, null, "x", null)).has("context")).isFalse();
        assertThat(tree(messages.text(USER, null, "x", " ")).has("context")).isFalse();
    }

    @Test
    void theLongestTextIsTakenAndOneCharacterMoreIsNot() {
        assertThat(tree(messages.text(USER, null, "x".repeat(4096), null)).at("/text/body").asText()).hasSize(4096);
        assertThatThrownBy(() -> messages.text(USER, null, "x".repeat(4097), null)).isInstanceOf(WhatsAppMessageException.class)
                .hasMessageContaining("4096").hasMessageContaining("4097");
    }

    @Test
    void anEmojiCountsAsOneCharacter() {
        String most = "\uD83E\uDD93".repeat(4096);
        assertThat(tree(messages.text(USER, null, most, null)).at("/text/body").asText()).isEqualTo(most);
        assertThatThrownBy(() -> messages.text(USER, null, most + "x", null)).hasMessageContaining("4097");
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {" ", "\n"})
    void anEmptyTextIsRefused(String text) {
        assertThatThrownBy(() -> messages.text(USER, null, text, null)).isInstanceOf(WhatsAppMessageException.class)
                .hasMessageContaining("needs a text");
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {" ", "\t"})
    void aUserThatIsNobodyIsRefused(String user) {
        assertThatThrownBy(() -> messages.text(user, null, "x", null)).isInstanceOf(WhatsAppMessageException.class)
                .hasMessageContaining("phone number with its country code")
                .satisfies(e -> assertThat(((WhatsAppMessageException) e).getRetryClass()).isEqualTo(RetryClass.NEVER));
    }

    @ParameterizedTest
    @CsvSource({"US.abc_def, recipient", "us.123, recipient", "USA.123, recipient", "550e8400-e29b-41d4-a716-446655440000, recipient",
        "kim, to", "5678, to", "+1 650-555-1297, to", "+15555550101, to"})
    void aUserOfAFormNobodyKnowsIsAddressedAsItCame(String user, String key) throws Exception {
        JsonNode message = tree(messages.text(user, null, "x", null));
        assertThat(message.path(key).asText()).isEqualTo(user);
        assertThat(message.has(key.equals("to") ? "recipient" : "to")).isFalse();
    }

    @Test
    void aTemplateWithPositionalParameters() {
        assertThat(tree(messages.template(USER, "order_sent", "en_US", List.of("Kim", 3)))).isEqualTo(tree("""
                {"messaging_product":"whatsapp","recipient_type":"individual","to":"+15555550101","type":"template",
                 "template":{"name":"order_sent","language":{"code":"en_US"},"components":[{"type":"body","parameters":[
                   {"type":"text","text":"Kim"},{"type":"text","text":"3"}]}]}}"""));
    }

    @Test
    void aTemplateWithNamedParameters() {
        Map<String, Object> named = new LinkedHashMap<>();
        named.put("name", "Kim");
        named.put("count", 3);
        assertThat(tree(messages.template(USER, "order_sent", "en_US", named)).at("/template/components")).isEqualTo(tree("""
                [{"type":"body","parameters":[{"type":"text","text":"Kim","parameter_name":"name"},
                  {"type":"text","text":"3","parameter_name":"count"}]}]"""));
    }

    @Test
    void aTemplateWithoutParametersHasNoComponents() {
        assertThat(tree(messages.template(USER, "hello", "en", null)).at("/template").has("components")).isFalse();
        assertThat(tree(messages.template(USER, "hello", "en", "")).at("/template").has("components")).isFalse();
        assertThat(tree(messages.template(USER, "hello", "en", List.of())).at("/template").has("components")).isFalse();
        assertThat(tree(messages.template(USER, "hello", "en", Map.of())).at("/template").has("components")).isFalse();
    }

    @Test
    void parametersOfAnotherFormAreRefusedAndNotRepeated() {
        assertThatThrownBy(() -> messages.template(USER, "hello", "en", "Kim")).isInstanceOf(WhatsAppTemplateException.class)
                .hasMessageContaining("must be a map (named) or a list (positional)").hasMessageNotContaining("Kim");
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = " ")
    void aTemplateNeedsNameAndLanguage(String missing) {
        assertThatThrownBy(() -> messages.template(USER, missing, "en", null)).isInstanceOf(WhatsAppTemplateException.class)
                .hasMessageContaining("name and language");
        assertThatThrownBy(() -> messages.template(USER, "hello", missing, null)).isInstanceOf(WhatsAppTemplateException.class)
                .hasMessageContaining("name and language");
    }

    @Test
    void aTemplateGoesToABusinessScopedUserAsWell() {
        assertThat(tree(messages.template("US.123456", "hello", "en", null)).path("recipient").asText()).isEqualTo("US.123456");
    }

    @Test
    void aReadReceiptWithAndWithoutTyping() {
        assertThat(tree(messages.read("wamid.X", false))).isEqualTo(tree(
                "{\"messaging_product\":\"whatsapp\",\"status\":\"read\",\"message_id\":\"wamid.X\"}"));
        assertThat(tree(messages.read("wamid.X", true))).isEqualTo(tree("{\"messaging_product\":\"whatsapp\",\"status\":\"read\","
                + "\"message_id\":\"wamid.X\",\"typing_indicator\":{\"type\":\"text\"}}"));
    }
}
