package io.github.waroutes.queue;

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

    private static final int CONSUMER_WINDOW_BYTES = 1 << 20;

    private final String username;
    private final String password;
    private final ServerLocator locator;
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
            locator = ActiveMQClient.createServerLocator(url);
            locator.setCallTimeout(timeout);
            // a send inside a transaction is confirmed by the commit, which does wait
            locator.setBlockOnDurableSend(false);
            locator.setConsumerWindowSize(CONSUMER_WINDOW_BYTES);
            // a broker that restarts is found again, however long it takes
            locator.setReconnectAttempts(-1);
            locator.setInitialConnectAttempts(1);
            factory = locator.createSessionFactory();
            factory.addFailoverListener(event -> lost = event != FailoverEventType.FAILOVER_COMPLETED);
        } catch (Exception e) {
            throw new IllegalStateException("whatsapp.broker.url " + url + " does not answer. Start the broker there, or"
                    + " leave the property empty to use the embedded one.", e);
        }
    }

    boolean isLost() {
        return lost || factory.isClosed();
    }

    /** A session whose sends, and whose acknowledgements, take effect together at its commit. */
    ClientSession transactedSession() throws ActiveMQException {
        return factory.createSession(username, password, false, false, false, false, 0);
    }

    /** Makes the queue unless it is there. */
    void declare(ClientSession session, String queue) throws ActiveMQException {
        SimpleString name = SimpleString.of(queue);
        if (session.queueQuery(name).isExists()) {
            return;
        }
        try {
            if (!session.addressQuery(name).isExists()) {
                session.createAddress(name, RoutingType.ANYCAST, false);
            }
            session.createQueue(QueueConfiguration.of(name)
                    .setAddress(name)
                    .setRoutingType(RoutingType.ANYCAST)
                    .setDurable(true));
        } catch (ActiveMQException e) {
            if (!session.queueQuery(name).isExists()) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        factory.close();
        locator.close();
    }
}
