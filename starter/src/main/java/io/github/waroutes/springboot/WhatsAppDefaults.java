package io.github.waroutes.springboot;

import java.util.Map;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Loggers of libraries that would tell too much: the first prints every message, the second those that it drops as repeated, personal data
 * included. They are the last source of properties, so any other wins.
 */
final class WhatsAppDefaults implements EnvironmentPostProcessor {

    private static final Map<String, Object> DEFAULTS = Map.of(
            "logging.level.org.apache.activemq.audit", "OFF",
            "logging.level.org.apache.activemq.artemis.core.server", "ERROR",
            "logging.level.opennlp", "WARN");

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        environment.getPropertySources().addLast(new MapPropertySource("whatsappDefaults", DEFAULTS));
    }
}
