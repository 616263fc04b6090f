package io.github.waroutes.delivery;

import java.util.LinkedHashSet;
import java.util.Set;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.processor.aggregate.AggregateController;
import org.apache.camel.processor.aggregate.MemoryAggregationRepository;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Camel's repository in memory, which has no bound, with one: beyond it the oldest report is made of what is known by then. */
final class LocalDeliveryReports extends MemoryAggregationRepository {

    private static final Logger LOG = LoggerFactory.getLogger(LocalDeliveryReports.class);

    private final int size;
    private final AggregateController control;
    private final Set<String> oldestFirst = new LinkedHashSet<>();
    private boolean warned;

    /** @param control of the aggregator that this is the repository of */
    LocalDeliveryReports(int size, AggregateController control) {
        this.size = size;
        this.control = control;
    }

    @Override
    public synchronized Exchange add(CamelContext context, String key, Exchange exchange) {
        Exchange before = super.add(context, key, exchange);
        oldestFirst.add(key);
        if (oldestFirst.size() > size) {
            // not only out of here: the aggregator remembers each key until its time-out
            control.forceCompletionOfGroup(oldestFirst.iterator().next());
            if (!warned) {
                warned = true;
                LOG.warn("More than {} delivery reports are being collected; the oldest are reported before they are complete. Raise"
                        + " whatsapp.delivery-report.size, shorten whatsapp.delivery-report.timeout, or set whatsapp.redis.url.", size);
            }
        }
        return before;
    }

    @Override
    public synchronized void remove(CamelContext context, String key, Exchange exchange) {
        super.remove(context, key, exchange);
        oldestFirst.remove(key);
    }
}
