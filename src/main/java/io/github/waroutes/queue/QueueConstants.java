package io.github.waroutes.queue;

/** Names of the exchange properties that a queue consumer sets. */
public final class QueueConstants {

    /** The broker's id of the message, a Long; the same each time the broker delivers it. */
    public static final String MESSAGE_ID = "WhatsAppQueueMessageId";
    /** The name of the queue that the message was taken from. */
    public static final String QUEUE = "WhatsAppQueue";

    /** The message as it was taken, a {@link StoredMessage}. */
    public static final String CONTENT = "WhatsAppQueueContent";

    private QueueConstants() {
    }
}
