package io.github.waroutes.simulator.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.simulator.media.MediaStore;
import org.junit.jupiter.api.Test;

class TemplateTextTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static JsonNode render(String definition, String sent) throws Exception {
        return TemplateText.render(JSON.readTree(definition.replace('\'', '"')), JSON.readTree(sent.replace('\'', '"')),
                new MediaStore(1000));
    }

    @Test
    void namedPlacesTakeNamedParametersAndTheRestStays() throws Exception {
        assertThat(render("[{'type':'HEADER','format':'TEXT','text':'Hi {{name}}'},{'type':'BODY','text':'{{day}}: {{missing}} $1'}]", """
                {'name':'x','components':[{'type':'header','parameters':[{'type':'text','parameter_name':'name','text':'Kim {{day}}'}]},
                {'type':'body','parameters':[{'type':'date_time','parameter_name':'day','date_time':{'fallback_value':'May 1'}}]}]}"""))
                .isEqualTo(JSON.readTree("{\"header\":\"Hi Kim {{day}}\",\"body\":\"May 1: {{missing}} $1\",\"buttons\":[]}"));
    }

    @Test
    void buttonsGetTheirEndsAndCodes() throws Exception {
        assertThat(render("""
                [{'type':'BODY','text':'b'},{'type':'BUTTONS','buttons':[{'type':'URL','text':'Track','url':'https://example.com/{{1}}'},
                {'type':'COPY_CODE','example':'OLD'},{'type':'QUICK_REPLY','text':'Yes'}]}]""", """
                {'name':'x','components':[{'type':'button','sub_type':'url','index':0,'parameters':[{'type':'text','text':'7'}]},
                {'type':'BUTTON','sub_type':'copy_code','index':'1','parameters':[{'type':'coupon_code','coupon_code':'MAY'}]}]}""")
                .path("buttons")).isEqualTo(JSON.readTree("""
                [{"type":"URL","text":"Track","url":"https://example.com/7"},{"type":"COPY_CODE","text":"","payload":"MAY"},
                {"type":"QUICK_REPLY","text":"Yes","payload":"Yes"}]"""));
    }

    @Test
    void aTemplateOnlyItsNameIsKnownOfHasAnAdequateText() throws Exception {
        assertThat(render("[]", "{'name':'hello_world'}").path("body").asText()).isEqualTo("Hello world!");
        assertThat(render("[]", "{'name':'order_update','components':[{'type':'body','parameters':[{'type':'text','text':'Kim'},"
                + "{'type':'text','text':'7'}]}]}").path("body").asText()).isEqualTo("Order update: Kim, 7");
    }

    @Test
    void aHeaderWithAPictureElsewhereNamesIt() throws Exception {
        assertThat(render("[{'type':'HEADER','format':'IMAGE'},{'type':'BODY','text':'b'}]", "{'name':'x','components':[{'type':'header',"
                + "'parameters':[{'type':'image','image':{'link':'https://example.com/a.png'}}]}]}").path("header_media"))
                .isEqualTo(JSON.readTree("{\"link\":\"https://example.com/a.png\",\"type\":\"image\"}"));
    }
}
