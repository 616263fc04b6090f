package io.github.waroutes;

import java.util.Map;

import org.apache.camel.main.Main;
import org.junit.jupiter.api.Test;

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
    void whatKubernetesInjectsForAServiceIsNoPort() {
        WhatsAppApplication.portsFromEnvironment(main, Map.of("CAMEL_SERVER_PORT", "tcp://10.0.0.1:8080"));

        assertThat(main.getOverrideProperties()).isNull();
    }
}
