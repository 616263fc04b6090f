package io.github.waroutes.operate;

import java.lang.management.ManagementFactory;
import java.util.Map;

import io.github.waroutes.queue.BrokerState;
import org.apache.camel.health.HealthCheckResultBuilder;

/**
 * The part {@code whatsapp-process}, the only one of liveness: down when a restart helps, and nothing else does. A process that starts, stops
 * or waits for something lives.
 */
public class ProcessHealth extends HealthPart {

    static final String RESTART = "Restart the process: nothing that is stored is lost.";

    public ProcessHealth() {
        super("whatsapp-process");
    }

    @Override
    public boolean isLiveness() {
        return true;
    }

    @Override
    public boolean isReadiness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        BrokerState broker = broker();
        if (broker != null && broker.fatal()) {
            down(builder, broker.problem() + '.', RESTART);
        } else if (ManagementFactory.getThreadMXBean().findDeadlockedThreads() != null) {
            down(builder, "Threads wait for each other for ever (a deadlock).",
                    "Keep the output of jstack for the report of the fault. " + RESTART);
        } else {
            up(builder, "The process runs.");
        }
    }
}
