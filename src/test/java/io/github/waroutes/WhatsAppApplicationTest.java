package io.github.waroutes;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.apache.camel.main.Main;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class WhatsAppApplicationTest {

    private final Main main = new Main();

    @Test
    void portsComeFromTheEnvironmentThoughCamelPassesOverThem() {
        WhatsAppApplication.portsFromEnvironment(main, Map.of("CAMEL_SERVER_PORT", "18080", "CAMEL_MANAGEMENT_PORT", "19876"));

        assertThat(main.getOverrideProperties().getProperty("camel.server.port")).isEqualTo("18080");
        assertThat(main.getOverrideProperties().getProperty("camel.management.port")).isEqualTo("19876");
    }

    @Test
    void aPropertyFileIsReadAsUtf8(@TempDir Path directory) throws Exception {
        String text = "Desculpe, ainda não leio isso — só texto e áudio 🙏";
        Path file = Files.writeString(directory.resolve("application.properties"), "whatsapp.reply.type-not-handled = " + text + "\n");
        Main gateway = WhatsAppApplication.newMain("file:" + file);
        Map.of("phone-number-id", "106540352242922", "access-token", "token", "app-secret", "secret", "verify-token", "word")
                .forEach((key, value) -> gateway.addOverrideProperty("whatsapp." + key, value));
        gateway.addOverrideProperty("camel.main.routesIncludePattern", "false");
        gateway.addOverrideProperty("camel.server.enabled", "false");
        gateway.addOverrideProperty("camel.management.enabled", "false");
        try {
            gateway.init();

            assertThat(gateway.getCamelContext().resolvePropertyPlaceholders("{{whatsapp.reply.type-not-handled}}")).isEqualTo(text);
        } finally {
            gateway.shutdown();
        }
    }

    @Test
    void whatKubernetesInjectsForAServiceIsNoPort() {
        WhatsAppApplication.portsFromEnvironment(main, Map.of("CAMEL_SERVER_PORT", "tcp://10.0.0.1:8080"));

        assertThat(main.getOverrideProperties()).isNull();
    }

    @Test
    void theWholeStackIsShownOnlyWhenAskedFor() {
        assertThat(WhatsAppApplication.isDebug("--debug")).isTrue();
        assertThat(WhatsAppApplication.isDebug()).isFalse();
    }
}
