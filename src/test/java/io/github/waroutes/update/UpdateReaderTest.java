package io.github.waroutes.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.List;
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
    void findsTheFirstErrorOfAStatusOfAMessageAndOfTheAccount() {
        assertThat(reader.error(update("{'statuses':[{'errors':[null,7,{'code':131026},{'code':2}]}]}"))).containsEntry("code", 131026);
        assertThat(reader.error(update("{'messages':[{'errors':[{'code':131051}]}]}"))).containsEntry("code", 131051);
        assertThat(reader.error(update("{'errors':[{'code':130429}]}"))).containsEntry("code", 130429);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'statuses':[{'status':'failed'}]}", "{'errors':{}}", "{'errors':[]}", "null", "{'errors':[null]}",
        "{'statuses':[{'errors':{'code':131026}}]}", "{'statuses':[null]}", "{'errors':['x']}"})
    void withoutErrorsThereIsNoFirst(String value) {
        assertThat(reader.error(update(value))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'calls':null}", "{'calls':{'id':'c'}}", "{'calls':[null,7,'x',[]]}"})
    void whatIsNoCallIsPassedOver(String value) {
        assertThat(reader.calls(update(value))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'messages':{}}", "{'messages':[null]}", "{'messages':[7]}", "{'messages':['x']}", "7"})
    void whatIsNoMessageIsAnEmptyOne(String value) {
        assertThat(reader.message(update(value))).isEmpty();
        assertThat(reader.status(update(value.replace("messages", "statuses")))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type':'text','text':{'body':'x'}}", "{'type':'button','button':{'text':'x'}}",
        "{'type':'interactive','interactive':{'type':'list_reply','list_reply':{'title':'x'}}}",
        "{'type':'interactive','interactive':{'type':'nfm_reply'}}", "{'type':'audio','audio':{'id':7}}",
        "{'type':'image','image':{'id':'7'}}", "{'type':'contacts','contacts':[]}", "{'type':'reaction','reaction':{}}",
        "{'type':'unsupported'}", "{'type':'invented'}", "{'type':null}"})
    void aMessageThatHoldsWhatItsTypeIsAboutIsReadableAndComplete(String message) {
        Map<String, Object> read = reader.message(update("{'messages':[" + message + "]}"));
        assertThat(reader.isReadable((String) read.get("type"), read)).isTrue();
        assertThat(reader.isComplete(read)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "button", "interactive", "audio", "document", "image", "sticker", "video", "contacts", "location", "order",
        "reaction", "system", "edit", "revoke"})
    void aMessageWithoutWhatItsTypeIsAboutIsNot(String type) {
        for (String content : List.of("null", "7", "'x'", "''", "true", "contacts".equals(type) ? "7" : "[{}]")) {
            Map<String, Object> read = reader.message(update("{'messages':[{'type':'" + type + "','" + type + "':" + content + "}]}"));
            assertThat(reader.isReadable(type, read)).as(content).isFalse();
        }
        assertThat(reader.isReadable(type, Map.of())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type':'text','text':{}}", "{'type':'text','text':{'body':' '}}", "{'type':'text','text':{'body':['x']}}",
        "{'type':'button','button':{'payload':'p'}}", "{'type':'interactive','interactive':{}}",
        "{'type':'interactive','interactive':{'type':'button_reply'}}",
        "{'type':'interactive','interactive':{'type':'list_reply','list_reply':{'id':'x','title':null}}}",
        "{'type':'audio','audio':{'mime_type':'audio/ogg','id':' '}}", "{'type':'text'}"})
    void oneWhoseContentIsEmptyIsNotComplete(String message) {
        Map<String, Object> read = reader.message(update("{'messages':[" + message + "]}"));
        assertThat(reader.isComplete(read)).isFalse();
    }

    @Test
    void aPaymentIsNoDelivery() {
        assertThat(reader.isDelivery(Map.of("status", "failed", "type", "payment"))).isFalse();
        assertThat(reader.isDelivery(Map.of("status", "failed"))).isTrue();
        assertThat(reader.isDelivery(Map.of("status", "read", "type", "message"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "image", "video", "audio", "document", "sticker", "location", "contacts", "button",
        "interactive", "order", "reaction", "system", "unsupported", "edit", "revoke", "sent", "delivered", "read", "played", "failed", "payment"})
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
