package io.github.waroutes.delivery;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.processor.aggregate.AggregateController;
import org.apache.camel.spi.AggregationRepository;
import org.apache.camel.support.DefaultExchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps of each report in this process no more than its text, about 400 bytes; Camel's repository in memory keeps whole exchanges, of 3 kB,
 * and as many as come. Beyond the bound the oldest report is made of what is known by then.
 */
final class LocalDeliveryReports implements AggregationRepository {

    private static final Logger LOG = LoggerFactory.getLogger(LocalDeliveryReports.class);

    private final int size;
    private final AggregateController control;
    private final Map<String, String> oldestFirst = new LinkedHashMap<>();
    private boolean warned;

    /** @param control of the aggregator that this is the repository of */
    LocalDeliveryReports(int size, AggregateController control) {
        this.size = size;
        this.control = control;
    }

    @Override
    public synchronized Exchange add(CamelContext context, String key, Exchange exchange) {
        String before = oldestFirst.put(key, DeliveryReportStrategy.collected(exchange).toJson());
        if (oldestFirst.size() > size) {
            // not only out of here: the aggregator remembers each key until its time-out
            control.forceCompletionOfGroup(oldestFirst.keySet().iterator().next());
            if (!warned) {
                warned = true;
                LOG.warn("More than {} delivery reports are being collected; the oldest are reported before they are complete. Raise"
                        + " whatsapp.delivery-report.size, shorten whatsapp.delivery-report.timeout, or set whatsapp.redis.url.", size);
            }
        }
        return exchange(context, before);
    }

    @Override
    public synchronized Exchange get(CamelContext context, String key) {
        return exchange(context, oldestFirst.get(key));
    }

    private static Exchange exchange(CamelContext context, String text) {
        if (text == null) {
            return null;
        }
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(text);
        return exchange;
    }

    @Override
    public synchronized void remove(CamelContext context, String key, Exchange exchange) {
        oldestFirst.remove(key);
    }

    @Override
    public void confirm(CamelContext context, String exchangeId) {
        // a report that was taken out is gone
    }

    @Override
    public synchronized Set<String> getKeys() {
        return Set.copyOf(oldestFirst.keySet());
    }
}
