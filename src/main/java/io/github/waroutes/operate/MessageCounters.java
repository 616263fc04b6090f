package io.github.waroutes.operate;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.LongStream;

import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.update.UpdateHeaders;
import io.github.waroutes.update.UpdateReader;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import org.apache.camel.Body;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.component.micrometer.MicrometerUtils;

/**
 * Counts what every message passes, in the registry and with the context tag of Camel's micrometer component. That one compiles the name and
 * the tags, and looks its counter up, for each message.
 */
public class MessageCounters implements CamelContextAware {

    private static final Duration[] WEBHOOK_LATENCIES = LongStream.of(2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
            .mapToObj(Duration::ofMillis).toArray(Duration[]::new);

    private final Map<List<String>, Counter> counters = new ConcurrentHashMap<>();
    private final NumberLookup numbers = new NumberLookup();
    private UpdateReader updates = new UpdateReader();
    private CamelContext camelContext;
    private volatile Timer webhooks;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    /** Knows which types of messages there are. */
    public void setUpdates(UpdateReader updates) {
        this.updates = updates;
    }

    /**
     * The updates in the body are stored, and the 200 goes out; {@code whatsapp_webhook_latency_seconds} is the time since a worker took the
     * request, in whole milliseconds.
     */
    public void stored(@Body List<?> updates, Exchange exchange) {
        latency().record(exchange.getClock().elapsed(), TimeUnit.MILLISECONDS);
        counter(List.of("stored"), () -> Counter.builder("whatsapp.webhook.updates").tags(context()).register(meters())).increment(updates.size());
    }

    /** A message of a user is handled. */
    public void received(Exchange exchange) {
        String number = numbers.label(exchange);
        String type = type(exchange);
        counter(List.of("received", number, type), () -> Counter.builder("whatsapp.messages.received").tag("number", number).tag("type", type)
                .tags(context()).register(meters())).increment();
    }

    /** A status is handled. */
    public void status(Exchange exchange) {
        String number = numbers.label(exchange);
        String status = type(exchange);
        counter(List.of("status", number, status), () -> Counter.builder("whatsapp.statuses.received").tag("number", number).tag("status", status)
                .tags(context()).register(meters())).increment();
    }

    /** Meta took a message. */
    public void sent(Exchange exchange) {
        String number = numbers.label(exchange);
        String type = exchange.getMessage().getHeader(OutboundHeaders.TYPE, "unknown", String.class);
        counter(List.of("sent", number, type), () -> Counter.builder("whatsapp.messages.sent").tag("number", number).tag("type", type).tag("status", "success")
                .tags(context()).register(meters())).increment();
    }

    private Timer latency() {
        if (webhooks == null) {
            webhooks = Timer.builder("whatsapp.webhook.latency").description("From a webhook's arrival to its 200")
                    .serviceLevelObjectives(WEBHOOK_LATENCIES).register(meters());
        }
        return webhooks;
    }

    private String type(Exchange exchange) {
        return updates.knownType(exchange.getMessage().getHeader(UpdateHeaders.TYPE, String.class));
    }

    private Counter counter(List<String> series, Supplier<Counter> made) {
        return counters.computeIfAbsent(series, key -> made.get());
    }

    private Tags context() {
        return Tags.of(MicrometerConstants.CAMEL_CONTEXT_TAG, camelContext.getName());
    }

    private MeterRegistry meters() {
        return MicrometerUtils.getOrCreateMeterRegistry(camelContext.getRegistry(), MicrometerConstants.METRICS_REGISTRY_NAME);
    }
}
