package com.example.bot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulatorExtension;
import io.github.waroutes.junit.WhatsAppUser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT, properties = "management.prometheus.metrics.export.enabled=true")
@ExtendWith(OutputCaptureExtension.class)
// the broker's directory is a temporary one, so the application ends before it goes
@DirtiesContext
class BotApplicationTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @RegisterExtension
    static final WhatsAppSimulatorExtension SIMULATOR = WhatsAppSimulatorExtension.create();

    @TempDir
    static Path directory;

    @DynamicPropertySource
    static void properties(DynamicPropertyRegistry registry) {
        SIMULATOR.whatsapp().settings().forEach((key, value) -> registry.add(key, () -> value));
        registry.add("whatsapp.broker.url", () -> "vm://3100");
        registry.add("whatsapp.broker.directory", () -> directory.resolve("broker"));
        registry.add("whatsapp.outcome.directory", () -> directory.resolve("outcomes"));
        registry.add("whatsapp.media.directory", () -> directory.resolve("media"));
        // in another of Spring Boot's forms
        registry.add("whatsapp.numbers.es.phoneNumberId", () -> "5001");
    }

    @LocalServerPort
    int port;

    @Autowired
    TestRestTemplate http;

    @BeforeEach
    void webhook(SimulatedWhatsApp whatsapp) {
        whatsapp.webhookPort(port);
    }

    @Test
    void aRouteAndABeanOfTheApplicationAnswer(@WhatsAppUser(name = "Kim") SimulatedUser kim) {
        var question = kim.sends("Open on Sunday?");

        kim.receives("On Sundays we are closed.");
        kim.seesRead(question);
    }

    @Test
    void theHealthOfEachPartIsInItsGroup() {
        JsonNode ready = http.getForObject("/actuator/health/readiness", JsonNode.class);
        assertThat(ready.at("/status").asText()).isEqualTo("UP");
        JsonNode parts = ready.at("/components/whatsapp/components");
        assertThat(parts.fieldNames()).toIterable().contains("broker", "disk", "numbers", "process", "routes", "start");
        assertThat(parts.at("/broker/details/reason").asText()).isNotEmpty();
        // a number that was named in a relaxed form
        assertThat(parts.at("/numbers/details").fieldNames()).toIterable().contains("number.default", "number.es");
        JsonNode alive = http.getForObject("/actuator/health/liveness", JsonNode.class);
        assertThat(alive.at("/components").fieldNames()).toIterable().containsExactlyInAnyOrder("livenessState", "whatsapp");
        assertThat(alive.at("/components/whatsapp/components").fieldNames()).toIterable().containsExactly("process");
    }

    @Test
    void theMetricsAreTheApplications(@WhatsAppUser(name = "Kim") SimulatedUser kim) {
        kim.sends("Hello");
        kim.receives("We are open from nine to six.");

        await().atMost(LIMIT).untilAsserted(() -> assertThat(http.getForObject("/actuator/prometheus", String.class))
                .containsPattern("whatsapp_messages_sent_total\\{.*status=\"success\".*type=\"text\".*} [1-9]"));
    }

    @Test
    void anEventIsALineWithItsFieldsAndNobodysNumber(@WhatsAppUser(name = "Kim", phone = "15555550177") SimulatedUser kim, CapturedOutput output) {
        kim.sends("Hello");
        kim.receives("We are open from nine to six.");

        await().atMost(LIMIT).untilAsserted(() -> assertThat(output.getAll()).contains("whatsapp.send_message.success"));
        assertThat(output.getAll().lines().filter(line -> line.startsWith("{")).map(BotApplicationTest::json)
                .filter(line -> line.path("event").asText().equals("whatsapp.send_message.success"))).isNotEmpty()
                .allSatisfy(line -> assertThat(line.path("phone_number_id").asText()).isNotEmpty());
        assertThat(output.getAll()).doesNotContain("15555550177");
    }

    @Test
    void wrongSettingsStopTheStartWithAllThatIsToBeDoneAndWhere(CapturedOutput output) {
        assertThatThrownBy(() -> SpringApplication.run(BotApplication.class, "--server.port=0", "--whatsapp.app-secret=", "--whatsapp.verfy-token=xyzzy",
                "--whatsapp.broker.url=vm://3101", "--whatsapp.broker.directory=" + directory.resolve("never"))).isInstanceOf(Exception.class);

        // it is a line of JSON
        assertThat(output.getAll().replace("\\\"", "\"")).contains("APPLICATION FAILED TO START", "2 settings of whatsapp-cloud-routes are wrong:",
                "whatsapp.app-secret is not set", "whatsapp.verfy-token is no setting; did you mean whatsapp.verify-token?",
                "Origin: \"whatsapp.verfy-token\" from property source \"commandLineArgs\"").doesNotContain("xyzzy");
    }

    private static JsonNode json(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (java.io.IOException e) {
            throw new AssertionError(line, e);
        }
    }
}
