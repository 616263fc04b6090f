package io.github.waroutes.api;

import java.util.Locale;
import java.util.Set;

import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/**
 * Which HTTP headers reach the routes of the API, and which leave them. Camel's own filter keeps {@code Cache-Control} and
 * {@code Connection} from an answer (Camel 4.17.0, {@code HttpUtil.addCommonFilters}); here both are ours to say.
 */
public class ApiHeaderFilter implements HeaderFilterStrategy {

    private static final Set<String> IN = Set.of("authorization", "content-length", "content-type", "idempotency-key", "traceparent", "x-filename",
            "x-whatsapp-number", "x-whatsapp-phone-number-id");
    private static final Set<String> OUT = Set.of("allow", "cache-control", "connection", "location", "retry-after",
            "www-authenticate", "x-content-type-options");

    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        return !OUT.contains(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return !IN.contains(name.toLowerCase(Locale.ROOT));
    }
}
