package io.github.waroutes.send;

import java.util.List;
import java.util.Locale;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Consumer;
import org.apache.camel.Route;
import org.apache.camel.Suspendable;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An outage of the Graph API, as its circuit breaker sees it: while the breaker is open the consumer of the outbound queue is
 * paused, so that the queue holds all messages in order.
 */
public class GraphOutage implements CamelContextAware {

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");

    private static final List<String> ROUTES = List.of("send-message", "send-bulk");

    private CamelContext camelContext;
    private CircuitBreaker breaker;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    public void setBreaker(CircuitBreaker breaker) {
        this.breaker = breaker;
    }

    /** Subscribes to the circuit breaker. */
    public void watch() {
        breaker.getEventPublisher().onStateTransition(event -> {
            CircuitBreaker.State state = event.getStateTransition().getToState();
            LOG.atWarn().addKeyValue("event", "whatsapp.graph." + state.name().toLowerCase(Locale.ROOT))
                    .log("whatsapp.graph." + state.name().toLowerCase(Locale.ROOT));
            pause(state == CircuitBreaker.State.OPEN);
        });
    }

    private void pause(boolean paused) {
        for (String route : ROUTES) {
            Route sender = camelContext.getRoute(route);
            pause(camelContext, sender == null ? null : sender.getConsumer(), paused);
        }
    }

    private static void pause(CamelContext context, Consumer consumer, boolean paused) {
        if (consumer instanceof Suspendable && context.isRunAllowed()) {
            if (paused) {
                ServiceHelper.suspendService(consumer);
            } else {
                ServiceHelper.resumeService(consumer);
            }
        }
    }
}
