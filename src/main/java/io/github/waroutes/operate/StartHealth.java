package io.github.waroutes.operate;

import java.util.Map;

import org.apache.camel.health.HealthCheckResultBuilder;

/**
 * The part {@code whatsapp-start}, of neither liveness nor readiness: down until every route has started, those of the management API too,
 * and up from then on, also while the process stops.
 */
public class StartHealth extends HealthPart {

    static final String ID = "whatsapp-start";

    private volatile boolean started;

    public StartHealth() {
        super(ID);
    }

    @Override
    public boolean isReadiness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        started |= getCamelContext().isStarted();
        if (started) {
            up(builder, "The start is over.");
        } else {
            down(builder, "The gateway starts.", "Wait; a start that fails ends the process with one line that says why.");
        }
    }
}
