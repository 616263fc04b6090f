package io.github.waroutes.queue;

import java.util.Map;

/**
 * One message for a durable queue.
 */
public interface QueueMessage {

    /**
     * Identifies the message for the broker's duplicate detection: a second message with the same id, to the same
     * queue, is dropped. {@code null}: never a duplicate.
     */
    String queueId();

    /** The message group, within which order is kept. {@code null}: no order is promised. */
    String queueGroup();

    /** Headers to store with the message: names starting with {@code WhatsApp}, or {@code traceparent}; values String, Boolean, Integer or Long. */
    Map<String, Object> queueHeaders();

    /** The body, kept as it is. */
    byte[] queueBody();
}
