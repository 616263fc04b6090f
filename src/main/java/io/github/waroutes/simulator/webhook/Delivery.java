package io.github.waroutes.simulator.webhook;

/**
 * How to deliver one webhook.
 *
 * @param copies      1, 2 for a duplicate, or 0 when the simulator is about to end
 * @param genuine     false for a signature that is wrong
 * @param delayMillis how long to wait before
 * @param fault       the name of the fault that makes it so, or null
 */
public record Delivery(int copies, boolean genuine, int delayMillis, String fault) {
}
