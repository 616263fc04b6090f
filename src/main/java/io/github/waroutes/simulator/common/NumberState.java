package io.github.waroutes.simulator.common;

/**
 * What Graph says of a number besides its configuration.
 *
 * @param status         such as CONNECTED
 * @param quality        GREEN, YELLOW, RED or UNKNOWN
 * @param throughput     STANDARD or HIGH; null: by its messages a second
 * @param messagingLimit such as TIER_2K; null: by its tier
 * @param payment        whether the account's payment method is in order
 * @param limitation     why it can send with limitations only, or null
 */
public record NumberState(String status, String quality, String throughput, String messagingLimit, boolean payment, String limitation) {

    static final NumberState USUAL = new NumberState("CONNECTED", "GREEN", null, null, true, null);
}
