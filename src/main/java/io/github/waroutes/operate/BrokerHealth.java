package io.github.waroutes.operate;

import java.util.Map;

import io.github.waroutes.queue.BrokerState;
import org.apache.camel.health.HealthCheckResultBuilder;

/** The readiness check {@code whatsapp-broker}: down while webhooks cannot be stored because the broker is not there. */
public class BrokerHealth extends ReadinessCheck {

    public BrokerHealth() {
        super("whatsapp-broker");
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        BrokerState broker = broker();
        if (broker == null) {
            builder.detail("broker", "not used").up();
        } else if (broker.up()) {
            builder.detail("broker", "answers").up();
        } else {
            builder.message(broker.problem()).detail("broker", broker.fatal() ? "failed for good" : "away").down();
        }
    }
}
