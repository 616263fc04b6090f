package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.setting.Settings;
import org.junit.jupiter.api.Test;

/** The types of messages that users send: {@code settings.json} lists them, and {@code types.camel.yaml} has a case for each. */
class MessageTypesTest {

    @Test
    void everyTypeHasACaseThatItsPropertyReplaces() {
        Map<String, String> expected = new TreeMap<>();
        Settings.load().messageTypes().forEach(type -> expected.put("${header.WhatsAppMessageType} == '" + type + "'",
                "{{whatsapp.on." + type + ":direct:whatsapp-" + type + "}}"));
        Map<String, String> cases = new TreeMap<>();
        for (JsonNode node : RouteFiles.read(Path.of("src/main/resources/routes/whatsapp/types.camel.yaml")).findValues("choice")) {
            if ("types-by-type".equals(node.path("id").asText())) {
                node.path("when").forEach(one -> cases.put(one.at("/expression/simple/expression").asText(), one.at("/steps/0/to/uri").asText()));
            }
        }
        // while a person has the conversation, all go there
        assertThat(cases.remove("${variable.whatsappSilent} == true")).isEqualTo("{{whatsapp.on.handed-over:direct:whatsapp-handed-over}}");
        // what cannot be read is of no type
        assertThat(cases.remove("${variable.whatsappReadable} == false")).isEqualTo("{{whatsapp.on.unknown:direct:whatsapp-unknown}}");
        // a number's own route, whatever the type
        assertThat(cases).containsKey("${variable.whatsappOwnRoute} != null");
        cases.remove("${variable.whatsappOwnRoute} != null");
        assertThat(cases).isEqualTo(expected).hasSizeGreaterThan(15);
    }
}
