package io.github.waroutes.trace;

import io.github.waroutes.setting.Libraries;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;

/**
 * With {@code camel.opentelemetry2.enabled} the stand-alone gateway sets up OpenTelemetry for Camel's tracer. Otherwise there is neither a
 * tracer nor an exporter, and the libraries need not be there.
 */
public class Tracing extends MainListenerSupport {

    private OpenTelemetrySetup setup;

    @Override
    public void beforeConfigure(BaseMainSupport main) {
        CamelContext context = main.getCamelContext();
        if (!"true".equals(context.resolvePropertyPlaceholders("{{camel.opentelemetry2.enabled:false}}"))) {
            return;
        }
        Libraries.require("io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk", "camel.opentelemetry2.enabled is true",
                "io.opentelemetry:opentelemetry-sdk-extension-autoconfigure");
        setup = new OpenTelemetrySetup(context);
    }

    @Override
    public void afterConfigure(BaseMainSupport main) {
        if (setup != null) {
            setup.exclude(main.getCamelContext());
        }
    }

    @Override
    public void afterStop(BaseMainSupport main) {
        if (setup != null) {
            setup.close();
            setup = null;
        }
    }
}
