package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;

import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A number that waits for a person is seen from outside. */
@WhatsAppSimulator
class StoppedNumberFlowTest {

    @TempDir
    Path directory;

    private SimulatedWhatsApp whatsapp;

    private static double metric(TestGateway gateway) {
        return gateway.metrics().lines().filter(line -> line.startsWith("whatsapp_numbers_stopped ") || line.startsWith("whatsapp_numbers_stopped{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    private static Object detail(TestGateway gateway) {
        return detail(gateway, "stopped");
    }

    private static Object detail(TestGateway gateway, String name) {
        return HealthCheckHelper.invokeReadiness(gateway.camel(), "full").stream()
                .filter(result -> result.getCheck().getId().equals("whatsapp-numbers"))
                .peek(result -> assertThat(result.getState()).isEqualTo(HealthCheck.State.UP))
                .map(result -> result.getDetails().get(name)).filter(Objects::nonNull).findFirst().orElse(null);
    }

    @Test
    void aStoppedNumberShowsInAMetricAndInReadinessUntilItGoesOn() {
        try (TestGateway gateway = Flows.gateway(directory).with("whatsapp.alarm.try-again-after", 3000).with(whatsapp).start()) {
            assertThat(gateway.metrics()).contains("whatsapp_numbers_stopped");
            assertThat(metric(gateway)).isZero();
            assertThat(detail(gateway)).isEqualTo(0L);

            whatsapp.graph().fails(190).always();
            Flows.sendText(gateway, Flows.user(), "hello");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(metric(gateway)).isEqualTo(1));
            assertThat(detail(gateway)).isEqualTo(1L);
            assertThat(String.valueOf(detail(gateway, "number.default")))
                    .matches("stopped since \\S+Z until \\S+Z, error 190");
            assertThat(gateway.get(URI.create("http://127.0.0.1:" + gateway.managementPort + "/observe/health/ready")))
                    .as("other numbers still send, and all still receive").satisfies(ready -> {
                        assertThat(ready.statusCode()).isEqualTo(200);
                        assertThat(ready.body()).contains("\"reason\":\"number default is stopped (error 190): nothing is sent there, and nothing is lost.\"",
                                "\"what_to_do\":\"The command numbers");
                    });

            whatsapp.graph().works();
            await().atMost(LIMIT).untilAsserted(() -> assertThat(metric(gateway)).isZero());
            whatsapp.tellsAllStatuses();
            assertThat(detail(gateway, "number.default")).isEqualTo("ok");
        }
    }
}
