package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether a template can carry a text. */
class WindowTemplateTest {

    private static final String BODY = "{'type':'BODY','text':'About: {{1}}'}";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "{'components':[]}|",
        "{'components':[" + BODY + "]}|",
        "{'components':[" + BODY + ",{'type':'HEADER','format':'TEXT','text':'Hi'},{'type':'FOOTER','text':'x'},{'type':'BUTTONS','buttons':[{'type':'QUICK_REPLY','text':'Ok'},"
                + "{'type':'URL','url':'https://shop.example'}]}]}|",
        "{'components':[{'type':'body','text':'{{1}} and {{ 1 }}'}]}|",
        "{'components':[{'type':'BODY','text':'Hello'}]}|its body has 0 parameters, not one",
        "{'components':[{'type':'BODY','text':'{{1}} {{2}}'}]}|its body has 2 parameters, not one",
        "{'parameter_format':'NAMED','components':[{'type':'BODY','text':'{{text}}'}]}|its parameter has a name in place of {{1}}",
        "{'category':'AUTHENTICATION','components':[" + BODY + "]}|it is an authentication template, which takes a code",
        "{'components':[" + BODY + ",{'type':'HEADER','format':'IMAGE'}]}|its header needs a parameter",
        "{'components':[" + BODY + ",{'type':'HEADER','format':'TEXT','text':'{{1}}'}]}|its header needs a parameter",
        "{'components':[" + BODY + ",{'type':'BUTTONS','buttons':[{'type':'URL','url':'https://shop.example/{{1}}'}]}]}|a button needs a parameter",
        "{'components':[" + BODY + ",{'type':'BUTTONS','buttons':[{'type':'COPY_CODE'}]}]}|a button needs a parameter",
        "{'components':[" + BODY + ",{'type':'CAROUSEL'}]}|it has a carousel"})
    void whatDoesNotFitIsNamed(String template, String problem) throws Exception {
        assertThat(WindowTemplate.problem(new ObjectMapper().readTree(template.replace('\'', '"'))).orElse(null)).isEqualTo(problem);
    }
}
