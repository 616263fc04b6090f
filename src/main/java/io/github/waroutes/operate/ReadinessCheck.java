package io.github.waroutes.operate;

import io.github.waroutes.queue.BrokerState;
import io.github.waroutes.queue.QueueComponent;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** A health check of ours that says whether webhooks are to be sent here, and nothing of whether the process lives. */
abstract class ReadinessCheck extends AbstractHealthCheck {

    ReadinessCheck(String id) {
        super("whatsapp", id);
    }

    /** Registers the check. */
    public void watch() {
        HealthCheckRegistry registry = HealthCheckRegistry.get(getCamelContext());
        if (registry != null) {
            // Camel 4.17 may make a bean more than once
            registry.unregister(this);
            registry.register(this);
        }
    }

    /** How the broker is; null: the application has queues of its own. */
    final BrokerState broker() {
        return getCamelContext().hasComponent("whatsapp-queue") instanceof QueueComponent queues ? queues.brokerState() : null;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }
}
