package io.github.waroutes.operate;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Counts a webhook whose updates are stored: {@code whatsapp_webhook_updates_total}, and {@code whatsapp_webhook_latency_seconds}, the time
 * from when a worker took the request until the 200, in milliseconds.
 */
public class WebhookMeter implements Processor, CamelContextAware {

    private CamelContext camelContext;
    private volatile Counter updates;
    private volatile Timer latency;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    @Override
    public void process(Exchange exchange) {
        if (latency != null || register()) {
            updates.increment(exchange.getVariable("whatsappUpdates", 0, Integer.class));
            latency.record(exchange.getClock().elapsed(), TimeUnit.MILLISECONDS);
        }
    }

    private boolean register() {
        MeterRegistry registry = camelContext.getRegistry().findByType(MeterRegistry.class).stream().findFirst().orElse(null);
        if (registry != null) {
            updates = Counter.builder("whatsapp.webhook.updates").description("Updates stored").register(registry);
            latency = Timer.builder("whatsapp.webhook.latency").description("From a webhook's arrival to its 200")
                    .serviceLevelObjectives(millis(2), millis(5), millis(10), millis(25), millis(50), millis(100), millis(250), millis(500),
                            millis(1_000), millis(2_500), millis(5_000), millis(10_000))
                    .register(registry);
        }
        return registry != null;
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }
}
