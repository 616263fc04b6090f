package io.github.waroutes.trace;

import java.net.URI;
import java.util.Set;

import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.telemetry.Span;
import org.apache.camel.telemetry.SpanContextPropagationInjector;

/**
 * The spans of calls to other servers, by OpenTelemetry's conventions for HTTP clients. Of the address only the host is told: paths hold
 * phone number ids and queries hold signatures. Meta is not told the trace; a transcription or understanding server is.
 */
public class HopSpanDecorator extends PlainSpanDecorator {

    static final String COMPONENT = "whatsapp-http";
    private static final Set<String> MAY_CONTINUE = Set.of("transcription", "understanding");

    @Override
    public String getComponent() {
        return COMPONENT;
    }

    @Override
    public String getComponentClassName() {
        return "io.github.waroutes.graph.CheckedConnections";
    }

    @Override
    public String getOperationName(Exchange exchange, Endpoint endpoint) {
        return method(exchange) + ' ' + hop(exchange);
    }

    @Override
    public void beforeTracingEvent(Span span, Exchange exchange, Endpoint endpoint) {
        super.beforeTracingEvent(span, exchange, endpoint);
        span.setTag("http.request.method", method(exchange));
        span.setTag("whatsapp.endpoint", hop(exchange));
        String host = host(exchange, endpoint);
        if (host != null) {
            span.setTag("server.address", host);
        }
    }

    @Override
    public void afterTracingEvent(Span span, Exchange exchange) {
        super.afterTracingEvent(span, exchange);
        Object status = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE);
        if (status instanceof Integer code) {
            span.setTag("http.response.status_code", code.toString());
            if (code >= 400) {
                span.setError(true);
            }
        }
    }

    @Override
    public SpanContextPropagationInjector getInjector(Exchange exchange) {
        return MAY_CONTINUE.contains(hop(exchange)) ? super.getInjector(exchange) : (name, value) -> { };
    }

    private static String method(Exchange exchange) {
        return exchange.getVariable("whatsappMethod", "POST", String.class);
    }

    private static String hop(Exchange exchange) {
        return exchange.getVariable("whatsappEndpoint", "other", String.class);
    }

    private static String host(Exchange exchange, Endpoint endpoint) {
        String address = exchange.getMessage().getHeader(Exchange.HTTP_URI, String.class);
        try {
            return (address == null ? ((HttpEndpoint) endpoint).getHttpUri() : URI.create(address)).getHost();
        } catch (IllegalArgumentException e) {
            // the call will tell
            return null;
        }
    }
}
