package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class MetersTest {

    private final SimpleMeterRegistry host = new SimpleMeterRegistry();

    @Test
    void theNextContextOfAHostShowsItsOwnFigures() throws Exception {
        Gauge.builder("jvm.something", () -> 7).register(host);
        run(1);
        assertThat(host.getMeters()).extracting(meter -> meter.getId().getName()).containsExactlyInAnyOrder("jvm.something", "whatsapp.counted");
        run(2);
        assertThat(host.get("whatsapp.counted").counter().count()).as("what counts goes on").isEqualTo(2);
    }

    private void run(int value) throws Exception {
        AtomicInteger source = new AtomicInteger(value);
        try (CamelContext context = new DefaultCamelContext()) {
            context.start();
            Meters.endWith(context, host);
            Gauge.builder("whatsapp.gauge", source::get).register(host);
            FunctionCounter.builder("whatsapp.function", source, AtomicInteger::get).register(host);
            Counter.builder("whatsapp.counted").register(host).increment();
            assertThat(host.get("whatsapp.gauge").gauge().value()).isEqualTo(value);
            assertThat(host.get("whatsapp.function").functionCounter().count()).isEqualTo(value);
        }
    }
}
