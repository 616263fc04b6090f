package io.github.waroutes.simulator.webhook;

/**
 * How to deliver one webhook.
 *
 * @param copies      1, 2 for a duplicate, or 0 when the simulator is stopping
 * @param genuine     false for a signature that is wrong
 * @param delayMillis the delay before it
 * @param fault       the name of the fault behind this, or null
 */
public record Delivery(int copies, boolean genuine, int delayMillis, String fault) {
}
