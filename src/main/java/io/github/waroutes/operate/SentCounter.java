package io.github.waroutes.operate;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberSettings;
import io.micrometer.core.instrument.Counter;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.component.micrometer.MicrometerUtils;

/**
 * Counts the messages that Meta took: {@code whatsapp_messages_sent_total{number,type,status="success"}}, in the registry and with the context
 * tag of Camel's micrometer component. That one compiles the name and the tags, and looks its counter up, for each message.
 */
public class SentCounter implements Processor, CamelContextAware {

    private final Map<Series, Counter> counters = new ConcurrentHashMap<>();
    private final NumberLookup numbers = new NumberLookup();
    private CamelContext camelContext;

    private record Series(String number, String type) {
    }

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
        String type = exchange.getMessage().getHeader(OutboundHeaders.TYPE, "unknown", String.class);
        NumberSettings settings = numbers.in(camelContext);
        String number = settings == null ? NumberSettings.OTHER : settings.label(exchange);
        counters.computeIfAbsent(new Series(number, type), this::counter).increment();
    }

    private Counter counter(Series of) {
        return Counter.builder("whatsapp.messages.sent")
                .tag("number", of.number)
                .tag("type", of.type)
                .tag("status", "success")
                .tag(MicrometerConstants.CAMEL_CONTEXT_TAG, camelContext.getName())
                .register(MicrometerUtils.getOrCreateMeterRegistry(camelContext.getRegistry(), MicrometerConstants.METRICS_REGISTRY_NAME));
    }
}
