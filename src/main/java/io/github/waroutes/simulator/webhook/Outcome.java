package io.github.waroutes.simulator.webhook;

/**
 * The answer about a webhook that somebody asked for.
 *
 * @param httpStatus 200, or 502 when the webhook took it not
 * @param json       says how it went: {@code {"webhook_status","error"?,…}}; webhook_status is 0 when nothing answered
 */
public record Outcome(int httpStatus, String json) {
}
