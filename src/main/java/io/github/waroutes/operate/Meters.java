package io.github.waroutes.operate;

import java.util.List;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;

/** Where a context's meters are. */
final class Meters {

    private Meters() {
    }

    /** Null if the application has none, or none yet. */
    static MeterRegistry of(CamelContext context) {
        return context.getRegistry().findByType(MeterRegistry.class).stream().findFirst().orElse(null);
    }

    /**
     * Takes away with the context what reads its objects for each scrape: a registry that lives longer, as a host's does, would keep the whole
     * context in memory, and show its figures for those of the next one, as a second gauge of the same name is the first.
     */
    static void endWith(CamelContext context, MeterRegistry registry) throws Exception {
        context.addService(new ServiceSupport() {
            @Override
            protected void doStop() {
                List<Meter> ours = registry.getMeters().stream()
                        .filter(meter -> meter.getId().getName().startsWith("whatsapp."))
                        .filter(meter -> meter instanceof Gauge || meter instanceof FunctionCounter).toList();
                ours.forEach(registry::remove);
            }
        });
    }

    /** Whether a bean is the one in use: Camel 4.17 makes the beans of route files twice, and keeps the second. */
    static boolean isKept(CamelContext context, String name, Object bean) {
        Object kept = context.getRegistry().lookupByName(name);
        return kept == null || kept == bean;
    }
}
