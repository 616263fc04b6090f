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
 * Which nodes share a broker, and which of them owns each queue. A node announces itself by a temporary queue, which the broker removes with
 * the node's connection. Each node computes the same owner of a queue for itself (rendezvous hashing), so that a node that joins or leaves
 * moves only its own share. While two nodes disagree, exclusive queues make the broker deliver to one consumer only.
 */
final class QueueNodes implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(QueueNodes.class);
    private static final SimpleString NODES = SimpleString.of("whatsapp.nodes");
    private static final String PREFIX = "whatsapp.node.";
    private static final long REFRESH_MILLIS = 500;

    private final BrokerConnection connection;
    private final String self = PREFIX + UUID.randomUUID();
    private final ScheduledExecutorService scheduler = new WaitPool(1, "whatsapp-queue-nodes");
    private volatile List<String> nodes;
    private volatile boolean left;
    private ClientSession session;

    QueueNodes(BrokerConnection connection) {
        this.connection = connection;
        this.nodes = List.of(self);
    }

    void start() {
        refresh();
        scheduler.scheduleWithFixedDelay(this::refresh, REFRESH_MILLIS, REFRESH_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void refresh() {
        try {
            if (session == null || session.isClosed()) {
                session = connection.transactedSession();
            }
            announce();
            List<String> present = session.addressQuery(NODES).getQueueNames().stream().map(SimpleString::toString)
                    .filter(name -> name.startsWith(PREFIX)).sorted().toList();
            if (!present.equals(nodes)) {
                LOG.info("{} node(s) share the broker", present.size());
                nodes = present;
            }
        } catch (ActiveMQException | RuntimeException e) {
            // unknown for now: the consumers are lost with the connection, or continue
            LOG.debug("The nodes at the broker could not be listed", e);
            closeSession();
        }
    }

    /** This node is about to stop: it owns nothing from now on, and withdraws its announcement. */
    void leave() {
        if (!left) {
            left = true;
            scheduler.execute(this::refresh);
        }
    }

    private void announce() throws ActiveMQException {
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
                LOG.debug("Another node has created it", e);
            }
        }
        session.createQueue(QueueConfiguration.of(self).setAddress(NODES).setRoutingType(RoutingType.MULTICAST)
                .setDurable(false).setTemporary(true));
    }

    /** Whether this node owns the queue. */
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
        // FNV-1a with a final mix, as names differ in a few characters only
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
        scheduler.shutdown();
        try {
            scheduler.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeSession();
    }
}
