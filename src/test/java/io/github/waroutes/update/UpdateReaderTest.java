package io.github.waroutes.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpdateReaderTest {

    private final UpdateReader reader = new UpdateReader();

    private static byte[] update(String value) {
        return ("{'object':'whatsapp_business_account','entry':[{'id':'1','changes':[{'field':'messages','value':" + value + "}]}]}")
                .replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void readsTheMessageWithWhateverIsInIt() {
        assertThat(reader.message(update("{'messages':[{'id':'a','type':'text','text':{'body':'h\u00e9llo'},'new':[1,null]}]}")))
                .containsEntry("id", "a").containsEntry("text", Map.of("body", "h\u00e9llo")).containsKey("new");
    }

    @Test
    void readsTheStatus() {
        assertThat(reader.status(update("{'statuses':[{'id':'a','status':'read'}]}"))).containsEntry("status", "read");
    }

    @Test
    void findsTheErrorsOfAStatusOfAMessageAndOfTheAccount() {
        assertThat(reader.errors(update("{'statuses':[{'errors':[{'code':131026},{'code':2}]}]}")))
                .extracting(e -> e.get("code")).containsExactly(131026, 2);
        assertThat(reader.errors(update("{'messages':[{'errors':[{'code':131051}]}]}")))
                .extracting(e -> e.get("code")).containsExactly(131051);
        assertThat(reader.errors(update("{'errors':[{'code':130429}]}")))
                .extracting(e -> e.get("code")).containsExactly(130429);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'statuses':[{'status':'sent'}]}", "{'errors':{}}", "{'errors':[]}", "null"})
    void withoutErrorsTheListIsEmpty(String value) {
        assertThat(reader.errors(update(value))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "image", "video", "audio", "document", "sticker", "location", "contacts", "button",
        "interactive", "order", "reaction", "system", "unsupported", "edit", "revoke", "sent", "delivered", "read", "played", "failed"})
    void metasTypesAndStatusesMayNameALabel(String type) {
        assertThat(reader.knownType(type)).isEqualTo(type);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "TEXT", "text ", "other", "15555550101"})
    void anyOtherIsOther(String type) {
        assertThat(reader.knownType(type)).isEqualTo("other");
    }

    @Test
    void aBodyThatIsNoJsonIsNotQuoted() {
        assertThatIllegalArgumentException().isThrownBy(() -> reader.message("secretword".getBytes(StandardCharsets.UTF_8)))
                .withMessage("The queued update is not JSON").withNoCause();
    }
}
