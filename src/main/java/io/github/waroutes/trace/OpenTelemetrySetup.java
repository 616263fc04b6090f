package io.github.waroutes.trace;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Logger;

import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import org.apache.camel.CamelContext;
import org.apache.camel.telemetry.Tracer;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** OpenTelemetry's SDK, set up by the standard {@code OTEL_…} variables, or {@code otel.…} properties of our configuration, for Camel's tracer. */
final class OpenTelemetrySetup implements AutoCloseable {

    /** What OpenTelemetry is told unless the configuration says otherwise. Baggage is not carried on: it may hold people's data. */
    private static final Map<String, String> DEFAULTS = Map.of(
            "otel.service.name", "whatsapp-cloud-routes",
            "otel.exporter.otlp.protocol", "http/protobuf",
            "otel.propagators", "tracecontext",
            "otel.metrics.exporter", "none",
            "otel.logs.exporter", "none");
    /** Spans about counting and looking. */
    private static final String EXCLUDED = "micrometer:*,bean:*,whatsapp-management:*";
    /** A field, as loggers that nothing refers to are collected, with their settings. */
    private static final Logger LOGGER = Logger.getLogger("io.opentelemetry");

    private final OpenTelemetrySdk sdk;

    OpenTelemetrySetup(CamelContext context) {
        logAsOthersDo();
        Map<String, String> properties = new LinkedHashMap<>(DEFAULTS);
        context.getPropertiesComponent().loadProperties(name -> name.startsWith("otel.")).stringPropertyNames()
                .forEach(name -> properties.put(name, context.resolvePropertyPlaceholders("{{" + name + "}}")));
        try {
            sdk = AutoConfiguredOpenTelemetrySdk.builder().disableShutdownHook()
                    .addPropertiesSupplier(() -> properties)
                    .addSpanExporterCustomizer((exporter, config) -> new TraceExporter(exporter))
                    .build().getOpenTelemetrySdk();
        } catch (RuntimeException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw new IllegalStateException("camel.opentelemetry2.enabled is true, and OpenTelemetry cannot be set up: " + cause.getMessage()
                    + ". Correct the otel.… property or OTEL_… variable that this is about (docs/operate.md).", e);
        }
        context.getRegistry().bind("whatsappTracer", sdk.getTracer("whatsapp-cloud-routes"));
        context.getRegistry().bind("whatsappTracePropagators", ContextPropagators.class, sdk.getPropagators());
    }

    /** Leaves out what is not worth a span. In no file of defaults: Camel Main makes a tracer as soon as one of its options is set. */
    void exclude(CamelContext context) {
        Tracer tracer = context.hasService(Tracer.class);
        if (tracer != null && tracer.getExcludePatterns() == null) {
            tracer.setExcludePatterns(EXCLUDED);
        }
    }

    /** OpenTelemetry logs through java.util.logging: plain text, with stack traces, on standard error. */
    private static void logAsOthersDo() {
        if (LOGGER.getUseParentHandlers()) {
            LOGGER.setUseParentHandlers(false);
            LOGGER.addHandler(new SLF4JBridgeHandler());
        }
    }

    /** Sends what is left, for ten seconds at most. */
    @Override
    public void close() {
        sdk.close();
    }
}
