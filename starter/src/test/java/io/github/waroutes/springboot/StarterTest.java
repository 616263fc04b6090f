package io.github.waroutes.springboot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.github.waroutes.operate.ProcessHealth;
import io.github.waroutes.setting.SettingsException;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.health.Status;
import org.springframework.boot.configurationmetadata.ConfigurationMetadataRepository;
import org.springframework.boot.configurationmetadata.ConfigurationMetadataRepositoryJsonBuilder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class StarterTest {

    private final StandardEnvironment environment = new StandardEnvironment();

    private void with(Map<String, Object> properties) {
        environment.getPropertySources().addFirst(new MapPropertySource("test", properties));
        ConfigurationPropertySources.attach(environment);
    }

    @Test
    void namesInSpringBootsFormsAreOurs() {
        with(Map.of("whatsapp.phoneNumberId", "1", "whatsapp.numbers.es.access_token", "t", "whatsapp.on.imgae", "direct:x", "other.name", "2"));

        assertThat(new SettingsOfTheEnvironment(environment).loadProperties()).isEqualTo(Map.of(
                "whatsapp.phone-number-id", "1", "whatsapp.numbers.es.access-token", "t", "whatsapp.on.imgae", "direct:x"));
    }

    @Test
    void variablesInSpringBootsFormAreSettings() {
        assertThat(new SettingsOfTheEnvironment(environment).variables(Set.of("WHATSAPP_APPSECRET", "WHATSAPP_APP_SECRET", "WHATSAPP_SECRET", "HOME")))
                .containsExactlyInAnyOrder("WHATSAPP_SECRET", "HOME");
    }

    @Test
    void everyWrongSettingIsToldWithItsPlaceAndWithoutItsValue() {
        with(Map.of("whatsapp.app-secret", "xyzzy"));
        Exception failure = new IllegalStateException("Spring's words", new SettingsException(List.of("whatsapp.app-secret is wrong.", "whatsapp.verify-token is not set.")));

        FailureAnalysis analysis = new StartFailureAnalyzer(environment).analyze(failure);

        assertThat(analysis.getDescription()).isEqualTo("""
                2 settings of whatsapp-cloud-routes are wrong:

                    whatsapp.app-secret is wrong.
                    Origin: "whatsapp.app-secret" from property source "test"

                    whatsapp.verify-token is not set.
                """);
    }

    @Test
    void aRouteThatCannotBeMadeIsToldAndAFailureOfOthersIsNot() {
        StartFailureAnalyzer analyzer = new StartFailureAnalyzer(environment);

        assertThat(analyzer.analyze(byOthers(new FailedToCreateRouteException("shop", null, "a route", byOthers(new IllegalArgumentException("no such bean"))))).getDescription())
                .isEqualTo("route shop: IllegalArgumentException: no such bean");
        assertThat(analyzer.analyze(byOthers(new IllegalStateException("a database is not there")))).isNull();
    }

    /** As if it had been thrown by another's class. */
    private static <T extends Throwable> T byOthers(T failure) {
        failure.setStackTrace(new StackTraceElement[] {new StackTraceElement("org.example.Other", "start", "Other.java", 1)});
        return failure;
    }

    @Test
    void aCheckIsAPartOfTheHealth() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.build();
            ProcessHealth process = new ProcessHealth();
            process.setCamelContext(context);
            process.watch();
            WhatsAppHealth health = new WhatsAppHealth(context);

            assertThat(health.iterator()).toIterable().extracting("name").containsExactly("process");
            assertThat(part(health, "process")).isEqualTo(Health.up().withDetail("reason", "The process runs.").build());
            assertThat(part(health, "broker").getStatus()).isEqualTo(Status.UNKNOWN);
            assertThat(HealthCheckRegistry.get(context).getCheck("whatsapp-process")).isPresent();
        }
    }

    private static Health part(WhatsAppHealth health, String name) {
        return ((HealthIndicator) health.getContributor(name)).health();
    }

    @Test
    void editorsFindEveryPropertyWithTypeDefaultAndValues() throws Exception {
        ConfigurationMetadataRepositoryJsonBuilder builder = ConfigurationMetadataRepositoryJsonBuilder.create();
        for (var resource : java.util.Collections.list(getClass().getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
            try (InputStream in = resource.openStream()) {
                builder.withJsonResource(in);
            }
        }
        ConfigurationMetadataRepository metadata = builder.build();

        assertThat(metadata.getAllProperties()).containsKeys("whatsapp.app-secret", "whatsapp.on.text", "whatsapp.numbers", "management.health.whatsapp.enabled");
        assertThat(metadata.getAllProperties().get("whatsapp.graph.version").getDefaultValue()).isEqualTo("v26.0");
        assertThat(metadata.getAllProperties().get("whatsapp.window.closed").getHints().getValueHints()).extracting("value")
                .contains("refuse", "template", "send");
    }
}
