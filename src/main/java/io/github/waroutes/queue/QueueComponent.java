package io.github.waroutes.queue;

import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Durable queues with an order per conversation: {@code whatsapp-queue:NAME}.
 * <p>
 * The component owns the broker, so Camel starts the broker before the routes and stops it after them. With an empty
 * {@link #setUrl url}, or {@code vm://N}, the broker is embedded; otherwise it is an Artemis broker elsewhere.
 * <p>
 * A producer answers once its message is on disk. A consumer takes up to {@code maxInFlight} messages at once, handles
 * those of one conversation one after another, and those of different conversations side by side; a message leaves the
 * queue when its exchange is done. Bodies are bytes; Java objects are neither written nor read.
 */
public class QueueComponent extends DefaultComponent {

    private static final Logger LOG = LoggerFactory.getLogger(QueueComponent.class);
    /** Above any number of workers that makes sense. */
    private static final int MOST_HANDLED = 256;
    private static final Pattern IN_VM = Pattern.compile("vm://(\\d+).*");

    private String url = "";
    private String username;
    private String password;
    private String directory = "data/broker";
    private long maxBytes = 4L << 30;
    private long minFree = 256L << 20;
    private String deadLetter = "whatsapp.dead-letter";
    private long timeout = 10_000;
    private int busyStores = 24;
    private HandlingLimit handlingLimit;

    private final Set<QueueConsumer> consumers = ConcurrentHashMap.newKeySet();
    private EmbeddedBroker broker;
    private DiskFloor disk;
    private BrokerConnection connection;
    private QueueWriter writer;

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        QueueEndpoint endpoint = new QueueEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        handlingLimit = new HandlingLimit(busyStores, MOST_HANDLED, System.nanoTime());
        if (maxBytes < 1 << 20) {
            throw new IllegalArgumentException("whatsapp.broker.max-bytes " + maxBytes
                    + " is too small. Give at least 1048576 (1 MiB).");
        }
        String target = url == null || url.isBlank() ? "vm://0" : url.trim();
        Matcher inVm = IN_VM.matcher(target);
        if (inVm.matches()) {
            warnOfLoggers();
            broker = new EmbeddedBroker(Integer.parseInt(inVm.group(1)), Path.of(directory), maxBytes, deadLetter);
            broker.start();
            disk = new DiskFloor(Path.of(directory), minFree);
        } else {
            requireAddress(target);
        }
        connection = new BrokerConnection(target, blankToNull(username), blankToNull(password), timeout);
        writer = new QueueWriter(connection);
    }

    /** A host's log configuration may let the embedded broker print the messages that go through it. */
    private static void warnOfLoggers() {
        if (LoggerFactory.getLogger("org.apache.activemq.audit.message").isInfoEnabled()) {
            LOG.warn("The broker will log whole messages, people's data included. Set the logger org.apache.activemq.audit to"
                    + " OFF and org.apache.activemq.artemis.core.server to ERROR.");
        }
    }

    private static void requireAddress(String target) {
        try {
            if (!target.startsWith("(") && URI.create(target).getHost() == null) {
                throw new IllegalArgumentException("no host");
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("whatsapp.broker.url " + target + " is not an address. Give one such as"
                    + " tcp://broker:61616, or leave it empty to use the embedded broker.", e);
        }
    }

    @Override
    protected void doStop() throws Exception {
        if (writer != null) {
            writer.close();
            writer = null;
        }
        if (connection != null) {
            connection.close();
            connection = null;
        }
        if (broker != null) {
            broker.stop();
            broker = null;
            disk = null;
        }
        super.doStop();
    }

    /**
     * Stores messages in one transaction.
     *
     * @return completes when all are on disk; fails with {@link QueueUnavailableException}
     */
    CompletableFuture<Void> store(String queue, Collection<? extends QueueMessage> messages) {
        QueueWriter current = writer;
        if (current == null) {
            return CompletableFuture.failedFuture(new QueueUnavailableException("The queue is not started"));
        }
        return current.store(queue, messages);
    }

    HandlingLimit handlingLimit() {
        return handlingLimit;
    }

    BrokerConnection connection() {
        return connection;
    }

    /** How many messages the queue holds, delivered ones that are not done yet included. */
    public long messageCount(String queue) throws ActiveMQException {
        try (ClientSession session = connection.transactedSession()) {
            ClientSession.QueueQuery answer = session.queueQuery(SimpleString.of(queue));
            return answer.isExists() ? answer.getMessageCount() : 0;
        }
    }

    /**
     * Whether the queue may hold messages from before a moment. What this process has taken is known; where it has taken nothing, any
     * message counts.
     */
    public boolean isBehind(String queue, Instant moment) throws ActiveMQException {
        boolean taken = false;
        for (QueueConsumer consumer : consumers) {
            if (consumer.queue().equals(queue)) {
                OptionalLong oldest = consumer.oldest();
                // whatever is still in the queue is younger than what was taken
                if (oldest.isPresent() && oldest.getAsLong() <= moment.toEpochMilli()) {
                    return true;
                }
                taken |= oldest.isPresent();
            }
        }
        return !taken && messageCount(queue) > 0;
    }

    /** How the broker is at this moment. */
    public BrokerState brokerState() {
        BrokerConnection current = connection;
        EmbeddedBroker embedded = broker;
        DiskFloor floor = disk;
        String problem = null;
        if (current == null) {
            problem = "The queue is not started";
        } else if (embedded != null && !embedded.isActive()) {
            problem = "The embedded broker has stopped";
        } else if (current.isLost()) {
            problem = "The broker does not answer (whatsapp.broker.url)";
        }
        return new StateOfTheMoment(problem, floor == null || floor.floorBytes() == 0 ? 0 : floor.usableBytes(),
                floor == null ? 0 : floor.floorBytes(), false);
    }

    private record StateOfTheMoment(String problem, long usableBytes, long floorBytes, boolean fatal) implements BrokerState {

        @Override
        public boolean up() {
            return problem == null;
        }
    }

    void add(QueueConsumer consumer) {
        consumers.add(consumer);
    }

    void remove(QueueConsumer consumer) {
        consumers.remove(consumer);
    }

    /** The first messages of a queue, oldest first, left where they are. */
    public List<StoredMessage> browse(String queue, int limit) throws ActiveMQException {
        return QueueBrowser.browse(connection, queue, limit);
    }

    private static String blankToNull(String text) {
        return text == null || text.isBlank() ? null : text;
    }

    /** @param url an Artemis URL; empty: the embedded broker */
    public void setUrl(String url) {
        this.url = url;
    }

    public void setUsername(String username) {
        this.username = username;
    }

    public void setPassword(String password) {
        this.password = password;
    }

    /** @param directory where the embedded broker keeps its files */
    public void setDirectory(String directory) {
        this.directory = directory;
    }

    /** @param maxBytes how much one queue of the embedded broker may hold before it refuses */
    public void setMaxBytes(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** @param minFree how many bytes must be left on the embedded broker's disk for messages to be stored; 0: none */
    public void setMinFree(long minFree) {
        this.minFree = minFree;
    }

    /** @param deadLetter the queue that takes what the broker gives up delivering */
    public void setDeadLetter(String deadLetter) {
        this.deadLetter = deadLetter;
    }

    /** @param timeout how long a call may wait for the broker, in milliseconds */
    public void setTimeout(long timeout) {
        this.timeout = timeout;
    }

    /**
     * @param busyStores from how many stores in progress at once, of producers with {@code goesFirst}, on fewer messages are
     *                   handled at once
     */
    public void setBusyStores(int busyStores) {
        if (busyStores < 1) {
            throw new IllegalArgumentException("whatsapp.webhook.busy-stores must be at least 1, and is " + busyStores);
        }
        this.busyStores = busyStores;
    }

    long timeout() {
        return timeout;
    }
}
