package io.github.waroutes.operate;

import io.github.waroutes.queue.BrokerState;
import io.github.waroutes.queue.QueueComponent;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * A part of the health of this gateway. Unless it says otherwise it is one of readiness, which is down only where it helps to send webhooks
 * elsewhere. Each says in words how it is, the message, and the details {@code reason} and {@code what_to_do} (left out where nothing is
 * to be done).
 */
abstract class HealthPart extends AbstractHealthCheck {

    HealthPart(String id) {
        super("whatsapp", id);
    }

    /** Registers the check. */
    public void watch() throws Exception {
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

    static void up(HealthCheckResultBuilder builder, String reason) {
        say(builder, reason).up();
    }

    static void up(HealthCheckResultBuilder builder, String reason, String whatToDo) {
        say(builder, reason, whatToDo).up();
    }

    static void down(HealthCheckResultBuilder builder, String reason, String whatToDo) {
        say(builder, reason, whatToDo).down();
    }

    private static HealthCheckResultBuilder say(HealthCheckResultBuilder builder, String reason) {
        return builder.message(reason).detail("reason", reason);
    }

    private static HealthCheckResultBuilder say(HealthCheckResultBuilder builder, String reason, String whatToDo) {
        return say(builder, reason).message(reason + ' ' + whatToDo).detail("what_to_do", whatToDo);
    }
}
