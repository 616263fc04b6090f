package io.github.waroutes.operate;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.metric.Meters;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.Retries;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;

/**
 * Counts messages that wait, by reason ({@code whatsapp_messages_waits_total}), and what is tried again after a failure, by its retry class
 * ({@code whatsapp_retries_total}); of those it also notes what failed ({@link QueueConstants#WAIT_ERROR}).
 */
public class WaitCounter implements CamelContextAware {

    private final Map<Wait, Counter> waits = new ConcurrentHashMap<>();
    private final Map<Retry, Counter> retries = new ConcurrentHashMap<>();
    private final NumberLookup numbers = new NumberLookup();
    private CamelContext camelContext;

    private record Wait(String number, String type, String reason) {
    }

    private record Retry(String of, String retryClass) {
    }

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    /** A message must wait before it may be sent; each reason counts once while the message keeps its place. */
    public void waits(Exchange exchange) {
        String reason = exchange.getProperty(QueueConstants.WAIT_REASON, "other", String.class);
        if (Retries.first("counted-" + reason, exchange)) {
            count(exchange, reason);
        }
    }

    /** A message that was not sent is tried again; the reason is the retry class. */
    public void sendAgain(Exchange exchange) {
        String retryClass = failed(exchange);
        count(exchange, retryClass);
        count(new Retry("message", retryClass));
    }

    /** An update whose hop failed is handled again. */
    public void handleAgain(Exchange exchange) {
        count(new Retry("update", failed(exchange)));
    }

    /** The retry class of what failed, which is named on the exchange for an operator. */
    private static String failed(Exchange exchange) {
        Throwable thrown = Causes.thrown(exchange);
        WhatsAppException failure = Causes.find(WhatsAppException.class, thrown);
        if (failure != null) {
            exchange.setProperty(QueueConstants.WAIT_ERROR, failure.getClass().getSimpleName() + (failure.getErrorCode() == null ? "" : " " + failure.getErrorCode()));
            return failure.getRetryClass().name().toLowerCase(Locale.ROOT);
        }
        exchange.setProperty(QueueConstants.WAIT_ERROR, thrown == null ? null : thrown.getClass().getSimpleName());
        return Causes.find(CallNotPermittedException.class, thrown) == null ? "other" : "breaker";
    }

    private void count(Exchange exchange, String reason) {
        MeterRegistry registry = Meters.of(camelContext);
        if (registry != null) {
            Wait wait = new Wait(numbers.label(exchange), exchange.getMessage().getHeader(OutboundHeaders.TYPE, "unknown", String.class), reason);
            waits.computeIfAbsent(wait, of -> Counter.builder("whatsapp.messages.waits")
                    .tag("number", of.number).tag("type", of.type).tag("reason", of.reason)
                    .description("Messages that wait before they are sent").register(registry)).increment();
        }
    }

    private void count(Retry retry) {
        MeterRegistry registry = Meters.of(camelContext);
        if (registry != null) {
            retries.computeIfAbsent(retry, again -> Counter.builder("whatsapp.retries")
                    .tag("of", again.of).tag("class", again.retryClass)
                    .description("What is tried again after a failure").register(registry)).increment();
        }
    }
}
