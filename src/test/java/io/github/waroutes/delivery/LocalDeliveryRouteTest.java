package io.github.waroutes.delivery;

import io.github.waroutes.send.Outcomes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.Map;
import java.util.Properties;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.AggregationRepository;
import org.junit.jupiter.api.Test;

class LocalDeliveryRouteTest extends DeliveryRouteContract {

    @Override
    void configure(DefaultCamelContext context, Properties properties) {
        // no Redis is the default
    }

    @Test
    void beyondItsSizeTheOldestReportIsMadeBeforeItsTime() throws Exception {
        context.stop();
        start(Map.of("whatsapp.delivery-report.size", "2", "whatsapp.delivery-report.timeout", "600000"));
        accepted("one");
        accepted("two");
        accepted("three");
        report(0);
        assertThat(reports).singleElement().asString().contains("\"outbound_id\":\"one\"").contains("\"complete\":false");
    }

    @Test
    void ofAReportThatWaitsOnlyItsTextIsInMemory() {
        accepted("one");
        AggregationRepository reports = context.getRegistry().lookupByNameAndType("whatsappDeliveryReports", AggregationRepository.class);
        String key = DeliveryReportKey.key("one");
        Exchange kept = reports.get(context, key);
        assertThat(kept).isNotSameAs(reports.get(context, key));
        assertThat(kept.getProperties()).isEmpty();
        assertThat(kept.getMessage().getHeaders()).isEmpty();
        assertThat(kept.getMessage().getBody()).isInstanceOf(String.class);
    }

    @Test
    void attemptsAreWrittenDownInTheirDirectory() {
        assertThat(directory.resolve("outcomes")).doesNotExist();
        context.getRegistry().lookupByNameAndType("whatsappOutcomes", Outcomes.class).unknown("one", Statuses.NUMBER, null);
        assertThat(Files.exists(directory.resolve("outcomes/attempts"))).isTrue();
    }
}
