package io.github.waroutes.operate;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.queue.QueueConstants;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;

/**
 * Counts messages that wait, by reason ({@code whatsapp_messages_waits_total}), and what is tried again after a failure, by its retry class
 * ({@code whatsapp_retries_total}).
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
        @SuppressWarnings("unchecked")
        Map<String, Object> memo = exchange.getProperty(QueueConstants.MEMO, Map.class);
        if (memo == null || memo.put("counted-" + reason, true) == null) {
            count(exchange, reason);
        }
    }

    /** A message that was not sent is tried again; the reason is the retry class. */
    public void sendAgain(Exchange exchange) {
        String retryClass = retryClass(exchange);
        count(exchange, retryClass);
        count(new Retry("message", retryClass));
    }

    /** An update whose hop failed is handled again. */
    public void handleAgain(Exchange exchange) {
        count(new Retry("update", retryClass(exchange)));
    }

    private static String retryClass(Exchange exchange) {
        Throwable thrown = Causes.thrown(exchange);
        WhatsAppException failure = Causes.find(WhatsAppException.class, thrown);
        if (failure != null) {
            return failure.getRetryClass().name().toLowerCase(Locale.ROOT);
        }
        return Causes.find(CallNotPermittedException.class, thrown) == null ? "other" : "breaker";
    }

    private void count(Exchange exchange, String reason) {
        MeterRegistry registry = registry();
        if (registry != null) {
            NumberSettings settings = numbers.in(camelContext);
            Wait wait = new Wait(settings == null ? NumberSettings.OTHER : settings.label(exchange),
                    exchange.getMessage().getHeader(OutboundHeaders.TYPE, "unknown", String.class), reason);
            waits.computeIfAbsent(wait, of -> Counter.builder("whatsapp.messages.waits")
                    .tag("number", of.number).tag("type", of.type).tag("reason", of.reason)
                    .description("Messages that wait before they are sent").register(registry)).increment();
        }
    }

    private void count(Retry retry) {
        MeterRegistry registry = registry();
        if (registry != null) {
            retries.computeIfAbsent(retry, again -> Counter.builder("whatsapp.retries")
                    .tag("of", again.of).tag("class", again.retryClass)
                    .description("What is tried again after a failure").register(registry)).increment();
        }
    }

    private MeterRegistry registry() {
        return camelContext.getRegistry().findByType(MeterRegistry.class).stream().findFirst().orElse(null);
    }
}
