package io.github.waroutes.trace;

import java.util.Map;

import io.github.waroutes.setting.Libraries;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.spi.CamelTracingService;

/** The span that the calling thread is in, if Camel's OpenTelemetry tracer is on; otherwise there is none, and nothing is done. */
public class Traces implements CamelContextAware {

    private static final CurrentSpan NONE = new CurrentSpan() { };

    private CamelContext camelContext;
    private volatile CurrentSpan current;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    /** The trace's id, 32 hexadecimal digits; null without a trace. */
    public String traceId() {
        return current().traceId();
    }

    /** The span as the W3C's {@code traceparent}; null without a trace. */
    public String traceparent() {
        return current().traceparent();
    }

    /** Links the span to another one; null, and what is no {@code traceparent}, links to nothing. */
    public void link(String traceparent) {
        if (traceparent != null) {
            current().link(traceparent);
        }
    }

    /** Notes in the span that something happened. */
    public void event(String name, Map<String, String> attributes) {
        current().event(name, attributes);
    }

    /** Whether there is a span. */
    public boolean isOn() {
        return current() != NONE;
    }

    private CurrentSpan current() {
        CurrentSpan found = current;
        if (found == null) {
            // a tracer is there before the routes are
            boolean traced = camelContext != null && camelContext.hasService(CamelTracingService.class) != null;
            found = traced && Libraries.isThere("io.opentelemetry.api.trace.Span") ? new OpenTelemetrySpan() : NONE;
            current = found;
        }
        return found;
    }

    interface CurrentSpan {

        default String traceId() {
            return null;
        }

        default String traceparent() {
            return null;
        }

        default void link(String traceparent) {
        }

        default void event(String name, Map<String, String> attributes) {
        }
    }
}
