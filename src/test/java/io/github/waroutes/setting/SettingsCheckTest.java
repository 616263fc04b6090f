package io.github.waroutes.setting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

import org.apache.camel.CamelContext;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsCheckTest {

    @TempDir
    Path directory;

    private final Properties properties = new Properties();
    private final CamelContext context = new DefaultCamelContext();

    SettingsCheckTest() {
        properties.putAll(Map.of("whatsapp.phone-number-id", "106540352242922", "whatsapp.access-token", "token",
                "whatsapp.app-secret", "secret", "whatsapp.verify-token", "word"));
    }

    private void check() {
        check(Map.of());
    }

    private void check(Map<String, String> environment) {
        context.getPropertiesComponent().setInitialProperties(properties);
        new SettingsCheck().check(context, environment, new Properties());
    }

    private SettingsException problems() {
        return catchThrowableOfType(SettingsException.class, this::check);
    }

    @Test
    void aRightConfigurationPasses() {
        assertThatCode(this::check).doesNotThrowAnyException();
    }

    @Test
    void allProblemsAreToldAtOnce() {
        properties.remove("whatsapp.app-secret");
        properties.put("whatsapp.inbound.workers", "abc");
        properties.put("whatsapp.on.imgae", "direct:mine");
        assertThat(problems().getProblems()).hasSize(3);
        assertThat(problems()).hasMessageStartingWith("3 settings are wrong:\n")
                .hasMessageContaining("\n  whatsapp.app-secret is not set.")
                .hasMessageContaining("\n  whatsapp.inbound.workers is abc:")
                .hasMessageContaining("\n  whatsapp.on.imgae is no setting; did you mean whatsapp.on.image?");
    }

    @Test
    void whatIsUnknownMayBeAllowed() {
        properties.put("whatsapp.my.own", "1");
        assertThat(problems()).hasMessage("whatsapp.my.own is no setting.");
        properties.put("whatsapp.settings.unknown", "warn");
        assertThatCode(this::check).doesNotThrowAnyException();
        properties.put("whatsapp.settings.unknown", " allow ");
        assertThatCode(this::check).doesNotThrowAnyException();
    }

    @Test
    void anUnknownVariableIsToldToo() {
        assertThat(catchThrowableOfType(SettingsException.class, () -> check(Map.of("WHATSAPP_APP_SECRETS", "x"))))
                .hasMessage("the variable WHATSAPP_APP_SECRETS is no setting; did you mean WHATSAPP_APP_SECRET?");
    }

    @Test
    void aNumbersKeysAreCheckedAsTheOthersAndByVariableToo() {
        properties.putAll(Map.of("whatsapp.numbers.es.phone-number-id", "5001", "whatsapp.numbers.es.on.text", "direct:es"));
        assertThatCode(() -> check(Map.of("WHATSAPP_NUMBERS_ES_ACCESS_TOKEN", "x", "WHATSAPP_NUMBERS_FILE", "x"))).doesNotThrowAnyException();
        properties.putAll(Map.of("whatsapp.numbers.es.acces-token", "x", "whatsapp.numbers.es.mark-read", "maybe",
                "whatsapp.numbers.fr.reply.apology", "Pardon", "whatsapp.numbers.default.reply.apology", "x"));
        assertThat(problems().getProblems()).hasSize(4);
        assertThat(problems()).hasMessageContaining("whatsapp.numbers.es.acces-token is no setting; did you mean whatsapp.numbers.es.access-token?")
                .hasMessageContaining("whatsapp.numbers.es.mark-read is maybe: give true or false.")
                .hasMessageContaining("whatsapp.numbers.fr.phone-number-id is not set. The number fr needs it")
                .hasMessageContaining("whatsapp.numbers.default.reply.apology is no setting: a number's name");
    }

    @Test
    void aSettingMayNeedAnother() {
        properties.put("whatsapp.window.closed", "template");
        properties.put("whatsapp.burst.window", "2000");
        assertThat(problems().getProblems()).hasSize(2)
                .anyMatch(problem -> problem.startsWith("whatsapp.window.closed is template, and whatsapp.window.template is not set."))
                .anyMatch(problem -> problem.startsWith("whatsapp.burst.window is 2000, and whatsapp.redis.url is not set."));
        properties.put("whatsapp.window.template", "follow_up:en_US");
        properties.put("whatsapp.burst.window", "0");
        assertThatCode(this::check).doesNotThrowAnyException();
    }

    @Test
    void aDirectoryThatCannotBeMadeIsToldUnlessItIsNotUsed() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        properties.put("whatsapp.broker.directory", file.resolve("broker").toString());
        properties.put("whatsapp.outcome.directory", file.resolve("outcomes").toString());
        properties.put("whatsapp.media.directory", file.toString());
        assertThat(problems().getProblems()).hasSize(3).allMatch(problem -> problem.contains(" cannot be made: " + file));
        properties.put("whatsapp.broker.url", "tcp://broker:61616");
        properties.put("whatsapp.redis.url", "redis://localhost");
        properties.put("whatsapp.media.directory", directory.resolve("new/media").toString());
        assertThatCode(this::check).doesNotThrowAnyException();
        assertThat(directory.resolve("new")).as("a check makes nothing").doesNotExist();
    }

    @Test
    void aPlaceholderThatLeadsNowhereIsTold() {
        properties.put("whatsapp.app-secret", "{{shop.secret}}");
        assertThat(problems()).hasMessageStartingWith("whatsapp.app-secret refers to what there is not: ").hasMessageContaining("shop.secret");
    }

    @Test
    void whiteSpaceAroundAValueOfOursIsTakenAway() {
        properties.put("whatsapp.phone-number-id", "106540352242922\n");
        properties.put("shop.name", " kept ");
        PropertiesComponent component = (PropertiesComponent) context.getPropertiesComponent();
        component.setPropertiesParser(new TrimmedValues(component));
        check();
        assertThat(context.resolvePropertyPlaceholders("{{whatsapp.phone-number-id}}")).isEqualTo("106540352242922");
        assertThat(context.resolvePropertyPlaceholders("{{whatsapp.phone-number-id}}/messages")).isEqualTo("106540352242922/messages");
        assertThat(context.resolvePropertyPlaceholders("{{shop.name}}")).isEqualTo(" kept ");
    }
}
