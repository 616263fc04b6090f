package io.github.waroutes.operate;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.support.LifecycleStrategySupport;

/**
 * Meters that read a context's objects for each scrape, and end with it. A registry that lives longer, as a host's does, would keep the whole
 * context in memory, and show its figures for those of the next one, as a second gauge of the same name and tags is the first.
 */
final class ContextMeters extends LifecycleStrategySupport {

    private final MeterRegistry registry;
    private final Set<Meter> meters = ConcurrentHashMap.newKeySet();
    private final Set<Object> owners = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    private ContextMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Those of the context, which has at least one registry. */
    static ContextMeters of(CamelContext context) {
        return context.getLifecycleStrategies().stream().filter(ContextMeters.class::isInstance).map(ContextMeters.class::cast).findFirst()
                .orElseGet(() -> {
                    ContextMeters added = new ContextMeters(Meters.of(context));
                    context.addLifecycleStrategy(added);
                    return added;
                });
    }

    MeterRegistry registry() {
        return registry;
    }

    /** Whether somebody has to add meters: once for each start of the context. Camel tells of a start again when a route is added. */
    boolean begins(Object owner) {
        ended = false;
        return owners.add(owner);
    }

    void add(Meter meter) {
        meters.add(meter);
        if (ended) {
            registry.remove(meter);
        }
    }

    @Override
    public void onContextStopped(CamelContext context) {
        ended = true;
        meters.forEach(registry::remove);
        meters.clear();
        owners.clear();
    }
}
