package io.github.waroutes.trace;

import io.github.waroutes.error.Causes;
import io.github.waroutes.error.WhatsAppException;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.telemetry.Span;
import org.apache.camel.telemetry.decorators.AbstractSpanDecorator;

/** Says of a call which component made it and how it failed, where Camel's own decorators say addresses and exceptions' messages. */
abstract class PlainSpanDecorator extends AbstractSpanDecorator {

    @Override
    public void beforeTracingEvent(Span span, Exchange exchange, Endpoint endpoint) {
        span.setComponent("camel-" + getComponent());
    }

    @Override
    public void afterTracingEvent(Span span, Exchange exchange) {
        if (exchange.isFailed()) {
            span.setError(true);
            Exception failure = exchange.getException();
            WhatsAppException known = Causes.find(WhatsAppException.class, failure);
            if (failure != null) {
                span.setTag("error.type", (known == null ? failure : known).getClass().getName());
            }
        }
    }
}
