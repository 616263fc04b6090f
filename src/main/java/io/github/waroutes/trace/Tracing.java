package io.github.waroutes.trace;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Logger;

import io.github.waroutes.setting.Libraries;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * With {@code camel.opentelemetry2.enabled} the stand-alone gateway sets up OpenTelemetry for Camel's tracer, by the standard
 * {@code OTEL_…} variables, or {@code otel.…} properties of its own configuration. Otherwise there is neither a tracer nor an exporter.
 */
public class Tracing extends MainListenerSupport {

    /** What OpenTelemetry is told unless the configuration says otherwise. Baggage is not carried on: it may hold people's data. */
    private static final Map<String, String> DEFAULTS = Map.of(
            "otel.service.name", "whatsapp-cloud-routes",
            "otel.exporter.otlp.protocol", "http/protobuf",
            "otel.propagators", "tracecontext",
            "otel.metrics.exporter", "none",
            "otel.logs.exporter", "none");

    /** A field, as loggers that nothing refers to are collected, with their settings. */
    private static final Logger LOGGER = Logger.getLogger("io.opentelemetry");

    private OpenTelemetrySdk sdk;

    @Override
    public void beforeConfigure(BaseMainSupport main) {
        CamelContext context = main.getCamelContext();
        if (!"true".equals(context.resolvePropertyPlaceholders("{{camel.opentelemetry2.enabled:false}}"))) {
            return;
        }
        Libraries.require("io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk", "camel.opentelemetry2.enabled is true",
                "io.opentelemetry:opentelemetry-sdk-extension-autoconfigure");
        Map<String, String> properties = new LinkedHashMap<>(DEFAULTS);
        context.getPropertiesComponent().loadProperties(name -> name.startsWith("otel.")).stringPropertyNames()
                .forEach(name -> properties.put(name, context.resolvePropertyPlaceholders("{{" + name + "}}")));
        logAsOthersDo();
        try {
            sdk = AutoConfiguredOpenTelemetrySdk.builder().disableShutdownHook()
                    .addPropertiesSupplier(() -> properties)
                    .addSpanExporterCustomizer((exporter, config) -> new TraceExporter(exporter))
                    .build().getOpenTelemetrySdk();
        } catch (RuntimeException e) {
            throw new IllegalStateException("Traces are switched on by camel.opentelemetry2.enabled, and OpenTelemetry cannot be set up: "
                    + e.getMessage() + ". Correct the otel.… property or OTEL_… variable that this names (docs/operate.md).", e);
        }
        context.getRegistry().bind("whatsappTracer", sdk.getTracer("whatsapp-cloud-routes"));
        context.getRegistry().bind("whatsappTracePropagators", ContextPropagators.class, sdk.getPropagators());
    }

    /** OpenTelemetry logs through java.util.logging: plain text, with stack traces, on standard error. */
    private static void logAsOthersDo() {
        if (LOGGER.getUseParentHandlers()) {
            LOGGER.setUseParentHandlers(false);
            LOGGER.addHandler(new SLF4JBridgeHandler());
        }
    }

    @Override
    public void afterStop(BaseMainSupport main) {
        if (sdk != null) {
            // sends what is left, for ten seconds at most
            sdk.close();
            sdk = null;
        }
    }
}
