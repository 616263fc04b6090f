package io.github.waroutes.simulator;

/**
 * A message of the business that the simulator accepted and whose statuses it still owes.
 *
 * @param category     its pricing category: service, or that of its template
 * @param callbackData the message's {@code biz_opaque_callback_data}, or null
 * @param failure      the code it will fail with, or null
 */
record SentMessage(Recipient user, String id, String category, String callbackData, Integer failure) {
}
