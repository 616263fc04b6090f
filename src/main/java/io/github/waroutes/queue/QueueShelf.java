package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;

/**
 * A queue that nobody consumes, such as the dead letters, for an operator: looked at, moved from, removed from. A filter is an Artemis filter
 * expression over the headers (Artemis user manual, "Filter Expressions"); null means all. What is moved or removed is one transaction: a
 * crash leaves it where it was, or done.
 */
public final class QueueShelf {

    private static final long CREDIT_MILLIS = 200;

    private final BrokerConnection connection;
    private final QueueLayout layout;
    private final Consumer<String> created;

    QueueShelf(BrokerConnection connection, QueueLayout layout, Consumer<String> created) {
        this.connection = connection;
        this.layout = layout;
        this.created = created;
    }

    /**
     * Where a message goes.
     *
     * @param queue   a queue as routes name it
     * @param message what is stored there
     */
    public record Move(String queue, QueueMessage message) {
    }

    /**
     * A part of what a queue holds, oldest first.
     *
     * @param total    how many messages the queue holds
     * @param matching how many of them fit the filter
     * @param messages those that were asked for
     */
    public record Page(long total, long matching, List<StoredMessage> messages) {
    }

    /** The messages from {@code skip} on that fit the filter. The whole queue is counted, so 100,000 messages take about a second. */
    public Page list(String queue, String filter, int skip, int limit) throws ActiveMQException {
        try (ClientSession session = connection.transactedSession()) {
            connection.declare(session, queue);
            long total = session.queueQuery(SimpleString.of(queue)).getMessageCount();
            List<StoredMessage> page = new ArrayList<>();
            long seen = 0;
            try (ClientConsumer consumer = session.createConsumer(SimpleString.of(queue), filter(filter), true)) {
                session.start();
                boolean countAll = filter != null;
                for (ClientMessage next = next(consumer); next != null; next = next(consumer)) {
                    if (seen >= skip && page.size() < limit) {
                        page.add(QueueCodec.decode(next));
                    } else if (!countAll && page.size() >= limit) {
                        break;
                    }
                    seen++;
                }
                return new Page(total, countAll ? seen : total, page);
            }
        }
    }

    /**
     * Moves messages, oldest first.
     *
     * @param where says where each goes; null: it stays, behind those that were moved
     * @return how many were moved
     */
    public int move(String queue, String filter, int limit, Function<StoredMessage, Move> where) throws ActiveMQException {
        return take(queue, filter, limit, (session, taken) -> {
            int moved = 0;
            try (ClientProducer producer = session.createProducer()) {
                for (ClientMessage message : taken) {
                    Move move = where.apply(QueueCodec.decode(message));
                    if (move != null) {
                        String physical = layout.physical(move.queue(), move.message());
                        connection.declare(session, physical);
                        created.accept(physical);
                        // no repeat for the broker, which would drop it
                        producer.send(SimpleString.of(physical), QueueCodec.again(session, move.message()));
                        message.individualAcknowledge();
                        moved++;
                    }
                }
            }
            return moved;
        });
    }

    /**
     * Removes messages, oldest first.
     *
     * @param before is given them before they are removed; if it throws nothing is
     * @return how many were removed
     */
    public int remove(String queue, String filter, int limit, Consumer<List<StoredMessage>> before) throws ActiveMQException {
        return take(queue, filter, limit, (session, taken) -> {
            before.accept(taken.stream().map(QueueCodec::decode).toList());
            for (ClientMessage message : taken) {
                message.individualAcknowledge();
            }
            return taken.size();
        });
    }

    private interface Work {

        int with(ClientSession session, List<ClientMessage> taken) throws ActiveMQException;
    }

    private int take(String queue, String filter, int limit, Work work) throws ActiveMQException {
        try (ClientSession session = connection.transactedSession()) {
            connection.declare(session, queue);
            List<ClientMessage> taken = new ArrayList<>();
            try (ClientConsumer consumer = session.createConsumer(SimpleString.of(queue), filter(filter))) {
                session.start();
                while (taken.size() < limit) {
                    ClientMessage next = next(consumer);
                    if (next == null) {
                        break;
                    }
                    taken.add(next);
                }
                int done = work.with(session, taken);
                session.commit();
                return done;
            }
        }
    }

    private static SimpleString filter(String filter) {
        return filter == null ? null : SimpleString.of(filter);
    }

    /** The broker says "no more" also while credit for more is on its way. */
    private static ClientMessage next(ClientConsumer consumer) throws ActiveMQException {
        ClientMessage next = consumer.receiveImmediate();
        return next != null ? next : consumer.receive(CREDIT_MILLIS);
    }
}
