package io.github.waroutes.send;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Route;
import org.apache.camel.Suspendable;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An outage of the Graph API, as its circuit breaker sees it: while the breaker is open the consumer of the outbound queue is
 * paused, so that the queue holds all messages in order, and the readiness check {@code whatsapp-graph} is down.
 */
public class GraphOutage extends AbstractHealthCheck {

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");

    private static final List<String> ROUTES = List.of("send-message", "send-bulk");

    private CircuitBreaker breaker;

    public GraphOutage() {
        super("whatsapp", "whatsapp-graph");
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
        HealthCheckRegistry registry = HealthCheckRegistry.get(getCamelContext());
        if (registry != null) {
            registry.unregister(this);
            registry.register(this);
        }
    }

    private void pause(boolean paused) {
        CamelContext context = getCamelContext();
        for (String route : ROUTES) {
            Route sender = context.getRoute(route);
            pause(context, sender == null ? null : sender.getConsumer(), paused);
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

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        CircuitBreaker current = getCamelContext().getRegistry().lookupByNameAndType("whatsappGraphBreaker", CircuitBreaker.class);
        builder.detail("breaker", current.getState().name());
        if (current.getState() == CircuitBreaker.State.OPEN) {
            builder.message("The Graph API does not answer: messages are held in the queue").down();
        } else {
            builder.up();
        }
    }
}
