package io.github.waroutes.setting;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    private final Settings settings = Settings.load();

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(nullValues = "missing", delimiter = '|', value = {
        "whatsapp.inbound.workers        | 32",
        "whatsapp.inbound.workers        | ' 32\t'",
        "whatsapp.inbound.workers        | missing",
        "whatsapp.limit.burst-seconds    | 0.25",
        "whatsapp.limit.pair-interval    | 6000",
        "whatsapp.limit.pair-interval    | 1m30s",
        "whatsapp.mark-read              | FALSE",
        "whatsapp.window.closed          | template",
        "whatsapp.graph.url              | http://127.0.0.1:8080/graph",
        "whatsapp.graph.url              | http://localhost:8080",
        "whatsapp.graph.url              | https://graph.example/",
        "whatsapp.transcription.url      | ''",
        "whatsapp.reply.apology          | ''",
        "whatsapp.on.image               | seda:images?size=10",
        "whatsapp.limit.tier             | TIER_2K",
    })
    void aRightValueHasNoProblem(String name, String value) {
        assertThat(settings.find(name).orElseThrow().problem(value)).isNull();
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(nullValues = "missing", delimiter = '|', value = {
        "whatsapp.inbound.workers     | abc                  | whatsapp.inbound.workers is abc: give a whole number from 1 to 10000.",
        "whatsapp.inbound.workers     | -3                   | whatsapp.inbound.workers is -3: give a whole number from 1 to 10000.",
        "whatsapp.inbound.workers     | 99999999999999999999 | whatsapp.inbound.workers is 99999999999999999999: give a whole number from 1 to 10000.",
        "whatsapp.inbound.workers     | ''                   | whatsapp.inbound.workers is empty: give a whole number from 1 to 10000.",
        "whatsapp.http.read-timeout   | 30s                  | whatsapp.http.read-timeout is 30s: give a whole number (ms) of at least 1.",
        "whatsapp.limit.reply-share   | 1.5                  | whatsapp.limit.reply-share is 1.5: give a number from 0 to 1.",
        "whatsapp.mark-read           | yes                  | whatsapp.mark-read is yes: give true or false.",
        "whatsapp.window.closed       | maybe                | 'whatsapp.window.closed is maybe: give one of refuse, template, send.'",
        "whatsapp.limit.pair-interval | soon                 | 'whatsapp.limit.pair-interval is soon: give a duration, as in 500ms, 6s or 10m.'",
        "whatsapp.limit.pair-interval | abc                  | 'whatsapp.limit.pair-interval is abc: give a duration, as in 500ms, 6s or 10m.'",
        "whatsapp.transcription.url   | whisper              | 'whatsapp.transcription.url is whisper: give a whole address, as in https://example.com/path.'",
        "whatsapp.on.image            | my images            | 'whatsapp.on.image is my images: give an endpoint of Camel, as in direct:my-route.'",
    })
    void aWrongValueIsToldWithItsKeyAndWhatToGive(String name, String value, String problem) {
        assertThat(settings.find(name).orElseThrow().problem(value)).isEqualTo(problem);
    }

    @Test
    void aSecretIsNotShownAndNorIsWhatMayBeSomeonesNumber() {
        assertThat(settings.find("whatsapp.access-token").orElseThrow().problem("top secret")).doesNotContain("top").contains("is wrong");
        assertThat(settings.find("whatsapp.phone-number-id").orElseThrow().problem("+15550001")).doesNotContain("555");
    }

    @Test
    void anUnknownNameIsToldWithTheNearestThatThereIs() {
        List<String> unknown = settings.unknown(
                Set.of("whatsapp.app-secrt", "whatsapp.access-token", "whatsapp.entirely.of.my.own", "camel.server.prot"),
                Set.of("WHATSAPP_ACCES_TOKEN", "WHATSAPP_ACCESS_TOKEN", "PATH"));
        assertThat(unknown).containsExactly(
                "the variable WHATSAPP_ACCES_TOKEN is no setting; did you mean WHATSAPP_ACCESS_TOKEN?",
                "whatsapp.app-secrt is no setting; did you mean whatsapp.app-secret?",
                "whatsapp.entirely.of.my.own is no setting.");
    }

    @Test
    void whatKubernetesSaysOfAServiceIsNoSetting() {
        assertThat(settings.unknown(Set.of(), Set.of("WHATSAPP_GATEWAY_SERVICE_HOST", "WHATSAPP_GATEWAY_SERVICE_PORT",
                "WHATSAPP_GATEWAY_SERVICE_PORT_HTTP", "WHATSAPP_GATEWAY_PORT", "WHATSAPP_GATEWAY_PORT_8080_TCP",
                "WHATSAPP_GATEWAY_PORT_8080_TCP_ADDR", "WHATSAPP_PORT", "WHATSAPP_SERVICE_HOST"))).isEmpty();
    }

    @Test
    void everyVariableHasOneSetting() {
        assertThat(settings.all().map(Setting::variable)).doesNotHaveDuplicates();
    }
}
