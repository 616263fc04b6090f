package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.List;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the messages that an earlier version, or other settings, left in physical queues that are no longer read to the present ones, in
 * order, before anything is consumed. Scheduled messages, which earlier versions used, are moved when they are due.
 */
final class QueueMigration {

    private static final Logger LOG = LoggerFactory.getLogger(QueueMigration.class);
    private static final int MAX_PER_COMMIT = 500;
    private static final long WAIT_MILLIS = 500;

    private final BrokerConnection connection;
    private final QueueLayout layout;

    QueueMigration(BrokerConnection connection, QueueLayout layout) {
        this.connection = connection;
        this.layout = layout;
    }

    /** @return the queues that still hold messages, to be migrated later */
    List<String> migrate(String queue, List<String> former) throws ActiveMQException {
        List<String> left = new ArrayList<>();
        for (String physical : former) {
            try (ClientSession session = connection.transactedSession()) {
                if (!session.queueQuery(SimpleString.of(physical)).isExists()) {
                    continue;
                }
                long moved = move(session, queue, physical);
                if (moved > 0) {
                    LOG.info("{} messages of {} were moved to the present queues", moved, physical);
                }
                if (session.queueQuery(SimpleString.of(physical)).getMessageCount() > 0) {
                    left.add(physical);
                } else if (session.queueQuery(SimpleString.of(physical)).getConsumerCount() == 0) {
                    connection.remove(session, physical);
                }
            }
        }
        return left;
    }

    private long move(ClientSession session, String queue, String physical) throws ActiveMQException {
        long moved = 0;
        try (ClientConsumer consumer = session.createConsumer(SimpleString.of(physical)); ClientProducer producer = session.createProducer()) {
            session.start();
            ClientMessage next = consumer.receive(WAIT_MILLIS);
            while (next != null) {
                StoredMessage message = QueueCodec.decode(next);
                String target = layout.physical(queue, message);
                connection.declare(session, target);
                producer.send(SimpleString.of(target), QueueCodec.moved(session, message, next.getTimestamp(), next.getMessageID()));
                next.individualAcknowledge();
                if (++moved % MAX_PER_COMMIT == 0) {
                    session.commit();
                }
                next = consumer.receiveImmediate();
                next = next != null ? next : consumer.receive(WAIT_MILLIS);
            }
            session.commit();
        }
        return moved;
    }
}
