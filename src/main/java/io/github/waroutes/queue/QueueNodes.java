package io.github.waroutes.queue;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which nodes share a broker, and whose each queue is. A node shows that it is there by a temporary queue, which the broker removes with the
 * node's connection. Every node reckons for itself, and alike, whose a queue is (rendezvous hashing): a node that comes or goes moves only
 * its own share. That the broker gives an exclusive queue to one consumer at a time covers the moments in which two nodes differ.
 */
final class QueueNodes implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(QueueNodes.class);
    private static final SimpleString NODES = SimpleString.of("whatsapp.nodes");
    private static final String PREFIX = "whatsapp.node.";
    private static final long LOOK_MILLIS = 500;

    private final BrokerConnection connection;
    private final String self = PREFIX + UUID.randomUUID();
    private final ScheduledExecutorService looks = new WaitPool(1, "whatsapp-queue-nodes");
    private volatile List<String> nodes;
    private volatile boolean left;
    private ClientSession session;

    QueueNodes(BrokerConnection connection) {
        this.connection = connection;
        this.nodes = List.of(self);
    }

    void start() {
        look();
        looks.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            if (session == null || session.isClosed()) {
                session = connection.transactedSession();
            }
            show();
            List<String> there = session.addressQuery(NODES).getQueueNames().stream().map(SimpleString::toString)
                    .filter(name -> name.startsWith(PREFIX)).sorted().toList();
            if (!there.equals(nodes)) {
                LOG.info("{} node(s) share the broker", there.size());
                nodes = there;
            }
        } catch (ActiveMQException | RuntimeException e) {
            // nobody can say now; the consumers are lost with the connection, or go on
            LOG.debug("The nodes at the broker could not be looked at", e);
            closeSession();
        }
    }

    /** This node is about to end: it owns nothing from now on, and the others hear of it. */
    void leave() {
        if (!left) {
            left = true;
            looks.execute(this::look);
        }
    }

    private void show() throws ActiveMQException {
        if (left) {
            if (session.queueQuery(SimpleString.of(self)).isExists()) {
                session.deleteQueue(SimpleString.of(self));
            }
            return;
        }
        if (session.queueQuery(SimpleString.of(self)).isExists()) {
            return;
        }
        if (!session.addressQuery(NODES).isExists()) {
            try {
                session.createAddress(NODES, RoutingType.MULTICAST, false);
            } catch (ActiveMQException e) {
                LOG.debug("Another node has made it", e);
            }
        }
        session.createQueue(QueueConfiguration.of(self).setAddress(NODES).setRoutingType(RoutingType.MULTICAST)
                .setDurable(false).setTemporary(true));
    }

    /** Whether the queue is this node's. */
    boolean owns(String queue) {
        if (left) {
            return false;
        }
        String owner = self;
        long highest = Long.MIN_VALUE;
        for (String node : nodes) {
            long weight = weight(node, queue);
            if (weight > highest) {
                highest = weight;
                owner = node;
            }
        }
        return owner.equals(self);
    }

    static long weight(String node, String queue) {
        // FNV-1a, mixed once more: nodes and queues differ in a few characters only
        long hash = 0xcbf29ce484222325L;
        String key = node + '\n' + queue;
        for (int i = 0; i < key.length(); i++) {
            hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
        }
        hash ^= hash >>> 33;
        hash *= 0xff51afd7ed558ccdL;
        return hash ^ hash >>> 33;
    }

    private void closeSession() {
        if (session != null) {
            try {
                session.close();
            } catch (ActiveMQException | RuntimeException e) {
                LOG.debug("Close failed", e);
            }
            session = null;
        }
    }

    @Override
    public void close() {
        looks.shutdown();
        try {
            looks.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeSession();
    }
}
