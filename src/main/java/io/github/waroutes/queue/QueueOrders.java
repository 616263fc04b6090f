package io.github.waroutes.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;

/**
 * What operators want of queues that are consumed: kept in a small durable queue at the broker ({@value #QUEUE}), which every node looks at
 * once a second, so that it holds for all nodes and over a restart.
 */
public final class QueueOrders {

    static final String QUEUE = "whatsapp.orders";
    private static final Duration RELEASE_KEPT = Duration.ofMinutes(1);
    private static final Duration GIVE_UP_KEPT = Duration.ofHours(1);
    /** One message of a number that is stopped has its turn when the number sends again. */
    private static final Duration GIVE_UP_ONE_KEPT = Duration.ofDays(7);
    private static final String KIND = "wa_order";
    private static final String OF = "wa_order_queue";
    private static final String VALUE = "wa_order_value";
    private static final String MESSAGE = "wa_order_message";
    private static final String REASON = "wa_order_reason";

    /** What is to be done. */
    public enum Kind {
        /** Nothing of it is consumed, until it is resumed. */
        PAUSE,
        /** What waits is tried at once. */
        RELEASE,
        /** What was stored before the order is given up when its turn comes, and what waits at once. */
        GIVE_UP
    }

    /**
     * One order.
     *
     * @param id      the broker's id of it; later ones are greater
     * @param queue   the queue, as routes name it
     * @param value   of the header that the queue is split by; null: all of the queue
     * @param message the broker's id of one message; null: all
     * @param at      when it was given
     * @param reason  the operator's words, or null
     */
    public record Order(long id, Kind kind, String queue, String value, Long message, Instant at, String reason) {
    }

    private final BrokerConnection connection;
    private final QueueLayout layout;
    private final Consumer<Order> obey;
    private volatile List<Order> orders = List.of();
    private long last;

    /** @param obey called once with each new order that is not a pause */
    QueueOrders(BrokerConnection connection, QueueLayout layout, Consumer<Order> obey) {
        this.connection = connection;
        this.layout = layout;
        this.obey = obey;
    }

    /** Gives an order, to all nodes. A pause that is there already stays as it is. */
    public void give(Kind kind, String queue, String value, Long message, String reason) throws ActiveMQException {
        if (kind == Kind.PAUSE && pauses().stream().anyMatch(known -> known.queue().equals(queue) && Objects.equals(known.value(), value))) {
            return;
        }
        try (ClientSession session = connection.autoCommitSession(); ClientProducer producer = session.createProducer()) {
            connection.declare(session, QUEUE);
            ClientMessage order = session.createMessage(true);
            order.putStringProperty(KIND, kind.name());
            order.putStringProperty(OF, queue);
            if (value != null) {
                order.putStringProperty(VALUE, value);
            }
            if (message != null) {
                order.putLongProperty(MESSAGE, message);
            }
            if (reason != null) {
                order.putStringProperty(REASON, reason);
            }
            if (kind != Kind.PAUSE) {
                Duration kept = kind == Kind.RELEASE ? RELEASE_KEPT : message == null ? GIVE_UP_KEPT : GIVE_UP_ONE_KEPT;
                order.setExpiration(System.currentTimeMillis() + kept.toMillis());
            }
            producer.send(SimpleString.of(QUEUE), order);
        }
        look();
    }

    /**
     * Ends pauses.
     *
     * @param value null: those of the queue as a whole, and of each part of it
     * @return how many there were
     */
    public int resume(String queue, String value) throws ActiveMQException {
        int ended = 0;
        try (ClientSession session = connection.autoCommitSession()) {
            connection.declare(session, QUEUE);
            try (ClientConsumer consumer = session.createConsumer(SimpleString.of(QUEUE), SimpleString.of(KIND + " = 'PAUSE' AND " + OF + " = '" + queue + "'"
                    + (value == null ? "" : " AND " + VALUE + " = '" + value + "'")))) {
                session.start();
                for (ClientMessage next; (next = QueueBrowser.next(consumer)) != null; ended++) {
                    next.individualAcknowledge();
                }
            }
        }
        look();
        return ended;
    }

    /** The pauses that hold. */
    public List<Order> pauses() {
        return orders.stream().filter(order -> order.kind() == Kind.PAUSE).toList();
    }

    boolean isPaused(String physical) {
        List<Order> known = orders;
        return !known.isEmpty() && known.stream().anyMatch(order -> order.kind() == Kind.PAUSE && layout.isPartOf(order.queue(), physical)
                && isMeant(order, physical));
    }

    /** Whether an operator has given the message up. */
    boolean isGivenUp(String queue, String physical, long message, long storedAt) {
        List<Order> known = orders;
        return !known.isEmpty() && known.stream().anyMatch(order -> order.kind() == Kind.GIVE_UP && order.queue().equals(queue) && isMeant(order, physical)
                && (order.message() == null ? storedAt <= order.at().toEpochMilli() : order.message() == message));
    }

    /** Whether an operator has given this one message up, and its turn has not come yet. */
    public boolean isGivenUp(String queue, long message) {
        return orders.stream().anyMatch(order -> order.kind() == Kind.GIVE_UP && order.queue().equals(queue) && order.message() != null && order.message() == message);
    }

    /** Whether an order for the queue is about this physical queue of it. */
    boolean isMeant(Order order, String physical) {
        return order.value() == null || order.value().equals(layout.value(order.queue(), physical));
    }

    /** Reads the orders as they are now. */
    synchronized void look() throws ActiveMQException {
        List<Order> found = new ArrayList<>();
        try (ClientSession session = connection.transactedSession()) {
            ClientSession.QueueQuery query = session.queueQuery(SimpleString.of(QUEUE));
            if (query.isExists() && query.getMessageCount() > 0) {
                session.start();
                try (ClientConsumer consumer = session.createConsumer(SimpleString.of(QUEUE), null, true)) {
                    for (ClientMessage next; (next = QueueBrowser.next(consumer)) != null; ) {
                        found.add(order(next));
                    }
                }
            }
        }
        long before = last;
        last = found.stream().mapToLong(Order::id).max().orElse(last);
        orders = List.copyOf(found);
        found.stream().filter(order -> order.kind() != Kind.PAUSE && order.id() > before).forEach(obey);
    }

    private static Order order(ClientMessage message) {
        return new Order(message.getMessageID(), Kind.valueOf(message.getStringProperty(KIND)), message.getStringProperty(OF),
                message.getStringProperty(VALUE), message.containsProperty(MESSAGE) ? message.getLongProperty(MESSAGE) : null,
                Instant.ofEpochMilli(message.getTimestamp()), message.getStringProperty(REASON));
    }
}
