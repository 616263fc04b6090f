package io.github.waroutes.error;

import java.util.Set;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.resilience4j.ResilienceProcessor;

/**
 * What the error policy asks about a failure. The typed exception is looked for behind wrappers, as a bean that was called in
 * an expression throws one. Tries are counted in exchange properties: Camel keeps its own count in a header, which every
 * route that wipes headers loses, and with it the end of the retries.
 */
public class Retries implements CamelContextAware {

    /** The id of the circuit breaker in the route that calls the Graph API. */
    private static final String BREAKER = "graph-breaker";
    private static final String COUNT = "WhatsAppRetries.";
    private static final Set<String> OPEN = Set.of("OPEN", "FORCED_OPEN", "HALF_OPEN");

    private CamelContext camelContext;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    /** The other side asks for patience. */
    public boolean throttled(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        return failure != null && failure.getRetryClass() == RetryClass.THROTTLE;
    }

    /** The other side is down or slow, or the breaker says so without asking it. */
    public boolean passing(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        return failure != null ? failure.getRetryClass() == RetryClass.TRANSIENT
                : Causes.thrown(exchange) instanceof CallNotPermittedException;
    }

    /** The request may have been carried out. */
    public boolean outcomeUnknown(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        return failure != null && failure.isOutcomeUnknown();
    }

    /** The request was not carried out, and the breaker says that this is not this message's fault. */
    public boolean graphDown(Exchange exchange) {
        return passing(exchange) && !outcomeUnknown(exchange) && isOpen();
    }

    /**
     * True until it was asked so many times on this exchange.
     *
     * @param kind counted on its own, as in {@code throttled}
     * @param most how many retries there may be
     */
    public boolean again(String kind, int most, Exchange exchange) {
        int count = exchange.getProperty(COUNT + kind, 0, Integer.class);
        exchange.setProperty(COUNT + kind, count + 1);
        return count < most;
    }

    private boolean isOpen() {
        Processor processor = camelContext.getProcessor(BREAKER);
        return processor instanceof ResilienceProcessor graph && OPEN.contains(String.valueOf(graph.getCircuitBreakerState()));
    }

    private static WhatsAppException failure(Exchange exchange) {
        return Causes.find(WhatsAppException.class, Causes.thrown(exchange));
    }
}
