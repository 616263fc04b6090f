package io.github.waroutes.simulator.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.simulator.common.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateParametersTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ORDER = "{'category':'UTILITY','components':[{'type':'HEADER','format':'IMAGE'},"
            + "{'type':'BODY','text':'Hi {{1}}, order {{2}} of {{1}}'},{'type':'BUTTONS','buttons':["
            + "{'type':'URL','text':'Track','url':'https://example.com/{{1}}'},{'type':'URL','text':'Home','url':'https://example.com/'},"
            + "{'type':'QUICK_REPLY','text':'Thanks'}]}]}";
    private static final String NAMED = "{'category':'MARKETING','parameter_format':'NAMED','components':["
            + "{'type':'HEADER','format':'TEXT','text':'{{shop}}'},{'type':'BODY','text':'Hi {{first_name}}'}]}";
    private static final String CODE = "{'category':'AUTHENTICATION','components':[{'type':'BODY','add_security_recommendation':true},"
            + "{'type':'BUTTONS','buttons':[{'type':'OTP','otp_type':'COPY_CODE'}]}]}";
    private static final String CARDS = "{'category':'MARKETING','components':[{'type':'BODY','text':'Look'},{'type':'CAROUSEL','cards':["
            + "{'components':[{'type':'BODY','text':'One {{1}}'}]},{'components':[{'type':'BODY','text':'Two'}]}]}]}";
    private static final String IMAGE = "{'type':'header','parameters':[{'type':'image','image':{'link':'https://example.com/a.png'}}]}";
    private static final String TWO = "{'type':'body','parameters':[{'type':'text','text':'a'},{'type':'text','text':'b'}]}";
    private static final String TRACK = "{'type':'button','sub_type':'url','index':'0','parameters':[{'type':'text','text':'7'}]}";

    private static String filled(String text) {
        return text.replace("ORDER", ORDER).replace("NAMED", NAMED).replace("CODE", CODE).replace("CARDS", CARDS)
                .replace("IMAGE_HEADER", IMAGE).replace("TWO", TWO).replace("TRACK", TRACK);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ORDER | [IMAGE_HEADER,TWO,TRACK]",
        "ORDER | [IMAGE_HEADER,TWO,TRACK,{'type':'button','sub_type':'quick_reply','index':2,'parameters':[{'type':'payload','payload':'p'}]}]",
        "NAMED | [{'type':'header','parameters':[{'type':'text','text':'s','parameter_name':'shop'}]},{'type':'body','parameters':[{'type':'text','text':'k','parameter_name':'first_name'}]}]",
        "CODE | [{'type':'body','parameters':[{'type':'text','text':'123456'}]},{'type':'button','sub_type':'url','index':'0','parameters':[{'type':'text','text':'123456'}]}]",
        "CARDS | [{'type':'carousel','cards':[{'card_index':0,'components':[{'type':'body','parameters':[{'type':'text','text':'x'}]}]},{'card_index':1,'components':[]}]}]",
        "{'components':[]} | [{'type':'body','parameters':[{'type':'text','text':'anything'}]}]",
    })
    void parametersThatFitAreTaken(String template, String sent) {
        assertThatCode(() -> TemplateParameters.check(json(filled(template)), json(filled(sent)))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "132000 | number of localizable_params (1) does not match the expected number of params (2) | ORDER | [IMAGE_HEADER,{'type':'body','parameters':[{'type':'text','text':'a'}]},TRACK]",
        "132000 | body: number | ORDER | []",
        "132012 | expected IMAGE, received TEXT | ORDER | [{'type':'header','parameters':[{'type':'text','text':'x'}]},TWO,TRACK]",
        "132012 | expected IMAGE, received UNKNOWN | ORDER | [TWO,TRACK]",
        "131008 | Button at index 0 of type URL | ORDER | [IMAGE_HEADER,TWO]",
        "132018 | Button at index 1 | ORDER | [IMAGE_HEADER,TWO,TRACK,{'type':'button','sub_type':'url','index':'1','parameters':[{'type':'text','text':'x'}]}]",
        "132018 | Button at index 2 | ORDER | [IMAGE_HEADER,TWO,TRACK,{'type':'button','sub_type':'flow','index':'2','parameters':[]}]",
        "131009 | has 3 buttons | ORDER | [IMAGE_HEADER,TWO,TRACK,{'type':'button','sub_type':'url','index':'3','parameters':[]}]",
        "132012 | no names | ORDER | [IMAGE_HEADER,{'type':'body','parameters':[{'type':'text','text':'a','parameter_name':'x'},{'type':'text','text':'b','parameter_name':'y'}]},TRACK]",
        "100 | Parameter name is missing | NAMED | [{'type':'header','parameters':[{'type':'text','text':'s'}]},{'type':'body','parameters':[{'type':'text','text':'k'}]}]",
        "100 | none of the template's: shop | NAMED | [{'type':'header','parameters':[{'type':'text','text':'s','parameter_name':'store'}]},{'type':'body','parameters':[{'type':'text','text':'k','parameter_name':'first_name'}]}]",
        "132012 | the code may have 15 | CODE | [{'type':'body','parameters':[{'type':'text','text':'1234567890123456'}]}]",
        "131008 | of type OTP | CODE | [{'type':'body','parameters':[{'type':'text','text':'123456'}]}]",
        "132012 | has 2 cards, received 1 | CARDS | [{'type':'carousel','cards':[{'card_index':0,'components':[]}]}]",
        "132000 | carousel card 0 body | CARDS | [{'type':'carousel','cards':[{'card_index':0,'components':[]},{'card_index':1,'components':[]}]}]",
    })
    void parametersThatDoNotFitAreRefusedWithMetasCode(int code, String details, String template, String sent) throws Exception {
        Refusal fault = catchThrowableOfType(Refusal.class,
                () -> TemplateParameters.check(json(filled(template)), json(filled(sent))));

        assertThat(fault).isNotNull();
        JsonNode error = JSON.readTree(fault.getBody()).path("error");
        assertThat(error.path("code").asInt()).as(fault.getBody()).isEqualTo(code);
        assertThat(error.at("/error_data/details").asText()).contains(details);
    }

    @Test
    void aTextThatGetsTooLongIs132005() {
        String template = "{'components':[{'type':'BODY','text':'{{1}}{{2}}'}]}";
        String half = "x".repeat(16_400);
        String sent = "[{'type':'body','parameters':[{'type':'text','text':'" + half + "'},{'type':'text','text':'" + half + "'}]}]";

        assertThat(catchThrowableOfType(Refusal.class, () -> TemplateParameters.check(json(template), json(sent))).getBody())
                .contains("132005");
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replaceAll("(?<![a-z])'|'(?!s:)", "\""));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
