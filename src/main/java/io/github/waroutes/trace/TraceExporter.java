package io.github.waroutes.trace;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.github.waroutes.error.Masking;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.DelegatingSpanData;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.opentelemetry.sdk.trace.export.SpanExporter;

/**
 * Lets only what is known to be nobody's leave the process: of what Camel's decorators put into spans, the addresses of endpoints may hold
 * a user's number, a query a token, and an exception's message or a line of a log anything. Names and kinds are those of OpenTelemetry's
 * conventions.
 */
final class TraceExporter implements SpanExporter {

    /** Camel's name of an attribute, and the name that it leaves under. */
    private static final Map<String, String> KEPT = Map.of(
            "http.method", "http.request.method",
            "http.status_code", "http.response.status_code");
    private static final Set<String> NUMBERS = Set.of("http.response.status_code", "messaging.batch.message_count");
    private static final Set<String> KEPT_AS_THEY_ARE = Set.of("component", "op", "error", "error.type", "error.code", "messaging.system",
            "messaging.destination.name", "messaging.operation.type", "messaging.batch.message_count", "http.request.method",
            "http.response.status_code", "whatsapp.endpoint");
    private static final AttributeKey<String> COMPONENT = AttributeKey.stringKey("component");
    private static final AttributeKey<String> OP = AttributeKey.stringKey("op");
    private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
    private static final AttributeKey<String> ADDRESS = AttributeKey.stringKey("server.address");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
    private static final String HTTP_SERVER = "camel-platform-http";
    private static final String QUEUE = "camel-" + QueueSpanDecorator.COMPONENT;
    private static final String HOP = "camel-" + HopSpanDecorator.COMPONENT;

    private final SpanExporter next;

    TraceExporter(SpanExporter next) {
        this.next = next;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        return next.export(spans.stream().<SpanData>map(Kept::new).toList());
    }

    @Override
    public CompletableResultCode flush() {
        return next.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return next.shutdown();
    }

    @Override
    public String toString() {
        return next.toString();
    }

    private static final class Kept extends DelegatingSpanData {

        private final Attributes attributes;
        private final List<EventData> events;
        private final String name;

        private Kept(SpanData span) {
            super(span);
            AttributesBuilder builder = kept(span.getAttributes()).toBuilder();
            String component = span.getAttributes().get(COMPONENT);
            if (HOP.equals(component) && span.getAttributes().get(ADDRESS) != null) {
                // of ours it is a host; Camel's own decorators say a whole address
                builder.put(ADDRESS, span.getAttributes().get(ADDRESS));
            }
            String said = span.getName();
            // the path as it is configured, with the names of what is in it
            String path = span.getAttributes().get(PATH);
            if (HTTP_SERVER.equals(component) && path != null) {
                builder.put(ROUTE, '/' + path);
                said += " /" + path;
            }
            attributes = builder.build();
            name = Masking.text(said);
            events = span.getEvents().stream()
                    .map(event -> EventData.create(event.getEpochNanos(), event.getName(), kept(event.getAttributes()))).toList();
        }

        private static Attributes kept(Attributes from) {
            AttributesBuilder builder = Attributes.builder();
            from.forEach((key, value) -> {
                String name = KEPT.getOrDefault(key.getKey(), key.getKey());
                if (NUMBERS.contains(name)) {
                    builder.put(name, Long.parseLong(value.toString()));
                } else if (KEPT_AS_THEY_ARE.contains(name)) {
                    builder.put(name, Masking.text(value.toString()));
                }
            });
            return builder.build();
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public SpanKind getKind() {
            boolean received = "EVENT_RECEIVED".equals(getAttributes().get(OP));
            return switch (String.valueOf(getAttributes().get(COMPONENT))) {
                case HTTP_SERVER -> received ? SpanKind.SERVER : SpanKind.INTERNAL;
                case QUEUE -> received ? SpanKind.CONSUMER : SpanKind.PRODUCER;
                case HOP -> SpanKind.CLIENT;
                default -> SpanKind.INTERNAL;
            };
        }

        @Override
        public Attributes getAttributes() {
            return attributes;
        }

        @Override
        public int getTotalAttributeCount() {
            return attributes.size();
        }

        @Override
        public List<EventData> getEvents() {
            return events;
        }

        @Override
        public StatusData getStatus() {
            return StatusData.create(super.getStatus().getStatusCode(), "");
        }
    }
}
