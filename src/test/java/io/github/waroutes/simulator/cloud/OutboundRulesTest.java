package io.github.waroutes.simulator.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundRulesTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final OutboundRules rules = new OutboundRules();

    @ParameterizedTest
    @ValueSource(strings = {
        "{'type':'text','text':{'body':'hi','preview_url':false},'context':{'message_id':'wamid.x'}}",
        "{'text':{'body':'no type means text'}}",
        "{'type':'text','category':'utility','text':{'body':'sent directly'}}",
        "{'type':'interactive','interactive':{'type':'BUTTON','body':{'text':'b'},'header':null,'action':{'buttons':"
            + "[{'type':'reply','reply':{'id':'1','title':'A'}}]}}}",
        "{'type':'location','location':{'latitude':1,'longitude':2,'name':null,'address':null}}",
        "{'type':'image','image':{'id':'7','caption':'c'}}",
        "{'type':'audio','audio':{'id':'7','voice':true}}",
        "{'type':'document','document':{'link':'https://example.com/a.pdf','filename':'a.pdf'}}",
        "{'type':'sticker','sticker':{'id':'7'}}",
        "{'type':'location','location':{'latitude':-90,'longitude':'13.4'}}",
        "{'type':'contacts','contacts':[{'name':{'formatted_name':'Kim','first_name':'Kim'}}]}",
        "{'type':'reaction','reaction':{'message_id':'wamid.x','emoji':''}}",
        "{'type':'interactive','interactive':{'type':'button','body':{'text':'b'},'action':{'buttons':"
            + "[{'type':'reply','reply':{'id':'1','title':'A'}},{'type':'reply','reply':{'id':'2','title':'B'}}]}}}",
        "{'type':'interactive','interactive':{'type':'list','body':{'text':'b'},'action':{'button':'Choose','sections':"
            + "[{'rows':[{'id':'1','title':'A','description':'d'}]}]}}}",
        "{'type':'interactive','interactive':{'type':'flow','body':{'text':'b'},'action':{'name':'flow','parameters':"
            + "{'flow_message_version':'3','flow_id':'1','flow_cta':'Open'}}}}",
        "{'recipient_type':'group','type':'pin','pin':{'type':'pin','message_id':'wamid.x','expiration_days':7}}",
        "{'type':'template','template':{'name':'parcel_sent','language':{'code':'de'},'components':[]}}"
    })
    void aGoodMessageIsTaken(String message) {
        assertThatCode(() -> rules.checkMessage(message(message))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            131051 | type must be               | {'type':'poll','poll':{}}
            100    | type must be               | {'type':7}
            131008 | text is missing            | {'type':'text'}
            100    | text.body                  | {'type':'text','text':{'body':''}}
            100    | text.body                  | {'type':'text','text':{'body':5}}
            131009 | recipient_type             | {'recipient_type':'crowd','text':{'body':'x'}}
            100    | pin goes to groups         | {'type':'pin','pin':{'type':'pin','message_id':'wamid.x','expiration_days':7}}
            131008 | context.message_id         | {'context':{},'text':{'body':'x'}}
            131009 | image needs either         | {'type':'image','image':{}}
            131009 | image needs either         | {'type':'image','image':{'id':'7','link':'https://example.com/a'}}
            131009 | video.link                 | {'type':'video','video':{'link':'file:///etc/passwd'}}
            131009 | audio.caption              | {'type':'audio','audio':{'id':'7','caption':'c'}}
            100    | image.caption may have 1024 | {'type':'image','image':{'id':'7','caption':'LONG'}}
            131009 | location.latitude          | {'type':'location','location':{'latitude':91,'longitude':0}}
            131008 | location.longitude         | {'type':'location','location':{'latitude':1}}
            131009 | contacts needs             | {'type':'contacts','contacts':[]}
            131008 | formatted_name             | {'type':'contacts','contacts':[{'name':{}}]}
            131008 | reaction.emoji             | {'type':'reaction','reaction':{'message_id':'wamid.x'}}
            131009 | interactive.type           | {'type':'interactive','interactive':{'type':'quiz','body':{'text':'b'},'action':{}}}
            131008 | interactive.type           | {'type':'interactive','interactive':{'body':{'text':'b'},'action':{}}}
            131008 | interactive.body           | {'type':'interactive','interactive':{'type':'flow','action':{}}}
            131008 | interactive.action is      | {'type':'interactive','interactive':{'type':'flow','body':{'text':'b'}}}
            131009 | interactive.action.buttons | {'type':'interactive','interactive':{'type':'button','body':{'text':'b'},'action':{'buttons':[]}}}
            100    | reply.title                | {'type':'interactive','interactive':{'type':'button','body':{'text':'b'},'action':{'buttons':[{'type':'reply','reply':{'id':'1','title':'a title of 21 letters'}}]}}}
            131009 | .reply.id                  | {'type':'interactive','interactive':{'type':'button','body':{'text':'b'},'action':{'buttons':[{'type':'reply','reply':{'id':'1','title':'A'}},{'type':'reply','reply':{'id':'1','title':'B'}}]}}}
            131008 | .title is missing          | {'type':'interactive','interactive':{'type':'list','body':{'text':'b'},'action':{'button':'x','sections':[{'rows':[{'id':'1','title':'A'}]},{'rows':[{'id':'2','title':'B'}]}]}}}
            131008 | template.language          | {'type':'template','template':{'name':'parcel_sent'}}
            131008 | interactive.action.parameters | {'type':'interactive','interactive':{'type':'cta_url','body':{'text':'b'},'action':{'name':'cta_url'}}}
            131009 | parameter_name             | {'type':'template','template':{'name':'a','language':{'code':'de'},'components':[{'type':'body','parameters':[{'type':'text','text':'a','parameter_name':'x'},{'type':'text','text':'b'}]}]}}
            """)
    void aBadMessageIsRefusedWithItsCodeAndTheNameOfTheField(int code, String named, String message) throws Exception {
        Refusal fault = catchThrowableOfType(Refusal.class,
                () -> rules.checkMessage(message(message.replace("LONG", "x".repeat(1025)))));

        assertThat(fault).isNotNull();
        assertThat(fault.getHttpStatus()).isEqualTo(400);
        JsonNode error = JSON.readTree(fault.getBody()).path("error");
        assertThat(error.at("/error_data/details").asText()).contains(named);
        assertThat(error.path("code").asInt()).isEqualTo(code);
    }

    @Test
    void textMayHave4096CharactersEvenIfTheyAreEmoji() {
        assertThatCode(() -> rules.checkMessage(message("{'text':{'body':'" + "😀".repeat(4096) + "'}}")))
                .doesNotThrowAnyException();
        assertThat(catchThrowableOfType(Refusal.class,
                () -> rules.checkMessage(message("{'text':{'body':'" + "x".repeat(4097) + "'}}")))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type':'image','image':{'id':'8'}}",
        "{'type':'interactive','interactive':{'type':'button','header':{'type':'image','image':{'id':'8'}}}}",
        "{'type':'template','template':{'components':[{'type':'header','parameters':[{'type':'document','document':{'id':'8'}}]}]}}"})
    void aFileThatWasNotUploadedIsRefusedWhereverItIsNamed(String message) {
        assertThat(catchThrowableOfType(Refusal.class, () -> OutboundRules.checkMedia(json(message), this::mimeType)).getBody())
                .contains("id is no media of this simulator").contains("\"code\":100");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{'type':'image','image':{'id':'7'}} | -1", "{'type':'audio','audio':{'id':7}} | 131053",
        "{'type':'document','document':{'id':'7'}} | -1", "{'type':'sticker','sticker':{'id':'7'}} | 131053",
        "{'type':'video','video':{'link':'https://example.com/a.mp4'}} | -1", "{'text':{'body':'x'}} | -1",
        "{'type':'template','template':{'components':[{'type':'header','parameters':[{'type':'video','video':{'id':'7'}}]}]}} | 131053"})
    void aFileOfAnotherKindThanTheMessageMakesItFail(String message, int code) {
        assertThat(OutboundRules.checkMedia(json(message), this::mimeType).orElse(-1)).isEqualTo(code);
    }

    private Optional<String> mimeType(String id) {
        return id.equals("7") ? Optional.of("image/png") : Optional.empty();
    }

    @Test
    void toWinsOverRecipient() {
        assertThat(OutboundRules.recipientOf(json("{'to':'+1 (555) 555-0101','recipient':'US.1349'}")))
                .isEqualTo(new Recipient("15555550101", true));
        assertThat(OutboundRules.recipientOf(json("{'recipient':'US.ENT.1349'}"))).isEqualTo(new Recipient("US.ENT.1349", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'to':''}", "{'to':'US.1349'}", "{'to':'12x'}", "{'to':'+123456'}", "{'recipient':'15555550101'}",
        "{'recipient':'us.1'}", "{'to':{}}"})
    void nobodyIsNoRecipient(String message) {
        assertThat(catchThrowableOfType(Refusal.class, () -> OutboundRules.recipientOf(json(message)))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'status':'delivered','message_id':'x'}", "{'status':'read'}",
        "{'status':'read','message_id':'x','typing_indicator':{'type':'audio'}}"})
    void aBadReadMarkIsRefused(String body) {
        assertThat(catchThrowableOfType(Refusal.class, () -> OutboundRules.checkReadMark(json(body)))).isNotNull();
    }

    @Test
    void anotherProductIsRefused() {
        assertThat(catchThrowableOfType(Refusal.class,
                () -> OutboundRules.checkEnvelope(json("{'messaging_product':'sms'}"))).getBody()).contains("messaging_product");
    }

    private static JsonNode message(String text) {
        return ((ObjectNode) json(text)).put("messaging_product", "whatsapp");
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
