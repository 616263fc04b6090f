package io.github.waroutes.metric;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.support.LifecycleStrategySupport;

/**
 * Meters that read a context's objects for each scrape, and end with it. A registry that lives longer, as a host's does, would keep the whole
 * context in memory, and show its figures for those of the next one, as a second gauge of the same name and tags is the first.
 */
public final class ContextMeters extends LifecycleStrategySupport {

    private final CamelContext context;
    private final Map<Meter, MeterRegistry> meters = new ConcurrentHashMap<>();
    private final Set<Object> known = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    private ContextMeters(CamelContext context) {
        this.context = context;
    }

    /** Those of the context. */
    public static ContextMeters of(CamelContext context) {
        return context.getLifecycleStrategies().stream().filter(ContextMeters.class::isInstance).map(ContextMeters.class::cast).findFirst()
                .orElseGet(() -> {
                    ContextMeters added = new ContextMeters(context);
                    context.addLifecycleStrategy(added);
                    return added;
                });
    }

    /** Whether nobody has asked for this key since the context's start. Camel tells of a start again when a route is added. */
    public boolean isNew(Object key) {
        return known.add(key);
    }

    /** @param register registers a meter, as {@code register} of a builder does; not called if the context has no registry */
    public void add(Function<MeterRegistry, ? extends Meter> register) {
        MeterRegistry registry = Meters.of(context);
        if (registry != null) {
            Meter meter = register.apply(registry);
            meters.put(meter, registry);
            if (ended) {
                registry.remove(meter);
            }
        }
    }

    @Override
    public void onContextStarting(CamelContext starting) {
        ended = false;
    }

    @Override
    public void onContextStopped(CamelContext stopped) {
        ended = true;
        meters.forEach((meter, registry) -> registry.remove(meter));
        meters.clear();
        known.clear();
    }
}
