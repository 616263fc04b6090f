package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.List;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;

/** Looks at what a queue holds without taking it. */
final class QueueBrowser {

    private QueueBrowser() {
    }

    static List<StoredMessage> browse(BrokerConnection connection, String queue, int limit) throws ActiveMQException {
        List<StoredMessage> found = new ArrayList<>();
        try (ClientSession session = connection.transactedSession()) {
            connection.declare(session, queue);
            try (ClientConsumer consumer = session.createConsumer(SimpleString.of(queue), null, true)) {
                session.start();
                for (ClientMessage next = consumer.receiveImmediate(); next != null && found.size() < limit;
                        next = consumer.receiveImmediate()) {
                    found.add(QueueCodec.decode(next));
                }
            }
        }
        return found;
    }
}
