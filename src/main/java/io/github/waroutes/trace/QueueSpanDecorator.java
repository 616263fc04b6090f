package io.github.waroutes.trace;

import java.util.Collection;

import io.github.waroutes.queue.QueueComponent;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.queue.QueueEndpoint;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.telemetry.Span;
import org.apache.camel.telemetry.SpanContextPropagationInjector;

/**
 * The spans of the durable queues, by OpenTelemetry's conventions for messaging. The span that stores is left in an exchange property, from
 * which the producer writes it into what it stores; the one that handles is its child, by the header {@code traceparent}.
 */
public class QueueSpanDecorator extends PlainSpanDecorator {

    static final String COMPONENT = "whatsapp-queue";

    @Override
    public String getComponent() {
        return COMPONENT;
    }

    @Override
    public String getComponentClassName() {
        return QueueComponent.class.getName();
    }

    @Override
    public String getOperationName(Exchange exchange, Endpoint endpoint) {
        return operation(exchange, endpoint) + ' ' + queue(endpoint);
    }

    @Override
    public void beforeTracingEvent(Span span, Exchange exchange, Endpoint endpoint) {
        super.beforeTracingEvent(span, exchange, endpoint);
        span.setTag("messaging.system", "activemq");
        span.setTag("messaging.destination.name", queue(endpoint));
        span.setTag("messaging.operation.type", operation(exchange, endpoint));
        if (exchange.getMessage().getBody() instanceof Collection<?> several) {
            span.setTag("messaging.batch.message_count", String.valueOf(several.size()));
        }
    }

    @Override
    public SpanContextPropagationInjector getInjector(Exchange exchange) {
        return (name, value) -> {
            if (QueueConstants.TRACEPARENT.equals(name)) {
                exchange.setProperty(QueueConstants.TRACEPARENT, value);
            }
        };
    }

    private static String operation(Exchange exchange, Endpoint endpoint) {
        return exchange.getFromEndpoint() == endpoint ? "process" : "send";
    }

    private static String queue(Endpoint endpoint) {
        return ((QueueEndpoint) endpoint).getQueue();
    }
}
