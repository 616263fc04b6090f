package io.github.waroutes.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.opentelemetry2.OpenTelemetryTracer;
import org.junit.jupiter.api.Test;

class TracesTest {

    private static final String OTHER = "00-11112222333344445555666677778888-aaaabbbbccccdddd-01";

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final Tracer tracer = OpenTelemetrySdk.builder().setTracerProvider(SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(spans)).build()).build().getTracer("test");
    private final CamelContext context = new DefaultCamelContext();
    private final Traces traces = new Traces();

    private void inASpan(Runnable runnable) {
        Span span = tracer.spanBuilder("span").startSpan();
        try (Scope scope = span.makeCurrent()) {
            assertThat(scope).isNotNull();
            runnable.run();
        } finally {
            span.end();
        }
    }

    @Test
    void withoutATracerThereIsNothing() {
        traces.setCamelContext(context);
        inASpan(() -> {
            traces.link(OTHER);
            traces.event("whatsapp.message.noted", Map.of());
            assertThat(traces.isOn()).isFalse();
            assertThat(traces.traceId()).isNull();
            assertThat(traces.traceparent()).isNull();
        });
        assertThat(spans.getFinishedSpanItems().get(0).getLinks()).isEmpty();
        assertThat(spans.getFinishedSpanItems().get(0).getEvents()).isEmpty();
        assertThat(new Traces().isOn()).as("without a context").isFalse();
    }

    @Test
    void withCamelsTracerItIsTheThreadsSpan() {
        context.getRegistry().bind("tracer", Tracer.class, tracer);
        context.getRegistry().bind("propagators", ContextPropagators.class, ContextPropagators.noop());
        new OpenTelemetryTracer().init(context);
        traces.setCamelContext(context);
        assertThat(traces.isOn()).isTrue();
        assertThat(traces.traceId()).as("outside of a span").isNull();
        inASpan(() -> {
            assertThat(traces.traceparent()).startsWith("00-" + traces.traceId() + '-' + Span.current().getSpanContext().getSpanId());
            traces.link(OTHER);
            traces.link("00-nonsense");
            traces.link(null);
            traces.event("whatsapp.message.noted", Map.of("error.code", "131026"));
        });
        assertThat(spans.getFinishedSpanItems().get(0).getLinks()).singleElement()
                .satisfies(link -> assertThat(link.getSpanContext().getTraceId()).isEqualTo("11112222333344445555666677778888"));
        assertThat(spans.getFinishedSpanItems().get(0).getEvents()).singleElement()
                .satisfies(event -> assertThat(event.getName()).isEqualTo("whatsapp.message.noted"));
    }
}
