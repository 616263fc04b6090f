package io.github.waroutes.queue;

import java.util.Map;

/** The plain form of a {@link QueueMessage}. */
public record StoredMessage(String queueId, String queueGroup, Map<String, Object> queueHeaders, byte[] queueBody)
        implements QueueMessage {
}
