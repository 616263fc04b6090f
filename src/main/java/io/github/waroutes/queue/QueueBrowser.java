package io.github.waroutes.queue;

import java.time.Instant;
import java.util.List;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;

/** Reads messages of a queue without removing them. */
final class QueueBrowser {

    private static final long CREDIT_MILLIS = 200;

    private QueueBrowser() {
    }

    /**
     * Adds what lies in a physical queue, oldest first, until there are {@code limit}.
     *
     * @param queue the name that routes know it by
     * @return how many were left out at the beginning: {@code skip}, or all
     */
    static int add(ClientSession session, String physical, String queue, int skip, int limit, List<HeldMessage> to) throws ActiveMQException {
        int skipped = 0;
        // one that has overflowed may be gone meanwhile
        if (!session.queueQuery(SimpleString.of(physical)).isExists()) {
            return skipped;
        }
        try (ClientConsumer consumer = session.createConsumer(SimpleString.of(physical), null, true)) {
            // not asked for one more than is wanted: past the last one the broker is waited for
            for (ClientMessage next; to.size() < limit && (next = next(consumer)) != null; ) {
                if (skipped < skip) {
                    skipped++;
                } else {
                    to.add(new HeldMessage(queue, next.getMessageID(), QueueCodec.decode(next), Instant.ofEpochMilli(next.getTimestamp()), null, null, null));
                }
            }
        }
        return skipped;
    }

    /** When the message at the head of the queue was stored, in milliseconds since 1970; 0: there is none. No other message is fetched. */
    static long headStoredAt(ClientSession session, String queue) throws ActiveMQException {
        try (ClientConsumer consumer = session.createConsumer(SimpleString.of(queue), null, 0, -1, true)) {
            ClientMessage head = consumer.receiveImmediate();
            return head == null ? 0 : head.getTimestamp();
        }
    }

    /** The broker also says "no more" when the client's window, a megabyte, is full and the credits for more are on their way. */
    static ClientMessage next(ClientConsumer consumer) throws ActiveMQException {
        ClientMessage next = consumer.receiveImmediate();
        return next != null ? next : consumer.receive(CREDIT_MILLIS);
    }
}
