package io.github.waroutes.simulator.webhook;

/**
 * The response to a request for a webhook.
 *
 * @param httpStatus 200, or 502 when the webhook did not answer 200
 * @param json       says how it went: {@code {"webhook_status","error"?,…}}; webhook_status is 0 when nothing answered
 */
public record Outcome(int httpStatus, String json) {
}
