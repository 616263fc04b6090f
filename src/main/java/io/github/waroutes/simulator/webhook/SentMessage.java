package io.github.waroutes.simulator.webhook;

import io.github.waroutes.simulator.common.Recipient;

/**
 * A message of the business that the simulator accepted and whose statuses it still owes.
 *
 * @param price        what it costs; its category is service, or that of its template
 * @param callbackData the message's {@code biz_opaque_callback_data}, or null
 * @param failure      the code it will fail with, or null
 * @param voice        whether it is a voice message, which can be played
 * @param group        the group it went to, or null
 * @param nth          its position among the messages to this user, from 1
 */
public record SentMessage(Recipient user, String id, Price price, String callbackData, Integer failure, boolean voice, String group,
        int nth) {
}
