package io.github.waroutes.operate;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.waroutes.metric.Meters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;

/**
 * Times calls to other servers: {@code whatsapp_api_latency_seconds{endpoint,method}}, a histogram, so that P50, P95 and P99
 * come out of {@code histogram_quantile}. The micrometer component's own timer has no buckets.
 */
public class ApiLatency implements CamelContextAware {

    private static final String STARTED = "whatsappCallStarted";

    private final Map<String, Timer> timers = new ConcurrentHashMap<>();
    private CamelContext camelContext;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    /** Notes that a call begins. */
    public void start(Exchange exchange) {
        exchange.setProperty(STARTED, System.nanoTime());
    }

    /**
     * Records the call's time, whether it succeeded or not, under the call's name (variable {@code whatsappEndpoint}) and its
     * HTTP method (variable {@code whatsappMethod}, POST without one).
     */
    public void stop(Exchange exchange) {
        String endpoint = exchange.getVariable("whatsappEndpoint", "other", String.class);
        String method = exchange.getVariable("whatsappMethod", "POST", String.class);
        Long started = (Long) exchange.removeProperty(STARTED);
        if (started != null) {
            Timer timer = timers.computeIfAbsent(endpoint + ' ' + method, key -> timer(endpoint, method));
            if (timer != null) {
                timer.record(Duration.ofNanos(System.nanoTime() - started));
            }
        }
    }

    private Timer timer(String endpoint, String method) {
        MeterRegistry registry = Meters.of(camelContext);
        return registry == null
                ? null
                : Timer.builder("whatsapp.api.latency")
                        .description("Time of a call to another server")
                        .tag("endpoint", endpoint)
                        .tag("method", method)
                        .publishPercentileHistogram()
                        .minimumExpectedValue(Duration.ofMillis(5))
                        .maximumExpectedValue(Duration.ofSeconds(60))
                        .register(registry);
    }
}
