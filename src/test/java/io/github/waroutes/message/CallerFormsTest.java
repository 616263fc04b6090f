package io.github.waroutes.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.error.WhatsAppMessageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages as clients of others write them, and what they become. */
class CallerFormsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private final CallerForms forms = new CallerForms();
    private final MessageChecks checks = new MessageChecks();

    private static ObjectNode message(String json) throws IOException {
        return (ObjectNode) JSON.readTree(json);
    }

    private static ObjectNode to(String to) throws IOException {
        return message("{\"messaging_product\":\"whatsapp\",\"type\":\"text\",\"text\":{\"body\":\"hi\"},\"to\":" + to + "}");
    }

    @ParameterizedTest
    @CsvSource({"whatsapp:+15555550101,+15555550101", "WhatsApp: +1 (555) 555-0101,+15555550101", "tel:+1-555-555-0101,+15555550101", "+1.555.555.0101,+15555550101",
        "+1\u00a0555\u202f555\u20110101,+15555550101"})
    void aNumberWrittenInAnotherWayIsTheSameNumber(String written, String metas) throws IOException {
        ObjectNode message = to('"' + written + '"');
        assertThat(forms.settle(message)).isTrue();
        assertThat(message.path("to").asText()).isEqualTo(metas);
        assertThatCode(() -> checks.check(message)).doesNotThrowAnyException();
    }

    @Test
    void aNumberMayBeAJsonNumber() throws IOException {
        ObjectNode message = to("15555550101");
        assertThat(forms.settle(message)).isTrue();
        assertThat(message.path("to").textValue()).isEqualTo("15555550101");
    }

    @ParameterizedTest
    @ValueSource(strings = {"+15555550101", "15555550101", "+1 (555) 555-0101"})
    void whatMetaTakesItselfStaysAsItIs(String written) throws IOException {
        ObjectNode message = to('"' + written + '"');
        assertThat(forms.settle(message)).isFalse();
        assertThat(message.path("to").asText()).isEqualTo(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0049 151 555", "00491515550101", "+0151 5550101", "sms:+15555550101", "15555550101@c.us", "whatsapp:Kim", "", "+1 555 555 0101 ext 7"})
    void whatWouldBeAGuessIsRefused(String written) throws IOException {
        ObjectNode message = to('"' + written + '"');
        forms.settle(message);
        assertThat(message.path("to").asText()).isEqualTo(written);
        assertThatThrownBy(() -> checks.check(message)).isInstanceOf(WhatsAppMessageException.class).hasMessageContaining("country code");
    }

    @ParameterizedTest
    @CsvSource(value = {"\"en_US\"|en_US", "\"pt-BR\"|pt_BR", "\"pt-br\"|pt_BR", "\"de\"|de", "{\"code\":\"en-US\"}|en_US", "{\"policy\":\"deterministic\",\"code\":\"en_US\"}|en_US",
        "\"zh-Hant\"|zh_Hant"}, delimiter = '|')
    void aTemplatesLanguageIsACodeOrAnObject(String written, String code) throws IOException {
        ObjectNode message = message("{\"messaging_product\":\"whatsapp\",\"to\":\"+15555550101\",\"type\":\"template\",\"template\":{\"name\":\"a\",\"language\":" + written + "}}");
        forms.settle(message);
        assertThat(message.at("/template/language/code").asText()).isEqualTo(code);
        assertThatCode(() -> checks.check(message)).doesNotThrowAnyException();
    }

    @Test
    void anObjectMayBeATextThatHoldsItsJsonAndAWordIsNone() throws IOException {
        ObjectNode message = message("{\"to\":\"+15555550101\",\"type\":\"text\",\"text\":\"{\\\"body\\\":\\\"hi\\\"}\",\"context\":\"{\\\"message_id\\\":\\\"wamid.A\\\"}\"}");
        assertThat(forms.settle(message)).isTrue();
        assertThat(message.at("/text/body").asText()).isEqualTo("hi");
        assertThat(message.path("messaging_product").asText()).isEqualTo("whatsapp");
        assertThatCode(() -> checks.check(message)).doesNotThrowAnyException();
        ObjectNode word = message("{\"to\":\"+15555550101\",\"type\":\"text\",\"text\":\"hi\"}");
        forms.settle(word);
        assertThatThrownBy(() -> checks.check(word)).isInstanceOf(WhatsAppMessageException.class).hasMessageContaining("text");
    }

    @Test
    void aMessageOfMetasOwnFormIsLeftAlone() throws IOException {
        String metas = "{\"messaging_product\":\"whatsapp\",\"to\":\"+15555550101\",\"type\":\"template\",\"template\":{\"name\":\"a\",\"language\":{\"code\":\"en_US\"}}}";
        ObjectNode message = message(metas);
        assertThat(forms.settle(message)).isFalse();
        assertThat(message).isEqualTo(JSON.readTree(metas));
        ObjectNode read = message("{\"messaging_product\":\"whatsapp\",\"status\":\"read\",\"message_id\":\"wamid.A\"}");
        assertThat(forms.settle(read)).isFalse();
    }
}
