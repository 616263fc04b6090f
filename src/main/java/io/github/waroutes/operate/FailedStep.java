package io.github.waroutes.operate;

import java.util.concurrent.atomic.AtomicBoolean;

import io.github.waroutes.error.Causes;
import org.apache.camel.Exchange;

/**
 * Where in a user's route an exchange failed.
 *
 * @param failure what was thrown there
 * @param route   the route's id
 * @param step    the node's id and kind, as in {@code setBody1 (setBody)}
 * @param place   file and line, as in {@code file:my-routes/images.camel.yaml:8}; the line is missing if Camel does not know it
 * @param stored  whether the route has a dead letter channel, and nothing else that handles failures
 * @param told    whether it is counted and logged already
 */
record FailedStep(Throwable failure, String route, String step, String place, boolean stored, AtomicBoolean told) {

    static final String PROPERTY = "WhatsAppFailedStep";

    /** The step that this failure comes from; null if it does not come from a user's route. */
    static FailedStep of(Exchange exchange, Throwable failure) {
        FailedStep step = exchange.getProperty(PROPERTY, FailedStep.class);
        return step != null && Causes.chain(failure).stream().anyMatch(cause -> cause == step.failure) ? step : null;
    }
}
