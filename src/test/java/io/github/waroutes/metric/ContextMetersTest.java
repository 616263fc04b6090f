package io.github.waroutes.metric;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class ContextMetersTest {

    private final SimpleMeterRegistry host = new SimpleMeterRegistry();

    @Test
    void theNextContextOfAHostShowsItsOwnFigures() throws Exception {
        for (int value = 1; value <= 2; value++) {
            int now = value;
            try (CamelContext context = started()) {
                gauge(context, "own", now);
                Counter.builder("whatsapp.counted").register(host).increment();
                assertThat(host.get("whatsapp.gauge").gauge().value()).isEqualTo(now);
            }
            assertThat(host.find("whatsapp.gauge").gauge()).isNull();
        }
        assertThat(host.get("whatsapp.counted").counter().count()).as("what counts goes on").isEqualTo(2);
    }

    @Test
    void theEndOfOneContextLeavesTheMetersOfAnother() throws Exception {
        try (CamelContext stays = started()) {
            gauge(stays, "stays", 1);
            CamelContext ends = started();
            ContextMeters meters = gauge(ends, "ends", 2);
            ends.close();
            assertThat(host.getMeters()).singleElement().satisfies(meter -> assertThat(meter.getId().getTag("of")).isEqualTo("stays"));
            meters.add(Gauge.builder("whatsapp.gauge", () -> 3).tag("of", "late")::register);
            assertThat(host.getMeters()).as("what comes too late is not kept").hasSize(1);
        }
    }

    @Test
    void aContextThatIsStartedAgainHasMetersAgain() throws Exception {
        try (CamelContext context = started()) {
            gauge(context, "own", 1);
            assertThat(ContextMeters.of(context).isNew("key")).isFalse();
            context.stop();
            assertThat(host.getMeters()).isEmpty();
            // Camel's own registry forgets at a stop what was bound, a host's does not
            context.getRegistry().bind("metrics", MeterRegistry.class, host);
            context.start();
            gauge(context, "own", 2);
            assertThat(host.get("whatsapp.gauge").gauge().value()).isEqualTo(2);
        }
        assertThat(host.getMeters()).isEmpty();
    }

    private CamelContext started() {
        CamelContext context = new DefaultCamelContext();
        context.getRegistry().bind("metrics", MeterRegistry.class, host);
        context.start();
        return context;
    }

    private ContextMeters gauge(CamelContext context, String of, int value) {
        ContextMeters meters = ContextMeters.of(context);
        assertThat(ContextMeters.of(context)).isSameAs(meters);
        assertThat(meters.isNew("key")).isTrue();
        meters.add(Gauge.builder("whatsapp.gauge", () -> value).tag("of", of)::register);
        return meters;
    }
}
