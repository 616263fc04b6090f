package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;

import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports that are collected have a bound in the whole gateway, where beans come from many files. */
@WhatsAppSimulator(statusDelay = 600_000)
class ReportBoundFlowTest {

    @TempDir
    Path directory;

    @Test
    void beyondItTheOldestReportIsMadeAtOnce(SimulatedWhatsApp whatsapp) {
        try (TestGateway gateway = Flows.gateway(directory).with(whatsapp).with("whatsapp.delivery-report.size", 1).start();
                LogCapture log = new LogCapture("whatsapp")) {
            Flows.sendText(gateway, Flows.user(), "first");
            Flows.awaitQuiet(gateway);
            assertThat(log.named("whatsapp.delivery.report")).isEmpty();
            Flows.sendText(gateway, Flows.user(), "second");
            await().atMost(LIMIT).untilAsserted(() -> assertThat(log.named("whatsapp.delivery.report")).hasSize(1));
        }
    }
}
