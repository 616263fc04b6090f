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
 * Brings what an earlier version, or other settings, left in queues that nobody reads any more to where it is read now, in order, before
 * anything is read. What the broker holds back for later, as earlier versions had it do, is brought when it is due.
 */
final class TakeOver {

    private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);
    private static final int A_COMMIT = 500;
    private static final long WAIT_MILLIS = 500;

    private final BrokerConnection connection;
    private final QueueLayout layout;

    TakeOver(BrokerConnection connection, QueueLayout layout) {
        this.connection = connection;
        this.layout = layout;
    }

    /** @return the queues that still hold something, which is to be brought later */
    List<String> bring(String queue, List<String> old) throws ActiveMQException {
        List<String> left = new ArrayList<>();
        for (String physical : old) {
            try (ClientSession session = connection.transactedSession()) {
                if (!session.queueQuery(SimpleString.of(physical)).isExists()) {
                    continue;
                }
                long brought = bring(session, queue, physical);
                if (brought > 0) {
                    LOG.info("{} messages of {} were taken over", brought, physical);
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

    private long bring(ClientSession session, String queue, String physical) throws ActiveMQException {
        long brought = 0;
        try (ClientConsumer consumer = session.createConsumer(SimpleString.of(physical)); ClientProducer producer = session.createProducer()) {
            session.start();
            ClientMessage next = consumer.receive(WAIT_MILLIS);
            while (next != null) {
                StoredMessage message = QueueCodec.decode(next);
                String target = layout.physical(queue, message);
                connection.declare(session, target);
                producer.send(SimpleString.of(target), QueueCodec.moved(session, message, next.getTimestamp(), next.getMessageID()));
                next.individualAcknowledge();
                if (++brought % A_COMMIT == 0) {
                    session.commit();
                }
                next = consumer.receiveImmediate();
                next = next != null ? next : consumer.receive(WAIT_MILLIS);
            }
            session.commit();
        }
        return brought;
    }
}
