package io.github.waroutes.understanding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class RasaChannelTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONVERSATION = "106540352242922:15550100";

    private final RasaChannel rasa = new RasaChannel();

    @Test
    void asksWithSenderAndMessage() throws IOException {
        assertThat(JSON.readTree(rasa.request("abc", "say \"hi\" 😀"))).isEqualTo(JSON.readTree("""
                {"sender":"abc","message":"say \\"hi\\" 😀"}"""));
    }

    @Test
    void aSenderIsAStablePseudonym() {
        // the first half of: printf %s 106540352242922:15550100 | sha256sum
        assertThat(rasa.senderId(CONVERSATION)).isEqualTo("a5d2af1c8ff21b2c67336974a8076d22").isEqualTo(rasa(null).senderId(CONVERSATION));
        assertThat(rasa.senderId("106540352242922:15550101")).matches("[0-9a-f]{32}").isNotEqualTo(rasa.senderId(CONVERSATION));
    }

    @Test
    void aKeyMakesOtherPseudonyms() {
        // the first half of: printf %s 106540352242922:15550100 | openssl dgst -sha256 -hmac secret
        assertThat(rasa("secret").senderId(CONVERSATION)).isEqualTo("3483204d22fe1583d0cabe0b30b321ca");
    }

    @Test
    void readsTextsInOrderFromWhateverTheRouteHolds() throws IOException {
        String body = "[{\"recipient_id\":\"abc\",\"text\":\"Grüße\"},{\"recipient_id\":\"abc\",\"text\":\"two\"}]";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);

        assertThat(rasa.replies(body)).containsExactly("Grüße", "two");
        assertThat(rasa.replies(bytes)).containsExactly("Grüße", "two");
        assertThat(rasa.replies(new ByteArrayInputStream(bytes))).containsExactly("Grüße", "two");
        assertThat(rasa.replies(JSON.readValue(body, List.class))).containsExactly("Grüße", "two");
    }

    @Test
    void anImageBecomesItsAddress() {
        assertThat(rasa.replies("""
                [{"image":"https://shop.example/a.png"},{"text":"look","image":"https://shop.example/b.png"}]"""))
                .containsExactly("https://shop.example/a.png", "look", "https://shop.example/b.png");
    }

    @Test
    void buttonsBecomeNumberedLines() {
        assertThat(rasa.replies("""
                [{"text":"Which size?","buttons":[{"title":"Small","payload":"/s"},{"payload":"/none"},{"title":"Large","payload":"/l"}]},
                 {"buttons":[{"title":"Back","payload":"/back"}]}]"""))
                .containsExactly("Which size?\n1. Small\n2. Large", "1. Back");
    }

    @Test
    void whatItDoesNotKnowIsLeftOut() {
        assertThat(rasa.replies("""
                [{"custom":{"a":1}},{"attachment":{"type":"video"}},"text",3,null,[],{"text":" "},{"text":null},{"text":{"a":1}},
                 {"text":"ok","buttons":"none"}]"""))
                .containsExactly("ok");
        assertThat(rasa.replies("[]")).isEmpty();
    }

    @Test
    void aLongTextBecomesSeveralMessages() {
        assertThat(rasa.replies("[{\"text\":\"" + "word ".repeat(1000) + "\"}]")).hasSize(2).allMatch(text -> text.length() <= 4096);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"status\":\"failure\",\"message\":\"secret\"}", "\"secret\"", "null"})
    void jsonOfAnotherShapeIsRefusedWithoutRepeatingIt(String body) {
        assertThatThrownBy(() -> rasa.replies(body)).isInstanceOf(IllegalArgumentException.class).hasNoCause()
                .hasMessage("The answer of Rasa (whatsapp.understanding.rasa.url) is not a list; check that the address ends in /webhooks/rest/webhook");
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"<html>secret</html>", "secret"})
    void whatIsNotJsonIsRefusedWithoutRepeatingIt(String body) {
        assertThatThrownBy(() -> rasa.replies(body)).isInstanceOf(IllegalArgumentException.class).hasNoCause()
                .hasMessage("The answer of Rasa (whatsapp.understanding.rasa.url) is not JSON; check its address");
    }

    @Test
    void aMissingTextOrConversationIsRefused() {
        assertThatThrownBy(() -> rasa.request("abc", "")).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("There is no text to send");
        assertThatThrownBy(() -> rasa.senderId(null)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("WhatsAppConversation");
    }

    private static RasaChannel rasa(String key) {
        RasaChannel rasa = new RasaChannel();
        rasa.setSenderKey(key);
        return rasa;
    }
}
