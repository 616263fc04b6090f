package io.github.waroutes.simulator;

/**
 * A message of the business that the simulator accepted and whose statuses it still owes.
 *
 * @param callbackData the message's {@code biz_opaque_callback_data}, or null
 */
record SentMessage(Recipient user, String id, boolean template, String callbackData) {
}
