package io.github.waroutes.operate;

import java.util.Map;

import io.github.waroutes.queue.BrokerState;
import org.apache.camel.health.HealthCheckResultBuilder;

/** The part {@code whatsapp-broker} of readiness: down while webhooks cannot be stored because the broker is not there. */
public class BrokerHealth extends HealthPart {

    public BrokerHealth() {
        super("whatsapp-broker");
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        BrokerState broker = broker();
        if (broker == null) {
            up(builder.detail("broker", "not used"), "The application has queues of its own.");
        } else if (broker.up()) {
            up(builder.detail("broker", "answers"), "The broker answers.");
        } else if (broker.fatal()) {
            down(builder.detail("broker", "failed for good"), broker.problem() + '.', ProcessHealth.RESTART);
        } else {
            down(builder.detail("broker", "away"), broker.problem() + ": webhooks are answered with 503, and Meta sends them again.",
                    "See whether the broker runs and can be reached from here; this gateway goes on by itself when it is back.");
        }
    }
}
