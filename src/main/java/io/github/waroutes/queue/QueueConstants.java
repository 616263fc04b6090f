package io.github.waroutes.queue;

/** Names of the exchange properties that a queue consumer sets. */
public final class QueueConstants {

    /** The broker's id of the message, a Long; the same each time the broker delivers it. */
    public static final String MESSAGE_ID = "WhatsAppQueueMessageId";
    /** The name of the message's queue. */
    public static final String QUEUE = "WhatsAppQueue";

    /** The message as it was stored, a {@link StoredMessage}. */
    public static final String CONTENT = "WhatsAppQueueContent";

    /**
     * Set by a route: the message is not done, and is to be handled again, from the start of the route, after so many
     * milliseconds (a Long). Until then it keeps its place in its conversation, without a thread.
     */
    public static final String AGAIN_AFTER = "WhatsAppQueueAgainAfter";
    /**
     * Set by a route: the message is not done and goes back to the head of its queue; the whole queue rests for so many milliseconds
     * (a Long), on disk, and then one message is handled as a probe. Once that one is done, or waits by {@link #AGAIN_AFTER}, the queue
     * continues.
     */
    public static final String REST = "WhatsAppQueueRest";
    /** Set by a route with one of the two above: why, in a word, for the metrics. */
    public static final String WAIT_REASON = "WhatsAppWaitReason";
    /** Set by a route with one of the two above: what failed, in a few words, for an operator. Thousands may wait, so no exception is kept. */
    public static final String WAIT_ERROR = "WhatsAppWaitError";
    /**
     * Set by a route, a {@link Runnable}: run once the broker has committed the acknowledgement, after which nothing redelivers the message.
     */
    public static final String ON_ACKNOWLEDGED = "WhatsAppQueueOnAcknowledged";
    /** A {@code Map<String, Object>} that is kept in memory with the message while it is handled again and again. */
    public static final String MEMO = "WhatsAppQueueMemo";

    /** Set by a consumer, true: an operator wants the message to be tried now, however long it was to wait. */
    public static final String RELEASED = "WhatsAppQueueReleased";
    /** Set by a consumer, true: an operator has given the message up. */
    public static final String GIVEN_UP = "WhatsAppQueueGivenUp";

    /**
     * A header that is stored with a message, {@code traceparent} of the W3C's Trace Context: the span that stored it. An exchange property
     * of this name holds it on the way to the producer, set by the tracer, if there is one.
     */
    public static final String TRACEPARENT = "traceparent";

    /** A header of what is taken from a shelf and handled again: it is no repeat of what it was, and what it was is its value. */
    public static final String REPLAY = "WhatsAppReplay";

    private QueueConstants() {
    }
}
