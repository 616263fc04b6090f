package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.management.ResourceNames;

/**
 * A queue that nobody consumes, such as the dead letters, for an operator: looked at, moved from, removed from. A filter is an Artemis filter
 * expression over the headers (Artemis user manual, "Filter Expressions"); null means all. What is moved or removed is one transaction: a
 * crash leaves it undone, or done.
 */
public final class QueueShelf {

    private static final long REPLY_MILLIS = 60_000;
    private static final int A_COMMIT = 500;
    /** Beside a queue: what is being replayed, and what is being dropped. */
    private static final String REPLAYED = ".replayed";
    private static final String DROPPED = ".dropped";

    private final BrokerConnection connection;
    private final QueueLayout layout;
    private final Consumer<String> created;
    /** Queues whose count at the broker is wrong, and by how much; empty: it is not known by how much. */
    private final Map<String, Optional<Long>> wrong = new HashMap<>();

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

    /** The messages from {@code skip} on that fit the filter. With a filter the whole queue is read: 100,000 messages take about a second. */
    public synchronized Page list(String queue, String filter, int skip, int limit) throws ActiveMQException {
        putBack(queue + DROPPED, queue);
        List<StoredMessage> page = new ArrayList<>();
        try (ClientSession session = connection.transactedSession()) {
            session.start();
            long total = 0;
            long seen = 0;
            for (String physical : List.of(queue + REPLAYED, queue)) {
                connection.declare(session, physical);
                long count = count(session, physical);
                total += count;
                try (ClientConsumer consumer = session.createConsumer(SimpleString.of(physical), filter(filter), true)) {
                    for (ClientMessage next = count == 0 ? null : QueueBrowser.next(consumer); next != null; next = QueueBrowser.next(consumer)) {
                        if (seen >= skip && page.size() < limit) {
                            page.add(QueueCodec.decode(next));
                        } else if (filter == null && page.size() >= limit) {
                            break;
                        }
                        seen++;
                    }
                }
            }
            return new Page(total, filter == null ? total : seen, page);
        }
    }

    /** How many messages the queue holds. */
    public synchronized long count(String queue) throws ActiveMQException {
        try (ClientSession session = connection.transactedSession()) {
            session.start();
            long total = 0;
            for (String physical : List.of(queue + REPLAYED, queue + DROPPED, queue)) {
                if (session.queueQuery(SimpleString.of(physical)).isExists()) {
                    total += count(session, physical);
                }
            }
            return total;
        }
    }

    /** After a message was moved out of a page the broker's own count is wrong (Artemis 2.44), until it starts again; then they are counted here. */
    private long count(ClientSession session, String physical) throws ActiveMQException {
        long broker = session.queueQuery(SimpleString.of(physical)).getMessageCount();
        if (!wrong.containsKey(physical)) {
            return broker;
        }
        Long excess = wrong.get(physical).orElse(null);
        if (excess == null) {
            long exact = 0;
            try (ClientConsumer consumer = session.createConsumer(SimpleString.of(physical), null, true)) {
                while (QueueBrowser.next(consumer) != null) {
                    exact++;
                }
            }
            if (session.queueQuery(SimpleString.of(physical)).getMessageCount() != broker) {
                // something came meanwhile: by how much it is wrong is found out when it is quiet
                return exact;
            }
            excess = broker - exact;
            wrong.put(physical, Optional.of(excess));
        }
        return broker - excess;
    }

    /**
     * Moves messages, oldest first.
     *
     * @param where says where each goes; null: to the end of its queue
     * @return how many were moved
     */
    public synchronized int move(String queue, String filter, int limit, Function<StoredMessage, Move> where) throws ActiveMQException {
        Work work = (session, taken) -> {
            int moved = 0;
            try (ClientProducer producer = session.createProducer()) {
                for (ClientMessage message : taken) {
                    StoredMessage stored = QueueCodec.decode(message);
                    Move move = where.apply(stored);
                    String physical = move == null ? queue : layout.physical(move.queue(), move.message());
                    connection.declare(session, physical);
                    if (move != null) {
                        created.accept(physical);
                        moved++;
                    }
                    // no repeat for the broker, which would drop it
                    producer.send(SimpleString.of(physical), QueueCodec.again(session, move == null ? stored : move.message()));
                    message.individualAcknowledge();
                }
            }
            return moved;
        };
        // what a crash left aside comes first, so that conversations keep their order
        int moved = take(queue + REPLAYED, Integer.MAX_VALUE, work);
        return moved + (filter == null ? take(queue, limit, work) : take(queue + REPLAYED, setAside(queue, filter, queue + REPLAYED, limit), work));
    }

    /**
     * Removes messages, oldest first.
     *
     * @param before is given them before they are removed; if it throws nothing is
     * @return how many were removed
     */
    public synchronized int remove(String queue, String filter, int limit, Consumer<List<StoredMessage>> before) throws ActiveMQException {
        Work work = (session, taken) -> {
            before.accept(taken.stream().map(QueueCodec::decode).toList());
            for (ClientMessage message : taken) {
                message.individualAcknowledge();
            }
            return taken.size();
        };
        putBack(queue + DROPPED, queue);
        return filter == null ? take(queue, limit, work) : take(queue + DROPPED, setAside(queue, filter, queue + DROPPED, limit), work);
    }

    private interface Work {

        int with(ClientSession session, List<ClientMessage> taken) throws ActiveMQException;
    }

    /** The first of a queue, in one transaction. */
    private int take(String physical, int limit, Work work) throws ActiveMQException {
        try (ClientSession session = connection.transactedSession()) {
            connection.declare(session, physical);
            List<ClientMessage> taken = new ArrayList<>();
            try (ClientConsumer consumer = session.createConsumer(SimpleString.of(physical))) {
                session.start();
                ClientMessage next = null;
                do {
                    next = taken.size() < limit ? QueueBrowser.next(consumer) : null;
                    if (next != null) {
                        taken.add(next);
                    }
                } while (next != null);
                int done = work.with(session, taken);
                session.commit();
                return done;
            }
        }
    }

    private void putBack(String aside, String queue) throws ActiveMQException {
        try (ClientSession session = connection.transactedSession()) {
            if (!session.queueQuery(SimpleString.of(aside)).isExists() || session.queueQuery(SimpleString.of(aside)).getMessageCount() == 0) {
                return;
            }
        }
        setAside(aside, "", queue, Integer.MAX_VALUE);
    }

    /**
     * The broker finds what is meant wherever it lies, also beyond what it has in memory, where it does not look for a consumer with a filter.
     */
    private int setAside(String from, String filter, String to, int limit) throws ActiveMQException {
        try (ClientSession session = connection.transactedSession()) {
            connection.declare(session, from);
            connection.declare(session, to);
        }
        wrong.put(from, Optional.empty());
        return ((Number) connection.manage(REPLY_MILLIS, ResourceNames.QUEUE + from, "moveMessages", A_COMMIT, filter, to, false, limit)).intValue();
    }

    private static SimpleString filter(String filter) {
        return filter == null ? null : SimpleString.of(filter);
    }
}
