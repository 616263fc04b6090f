package io.github.waroutes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.Map;
import java.util.Properties;

import io.github.waroutes.TestClock;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class LocalDeliveryRouteTest extends DeliveryRouteContract {

    @Override
    void configure(DefaultCamelContext context, Properties properties) {
        // no Redis is the default
    }

    @Test
    void beyondItsSizeTheOldestReportIsGivenUp() throws Exception {
        context.stop();
        start(Map.of("whatsapp.delivery-report.size", "2", "whatsapp.delivery-report.timeout", "1000"));
        accepted("one");
        accepted("two");
        accepted("three");
        report(1);
        assertThat(reports).hasSize(2).noneMatch(report -> report.contains("\"outbound_id\":\"one\""));
    }

    @Test
    void unknownOutcomesAreFilesInTheirDirectory() {
        assertThat(directory.resolve("outcomes")).doesNotExist();
        context.getRegistry().lookupByNameAndType("whatsappOutcomes", Outcomes.class).unknown("one", TestClock.START);
        assertThat(Files.exists(directory.resolve("outcomes"))).isTrue();
    }
}
