package io.github.waroutes.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.testing.trace.TestSpanData;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import org.junit.jupiter.api.Test;

class TraceExporterTest {

    private final InMemorySpanExporter left = InMemorySpanExporter.create();

    private SpanData exported(String name, Attributes attributes, EventData... events) {
        left.reset();
        new TraceExporter(left).export(List.of(TestSpanData.builder().setName(name).setKind(SpanKind.INTERNAL).setStartEpochNanos(1).setEndEpochNanos(2)
                .setHasEnded(true).setStatus(StatusData.error()).setAttributes(attributes).setEvents(List.of(events)).build()));
        return left.getFinishedSpanItems().get(0);
    }

    @Test
    void whatCamelKnowsOfARequestIsItsRouteAndItsResult() {
        SpanData span = exported("GET", Attributes.builder().put("component", "camel-platform-http").put("op", "EVENT_RECEIVED").put("url.path", "api/messages/{id}")
                .put("http.method", "GET").put("http.status_code", "200").put("http.url", "http://shop/api/messages/wamid.abc?access_token=x")
                .put("camel.uri", "platform-http://x?y=z").put("server.address", "http:0.0.0.0:8080/x").put("url.query", "a=b").build());
        assertThat(span.getName()).isEqualTo("GET /api/messages/{id}");
        assertThat(span.getKind()).isEqualTo(SpanKind.SERVER);
        assertThat(span.getAttributes()).isEqualTo(Attributes.builder().put("component", "camel-platform-http").put("op", "EVENT_RECEIVED")
                .put("http.request.method", "GET").put("http.response.status_code", 200).put("http.route", "/api/messages/{id}").build());
    }

    @Test
    void ofAHopTheHostIsKeptAsItIs() {
        SpanData span = exported("POST transcription", Attributes.builder().put("component", "camel-whatsapp-http").put("server.address", "10.200.100.150").build());
        assertThat(span.getKind()).isEqualTo(SpanKind.CLIENT);
        assertThat(span.getAttributes().asMap().values()).contains("10.200.100.150");
    }

    @Test
    void aNumberInANameIsMaskedAndWhatWasSaidIsGone() {
        SpanData span = exported("shop-15555550101", Attributes.builder().put("component", "camel-direct").put("exception.message", "Kim").build(),
                EventData.create(3, "log", Attributes.builder().put("message", "Kim wrote").put("error.code", "131026").build()));
        assertThat(span.getName()).doesNotContain("15555550101");
        assertThat(span.getAttributes().asMap()).hasSize(1);
        assertThat(span.getEvents()).singleElement().satisfies(event -> assertThat(event.getAttributes()).isEqualTo(Attributes.builder().put("error.code", "131026").build()));
    }
}
