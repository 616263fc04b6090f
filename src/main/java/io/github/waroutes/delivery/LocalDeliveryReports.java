package io.github.waroutes.delivery;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.processor.aggregate.MemoryAggregationRepository;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Camel's repository in memory, which has no bound, with one: beyond it the oldest report is given up. */
final class LocalDeliveryReports extends MemoryAggregationRepository {

    private static final Logger LOG = LoggerFactory.getLogger(LocalDeliveryReports.class);

    private final int size;
    private final Set<String> oldestFirst = new LinkedHashSet<>();
    private boolean warned;

    LocalDeliveryReports(int size) {
        this.size = size;
    }

    @Override
    public synchronized Exchange add(CamelContext context, String key, Exchange exchange) {
        Exchange before = super.add(context, key, exchange);
        oldestFirst.add(key);
        if (oldestFirst.size() > size) {
            Iterator<String> keys = oldestFirst.iterator();
            String oldest = keys.next();
            keys.remove();
            super.remove(context, oldest, get(context, oldest));
            if (!warned) {
                warned = true;
                LOG.warn("More than {} delivery reports are being collected; the oldest are given up. Raise"
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
