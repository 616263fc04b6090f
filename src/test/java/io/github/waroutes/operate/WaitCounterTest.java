package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.queue.QueueConstants;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class WaitCounterTest {

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final WaitCounter counter = new WaitCounter();
    private final Map<String, Object> memo = new HashMap<>();

    WaitCounterTest() {
        context.getRegistry().bind("metrics", MeterRegistry.class, meters);
        counter.setCamelContext(context);
    }

    private Exchange exchange(String reason, Throwable failure) {
        Exchange exchange = new DefaultExchange(context);
        exchange.setProperty(QueueConstants.MEMO, memo);
        exchange.setProperty(QueueConstants.WAIT_REASON, reason);
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure);
        exchange.getMessage().setHeader("WhatsAppOutboundType", "text");
        return exchange;
    }

    private double waits(String reason) {
        return meters.get("whatsapp.messages.waits").tags("number", "other", "type", "text", "reason", reason).counter().count();
    }

    private double retries(String of, String retryClass) {
        return meters.get("whatsapp.retries").tags("of", of, "class", retryClass).counter().count();
    }

    @Test
    void aMessageThatAsksAgainAndAgainWaitsOnceForEachReason() {
        for (int ask = 0; ask < 3; ask++) {
            counter.waits(exchange("limit", null));
        }
        counter.waits(exchange("number", null));
        assertThat(waits("limit")).isEqualTo(1);
        assertThat(waits("number")).isEqualTo(1);
    }

    @Test
    void eachTryAfterAFailureCountsByItsClass() {
        WhatsAppException throttle = new WhatsAppException(ErrorDetails.builder("slower").retryClass(RetryClass.THROTTLE).build());
        counter.sendAgain(exchange(null, throttle));
        counter.sendAgain(exchange(null, throttle));
        counter.sendAgain(exchange(null, CallNotPermittedException.createCallNotPermittedException(CircuitBreaker.ofDefaults("graph"))));
        counter.handleAgain(exchange(null, throttle));
        assertThat(waits("throttle")).isEqualTo(2);
        assertThat(retries("message", "throttle")).isEqualTo(2);
        assertThat(retries("message", "breaker")).isEqualTo(1);
        assertThat(retries("update", "throttle")).isEqualTo(1);
    }

    @Test
    void withoutMetersNothingFails() {
        counter.setCamelContext(new DefaultCamelContext());
        counter.waits(exchange("limit", null));
        counter.handleAgain(exchange(null, new IllegalStateException()));
        assertThat(meters.getMeters()).isEmpty();
    }
}
