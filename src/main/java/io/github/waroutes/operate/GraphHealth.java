package io.github.waroutes.operate;

import java.util.Map;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import org.apache.camel.health.HealthCheckResultBuilder;

/**
 * The part {@code whatsapp-graph} of readiness: its detail {@code breaker} is the state of the circuit breaker of the Graph API. It stays up:
 * webhooks are stored whatever Graph does, and what is to be sent waits in its queue.
 */
public class GraphHealth extends HealthPart {

    public GraphHealth() {
        super("whatsapp-graph");
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        // Camel 4.17 may make a bean more than once: the one that the route uses counts
        CircuitBreaker breaker = getCamelContext().getRegistry().lookupByNameAndType("whatsappGraphBreaker", CircuitBreaker.class);
        builder.detail("breaker", breaker.getState().name());
        if (breaker.getState() == CircuitBreaker.State.CLOSED) {
            up(builder, "No outage of the Graph API is known.");
        } else if (breaker.getState() == CircuitBreaker.State.HALF_OPEN) {
            up(builder, "The Graph API is tried again after an outage.");
        } else {
            up(builder, "The Graph API does not answer: messages wait in their queues, and go out in order when it is back.",
                    "See https://metastatus.com, and whether this machine reaches whatsapp.graph.url (firewall, DNS, proxy).");
        }
    }
}
