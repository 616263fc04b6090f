package io.github.waroutes.operate;

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

    @Override
    public boolean isLiveness() {
        return false;
    }
}
