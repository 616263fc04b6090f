package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.List;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientRequestor;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.FailoverEventType;
import org.apache.activemq.artemis.api.core.client.ServerLocator;
import org.apache.activemq.artemis.api.core.management.ManagementHelper;
import org.apache.activemq.artemis.api.core.management.ResourceNames;

/** A connection to an Artemis broker, embedded or external. */
final class BrokerConnection implements AutoCloseable {

    /**
     * A registry of our queues: an address with one queue, never written to, for each of them and bearing its name, so that every node can
     * list them without management permissions.
     */
    private static final SimpleString REGISTRY = SimpleString.of("whatsapp.known");
    private static final String MANAGEMENT = "activemq.management";
    private static final String REGISTRY_PREFIX = REGISTRY + ".";
    /** After this long without a ping the broker drops a node's connection, and other nodes take over its queues. */
    private static final long CONNECTION_TTL_MILLIS = 10_000;
    private static final long CHECK_MILLIS = 3_000;

    private final String username;
    private final String password;
    private final ServerLocator locator;
    /** For connections that do not reconnect by themselves. */
    private final ServerLocator dedicated;
    private final ClientSessionFactory factory;
    private volatile boolean lost;

    /**
     * @param url     an Artemis URL, as in {@code vm://0}, {@code tcp://broker:61616} or {@code (tcp://a:61616,tcp://b:61616)?ha=true}
     * @param timeout how long a call may wait for the broker, in milliseconds
     */
    BrokerConnection(String url, String username, String password, long timeout) {
        this.username = username;
        this.password = password;
        try {
            locator = locator(url, timeout);
            // reconnect to a restarted broker, however long it takes
            locator.setReconnectAttempts(-1);
            dedicated = locator(url, timeout);
            dedicated.setReconnectAttempts(0);
            factory = locator.createSessionFactory();
            factory.addFailoverListener(event -> lost = event != FailoverEventType.FAILOVER_COMPLETED);
        } catch (Exception e) {
            throw new IllegalStateException("whatsapp.broker.url " + url + " does not answer. Start the broker there, or"
                    + " leave the property empty to use the embedded one.", e);
        }
    }

    private static ServerLocator locator(String url, long timeout) throws Exception {
        ServerLocator locator = ActiveMQClient.createServerLocator(url);
        locator.setCallTimeout(timeout);
        locator.setCallFailoverTimeout(timeout);
        // a send inside a transaction is confirmed by the commit, which does wait
        locator.setBlockOnDurableSend(false);
        if (!url.startsWith("vm:")) {
            locator.setConnectionTTL(CONNECTION_TTL_MILLIS);
            locator.setClientFailureCheckPeriod(CHECK_MILLIS);
        }
        locator.setRetryInterval(500);
        locator.setInitialConnectAttempts(1);
        return locator;
    }

    boolean isLost() {
        return lost || factory.isClosed();
    }

    /** A session whose sends and acknowledgements take effect together at its commit. */
    ClientSession transactedSession() throws ActiveMQException {
        return factory.createSession(username, password, false, false, false, false, 0);
    }

    /**
     * A session as {@link #transactedSession}, with a connection of its own that ends with it: a client that reconnects by itself recreates
     * its consumers, and if its session is closed at that moment they stay at the broker and keep their messages. Close it with
     * {@link #closeDedicated}.
     */
    ClientSession dedicatedSession() throws ActiveMQException {
        ClientSessionFactory own;
        try {
            own = dedicated.createSessionFactory();
        } catch (ActiveMQException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("The broker cannot be connected to", e);
        }
        try {
            return own.createSession(username, password, false, false, false, false, 0);
        } catch (ActiveMQException | RuntimeException e) {
            own.close();
            throw e;
        }
    }

    static void closeDedicated(ClientSession session) throws ActiveMQException {
        try {
            session.close();
        } finally {
            session.getSessionFactory().close();
        }
    }

    /** A session whose calls take effect at once. */
    ClientSession autoCommitSession() throws ActiveMQException {
        return factory.createSession(username, password, false, true, true, false, 0);
    }

    /**
     * The result of one of the broker's management operations (Artemis user manual, "Management").
     *
     * @param resource as {@link ResourceNames} names it
     * @throws QueueUnavailableException if the broker refuses it, or does not answer in time: this user may not manage, perhaps
     */
    Object manage(long millis, String resource, String operation, Object... parameters) throws ActiveMQException {
        try (ClientSession session = autoCommitSession(); ClientRequestor requestor = new ClientRequestor(session, MANAGEMENT)) {
            session.start();
            ClientMessage request = session.createMessage(false);
            ManagementHelper.putOperationInvocation(request, resource, operation, parameters);
            ClientMessage reply = requestor.request(request, millis);
            if (reply == null || !ManagementHelper.hasOperationSucceeded(reply)) {
                throw new QueueUnavailableException("The broker did not carry out " + operation + ". An external one must let this user manage"
                        + " (send to " + MANAGEMENT + "): " + (reply == null ? "no answer" : ManagementHelper.getResult(reply)));
            }
            return ManagementHelper.getResult(reply);
        } catch (ActiveMQException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new QueueUnavailableException("The broker did not carry out " + operation, e);
        }
    }

    /** Creates the queue and its registry entry, unless they exist. The queue is exclusive: one consumer at a time gets its messages. */
    void declare(ClientSession session, String queue) throws ActiveMQException {
        declare(session, SimpleString.of(queue), QueueConfiguration.of(queue).setAddress(queue).setExclusive(true));
        declare(session, REGISTRY, QueueConfiguration.of(REGISTRY_PREFIX + queue).setAddress(REGISTRY));
    }

    private static void declare(ClientSession session, SimpleString address, QueueConfiguration queue) throws ActiveMQException {
        if (session.queueQuery(queue.getName()).isExists()) {
            return;
        }
        try {
            if (!session.addressQuery(address).isExists()) {
                session.createAddress(address, RoutingType.ANYCAST, false);
            }
            session.createQueue(queue.setRoutingType(RoutingType.ANYCAST).setDurable(true));
        } catch (ActiveMQException e) {
            // another node, or another thread, was faster
            if (!session.queueQuery(queue.getName()).isExists()) {
                throw e;
            }
        }
    }

    /** All declared queues that still exist. */
    List<String> declaredQueues(ClientSession session) throws ActiveMQException {
        List<String> all = new ArrayList<>();
        for (SimpleString name : session.addressQuery(REGISTRY).getQueueNames()) {
            if (name.toString().startsWith(REGISTRY_PREFIX)) {
                all.add(name.toString().substring(REGISTRY_PREFIX.length()));
            }
        }
        return all;
    }

    /** Removes an empty queue and its registry entry. */
    void remove(ClientSession session, String queue) throws ActiveMQException {
        session.deleteQueue(SimpleString.of(queue));
        if (session.queueQuery(SimpleString.of(REGISTRY_PREFIX + queue)).isExists()) {
            session.deleteQueue(SimpleString.of(REGISTRY_PREFIX + queue));
        }
    }

    @Override
    public void close() {
        factory.close();
        locator.close();
        dedicated.close();
    }
}
