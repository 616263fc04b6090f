package io.github.waroutes.queue;

import java.time.Instant;

/**
 * What a queue holds, or the part of it for one value of the header that it is split by.
 *
 * @param value    the header's value; null: the whole queue
 * @param messages how many; those in flight count until they are acknowledged
 * @param oldest   when the oldest of them was stored, as far as this process can see it; null: it sees none
 */
public record QueueDepth(String value, long messages, Instant oldest) {

    /** Both together. */
    public QueueDepth plus(QueueDepth other) {
        Instant older = oldest == null || other.oldest != null && other.oldest.isBefore(oldest) ? other.oldest : oldest;
        return new QueueDepth(value, messages + other.messages, older);
    }
}
