package io.github.waroutes.metric;

import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;

/** Where a context's meters are. */
public final class Meters {

    private Meters() {
    }

    /** Null if the application has none, or none yet. */
    public static MeterRegistry of(CamelContext context) {
        return context.getRegistry().findByType(MeterRegistry.class).stream().findFirst().orElse(null);
    }

    /** Whether a bean is the one in use: Camel 4.17 makes the beans of route files twice, and keeps the second. */
    public static boolean isKept(CamelContext context, String name, Object bean) {
        Object kept = context.getRegistry().lookupByName(name);
        return kept == null || kept == bean;
    }
}
