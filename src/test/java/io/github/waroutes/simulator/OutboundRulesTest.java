package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundRulesTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final OutboundRules rules = new OutboundRules(
            (name, language) -> Set.of("hello_world:en_US", "parcel_sent:de").contains(name + ":" + language), "7"::equals);

    @ParameterizedTest
    @ValueSource(strings = {
        "{'type':'text','text':{'body':'hi','preview_url':false},'context':{'message_id':'wamid.x'}}",
        "{'text':{'body':'no type means text'}}",
        "{'type':'image','image':{'id':'7','caption':'c'}}",
        "{'type':'audio','audio':{'id':'7','voice':true}}",
        "{'type':'document','document':{'link':'https://example.com/a.pdf','filename':'a.pdf'}}",
        "{'type':'sticker','sticker':{'id':'7'}}",
        "{'type':'location','location':{'latitude':-90,'longitude':'13.4'}}",
        "{'type':'contacts','contacts':[{'name':{'formatted_name':'Kim'}}]}",
        "{'type':'reaction','reaction':{'message_id':'wamid.x','emoji':''}}",
        "{'type':'interactive','interactive':{'type':'button','body':{'text':'b'},'action':{'buttons':"
            + "[{'type':'reply','reply':{'id':'1','title':'A'}},{'type':'reply','reply':{'id':'2','title':'B'}}]}}}",
        "{'type':'interactive','interactive':{'type':'list','body':{'text':'b'},'action':{'button':'Choose','sections':"
            + "[{'rows':[{'id':'1','title':'A','description':'d'}]}]}}}",
        "{'type':'interactive','interactive':{'type':'flow','body':{'text':'b'},'action':{'name':'flow'}}}",
        "{'type':'template','template':{'name':'parcel_sent','language':{'code':'de'},'components':[]}}"
    })
    void aGoodMessageIsTaken(String message) {
        assertThatCode(() -> rules.checkMessage(json(message))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            type must be               | {'type':'poll','poll':{}}
            type must be               | {'type':7}
            text is missing            | {'type':'text'}
            text.body                  | {'type':'text','text':{'body':''}}
            text.body                  | {'type':'text','text':{'body':5}}
            recipient_type             | {'recipient_type':'group','text':{'body':'x'}}
            context.message_id         | {'context':{},'text':{'body':'x'}}
            image needs either         | {'type':'image','image':{}}
            image needs either         | {'type':'image','image':{'id':'7','link':'https://example.com/a'}}
            image.id                   | {'type':'image','image':{'id':'8'}}
            video.link                 | {'type':'video','video':{'link':'file:///etc/passwd'}}
            audio takes no caption     | {'type':'audio','audio':{'id':'7','caption':'c'}}
            location.latitude          | {'type':'location','location':{'latitude':91,'longitude':0}}
            location.longitude         | {'type':'location','location':{'latitude':1}}
            contacts must be           | {'type':'contacts','contacts':[]}
            formatted_name             | {'type':'contacts','contacts':[{'name':{}}]}
            reaction.emoji             | {'type':'reaction','reaction':{'message_id':'wamid.x'}}
            interactive.type           | {'type':'interactive','interactive':{'type':'quiz','body':{'text':'b'},'action':{}}}
            interactive.body.text      | {'type':'interactive','interactive':{'type':'flow','action':{}}}
            interactive.action is      | {'type':'interactive','interactive':{'type':'flow','body':{'text':'b'}}}
            interactive.action.buttons | {'type':'interactive','interactive':{'type':'button','body':{'text':'b'},'action':{'buttons':[]}}}
            reply.title                | {'type':'interactive','interactive':{'type':'button','body':{'text':'b'},'action':{'buttons':[{'type':'reply','reply':{'id':'1','title':'a title of 21 letters'}}]}}}
            must differ                | {'type':'interactive','interactive':{'type':'button','body':{'text':'b'},'action':{'buttons':[{'type':'reply','reply':{'id':'1','title':'A'}},{'type':'reply','reply':{'id':'1','title':'B'}}]}}}
            sections[].title           | {'type':'interactive','interactive':{'type':'list','body':{'text':'b'},'action':{'button':'x','sections':[{'rows':[{'id':'1','title':'A'}]},{'rows':[{'id':'2','title':'B'}]}]}}}
            template.language.code     | {'type':'template','template':{'name':'parcel_sent'}}
            """)
    void aBadMessageIsRefusedWithCode100AndTheNameOfTheField(String named, String message) throws Exception {
        SimulatorFault fault = catchThrowableOfType(SimulatorFault.class, () -> rules.checkMessage(json(message)));

        assertThat(fault).isNotNull();
        assertThat(fault.getHttpStatus()).isEqualTo(400);
        JsonNode error = JSON.readTree(fault.getBody()).path("error");
        assertThat(error.path("code").asInt()).isEqualTo(100);
        assertThat(error.at("/error_data/details").asText()).contains(named);
    }

    @Test
    void textMayHave4096CharactersEvenIfTheyAreEmoji() {
        assertThatCode(() -> rules.checkMessage(json("{'text':{'body':'" + "😀".repeat(4096) + "'}}")))
                .doesNotThrowAnyException();
        assertThat(catchThrowableOfType(SimulatorFault.class,
                () -> rules.checkMessage(json("{'text':{'body':'" + "x".repeat(4097) + "'}}")))).isNotNull();
    }

    @Test
    void aTemplateThatIsNotApprovedInThisLanguageIs132001() throws Exception {
        SimulatorFault fault = catchThrowableOfType(SimulatorFault.class, () -> rules.checkMessage(
                json("{'type':'template','template':{'name':'parcel_sent','language':{'code':'en_US'}}}")));

        assertThat(fault.getHttpStatus()).isEqualTo(404);
        assertThat(JSON.readTree(fault.getBody()).at("/error/code").asInt()).isEqualTo(132001);
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
        assertThat(catchThrowableOfType(SimulatorFault.class, () -> OutboundRules.recipientOf(json(message)))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'status':'delivered','message_id':'x'}", "{'status':'read'}",
        "{'status':'read','message_id':'x','typing_indicator':{'type':'audio'}}"})
    void aBadReadMarkIsRefused(String body) {
        assertThat(catchThrowableOfType(SimulatorFault.class, () -> OutboundRules.checkReadMark(json(body)))).isNotNull();
    }

    @Test
    void anotherProductIsRefused() {
        assertThat(catchThrowableOfType(SimulatorFault.class,
                () -> OutboundRules.checkEnvelope(json("{'messaging_product':'sms'}"))).getBody()).contains("messaging_product");
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
