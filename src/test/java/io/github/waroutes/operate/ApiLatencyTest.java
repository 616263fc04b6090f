package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class ApiLatencyTest {

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final ApiLatency latency = new ApiLatency();

    private Exchange exchange(MeterRegistry registry) {
        if (registry != null) {
            context.getRegistry().bind("metrics", MeterRegistry.class, registry);
        }
        latency.setCamelContext(context);
        return new DefaultExchange(context);
    }

    private void stop(String endpoint, String method, Exchange exchange) {
        exchange.setVariable("whatsappEndpoint", endpoint);
        exchange.setVariable("whatsappMethod", method);
        latency.stop(exchange);
    }

    @Test
    void aCallIsTimedByEndpointAndMethod() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Exchange exchange = exchange(registry);
        latency.start(exchange);
        stop("messages", "POST", exchange);

        Timer timer = registry.find("whatsapp.api.latency").tags("endpoint", "messages", "method", "POST").timer();
        assertThat(timer).isNotNull();
        assertThat(timer.count()).isEqualTo(1);
        assertThat(timer.totalTime(TimeUnit.NANOSECONDS)).isPositive();
    }

    @Test
    void aStopWithoutAStartAndASecondStopRecordNothing() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Exchange exchange = exchange(registry);
        stop("messages", "POST", exchange);
        assertThat(registry.getMeters()).isEmpty();

        latency.start(exchange);
        stop("messages", "POST", exchange);
        stop("messages", "POST", exchange);
        assertThat(registry.get("whatsapp.api.latency").timer().count()).isEqualTo(1);
    }

    @Test
    void theTimerIsAHistogramFromFiveMillisecondsToAMinute() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Exchange exchange = exchange(registry);
        latency.start(exchange);
        stop("media", "GET", exchange);

        assertThat(registry.scrape()).contains("whatsapp_api_latency_seconds_bucket{endpoint=\"media\",method=\"GET\",le=\"0.005\"}");
        double[] bounds = Arrays.stream(registry.get("whatsapp.api.latency").timer().takeSnapshot().histogramCounts())
                .mapToDouble(bucket -> bucket.bucket(TimeUnit.SECONDS)).toArray();
        assertThat(bounds).hasSizeGreaterThan(20);
        assertThat(bounds[0]).isEqualTo(Duration.ofMillis(5).toNanos() / 1e9);
    }

    @Test
    void withoutARegistryNothingIsTimedAndNothingFails() {
        Exchange exchange = exchange(null);
        latency.start(exchange);
        assertThatCode(() -> stop("messages", "POST", exchange)).doesNotThrowAnyException();
    }
}
