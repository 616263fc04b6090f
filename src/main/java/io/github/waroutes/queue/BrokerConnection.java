package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.List;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.FailoverEventType;
import org.apache.activemq.artemis.api.core.client.ServerLocator;

/** A connection to an Artemis broker, embedded or external. */
final class BrokerConnection implements AutoCloseable {

    /**
     * An address whose queues are never written to: each stands for one of our queues and bears its name, so that all nodes know them all
     * without rights to manage the broker.
     */
    private static final SimpleString KNOWN = SimpleString.of("whatsapp.known");
    private static final String KNOWN_PREFIX = KNOWN + ".";
    /** After so long without a sign of life the broker takes a node for dead, and its queues are another's. */
    private static final long TIME_TO_LIVE_MILLIS = 10_000;
    private static final long CHECK_MILLIS = 3_000;

    private final String username;
    private final String password;
    private final ServerLocator locator;
    /** For connections that are not made again by themselves. */
    private final ServerLocator single;
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
            // a broker that restarts is found again, however long it takes
            locator.setReconnectAttempts(-1);
            single = locator(url, timeout);
            single.setReconnectAttempts(0);
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
            locator.setConnectionTTL(TIME_TO_LIVE_MILLIS);
            locator.setClientFailureCheckPeriod(CHECK_MILLIS);
        }
        locator.setRetryInterval(500);
        locator.setInitialConnectAttempts(1);
        return locator;
    }

    boolean isLost() {
        return lost || factory.isClosed();
    }

    /** A session whose sends, and whose acknowledgements, take effect together at its commit. */
    ClientSession transactedSession() throws ActiveMQException {
        return factory.createSession(username, password, false, false, false, false, 0);
    }

    /**
     * A session as {@link #transactedSession}, with a connection of its own that ends with it: a client that reconnects by itself brings its
     * consumers back, and if its session is closed at that moment they stay at the broker and keep what they have got. Close it with
     * {@link #closeSingle}.
     */
    ClientSession singleSession() throws ActiveMQException {
        ClientSessionFactory own;
        try {
            own = single.createSessionFactory();
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

    static void closeSingle(ClientSession session) throws ActiveMQException {
        try {
            session.close();
        } finally {
            session.getSessionFactory().close();
        }
    }

    /** A session whose calls take effect at once. */
    ClientSession plainSession() throws ActiveMQException {
        return factory.createSession(username, password, false, true, true, false, 0);
    }

    /** Makes the queue, and its mark, unless they are there. One consumer at a time gets its messages. */
    void declare(ClientSession session, String queue) throws ActiveMQException {
        declare(session, SimpleString.of(queue), QueueConfiguration.of(queue).setAddress(queue).setExclusive(true));
        declare(session, KNOWN, QueueConfiguration.of(KNOWN_PREFIX + queue).setAddress(KNOWN));
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

    /** Every queue that was ever declared and is still there. */
    List<String> known(ClientSession session) throws ActiveMQException {
        List<String> all = new ArrayList<>();
        for (SimpleString name : session.addressQuery(KNOWN).getQueueNames()) {
            if (name.toString().startsWith(KNOWN_PREFIX)) {
                all.add(name.toString().substring(KNOWN_PREFIX.length()));
            }
        }
        return all;
    }

    /** Removes a queue that is empty, and its mark. */
    void remove(ClientSession session, String queue) throws ActiveMQException {
        session.deleteQueue(SimpleString.of(queue));
        if (session.queueQuery(SimpleString.of(KNOWN_PREFIX + queue)).isExists()) {
            session.deleteQueue(SimpleString.of(KNOWN_PREFIX + queue));
        }
    }

    @Override
    public void close() {
        factory.close();
        locator.close();
        single.close();
    }
}
