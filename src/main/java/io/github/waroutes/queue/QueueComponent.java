package io.github.waroutes.queue;

import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.waroutes.setting.Libraries;
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
 * A producer answers once its message is on disk. A consumer handles the messages
 * of one conversation one after another, and those of different conversations side by side; what it has in hand is bounded, a message leaves the
 * queue when its exchange is done. Bodies are bytes; Java objects are neither written nor read.
 */
public class QueueComponent extends DefaultComponent {

    private static final Logger LOG = LoggerFactory.getLogger(QueueComponent.class);
    /** Above any number of workers that makes sense. */
    private static final int MOST_HANDLED = 256;
    /** From so many stores of webhooks in progress at once on, fewer messages are handled at once. */
    private static final int BUSY_STORES = 24;
    private static final int PARTITIONS_OF_ONE_NODE = 1;
    private static final int PARTITIONS_OF_NODES = 4;
    private static final long WATCH_MILLIS = 5_000;
    private static final long STUCK_MILLIS = 60_000;
    private static final long TAKE_OVER_AGAIN_MILLIS = 10_000;
    private static final Pattern IN_VM = Pattern.compile("vm://(\\d+).*");

    private String url = "";
    private String username;
    private String password;
    private String directory = "data/broker";
    private long maxBytes = 4L << 30;
    private long minFree = 256L << 20;
    private String deadLetter = "whatsapp.dead-letter";
    private String repeated;
    private long timeout = 10_000;
    private HandlingLimit handlingLimit;
    private String split = "";
    private QueueLayout layout = new QueueLayout(split, PARTITIONS_OF_ONE_NODE);

    private final Set<QueueConsumer> consumers = ConcurrentHashMap.newKeySet();
    private WaitPool later;
    private QueueNodes nodes;
    private EmbeddedBroker broker;
    private DiskFloor disk;
    private BrokerConnection connection;
    private QueueWriter writer;
    private volatile String stuck;
    private volatile String fatal;

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        QueueEndpoint endpoint = new QueueEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        handlingLimit = new HandlingLimit(BUSY_STORES, MOST_HANDLED, System.nanoTime());
        if (maxBytes < 1 << 20) {
            throw new IllegalArgumentException("whatsapp.broker.max-bytes " + maxBytes
                    + " is too small. Give at least 1048576 (1 MiB).");
        }
        String target = url == null || url.isBlank() ? "vm://0" : url.trim();
        Matcher inVm = IN_VM.matcher(target);
        if (inVm.matches()) {
            Libraries.require("org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl",
                    "whatsapp.broker.url is empty or begins with vm:, which is the embedded broker", "org.apache.artemis:artemis-server");
            warnOfLoggers();
            broker = new EmbeddedBroker(Integer.parseInt(inVm.group(1)), Path.of(directory), maxBytes, deadLetter, layout, repeated,
                    this::end);
            broker.start();
            disk = new DiskFloor(Path.of(directory), minFree);
        } else {
            layout = new QueueLayout(split, PARTITIONS_OF_NODES);
            requireAddress(target);
        }
        connection = new BrokerConnection(target, blankToNull(username), blankToNull(password), timeout);
        later = new WaitPool(1, "whatsapp-queue-later");
        if (broker == null) {
            BrokerSettings.check(connection, layout.split().isEmpty() ? deadLetter : layout.split().get(0));
            nodes = new QueueNodes(connection);
            nodes.start();
        }
        takeOver();
        DiskFloor floor = disk;
        writer = new QueueWriter(connection, layout, this::made, () -> floor != null && floor.isBelow());
        later.scheduleWithFixedDelay(this::watch, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** What stores and acknowledges must live; of the embedded broker it is known that it does not come back by itself. */
    private void watch() {
        QueueWriter current = writer;
        boolean works = (current == null || current.works(STUCK_MILLIS)) && consumers.stream().allMatch(consumer -> consumer.works(STUCK_MILLIS));
        stuck = works ? null : "What stores or acknowledges messages has been stuck for " + STUCK_MILLIS / 1000 + " s";
        EmbeddedBroker embedded = broker;
        if (embedded != null && !works) {
            end(stuck);
        } else if (embedded != null && isStarted() && !embedded.isActive()) {
            end("The embedded broker has stopped");
        }
    }

    /** Only a restart helps: the program ends, a host hears of it by the log and by readiness. */
    private void end(String reason) {
        fatal = reason;
        Consumer<?> ending = getCamelContext().getRegistry().lookupByNameAndType("whatsappProcessEnd", Consumer.class);
        if (ending == null) {
            LOG.error("{}: restart the application", reason);
        } else {
            @SuppressWarnings("unchecked")
            Consumer<String> known = (Consumer<String>) ending;
            known.accept(reason);
        }
    }

    private void takeOver() throws ActiveMQException {
        TakeOver old = new TakeOver(connection, layout);
        for (String queue : layout.split()) {
            List<String> left = old.bring(queue, oldQueues(queue));
            if (!left.isEmpty()) {
                later.schedule(() -> takeOverAgain(old, queue, left), TAKE_OVER_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    private void takeOverAgain(TakeOver old, String queue, List<String> left) {
        List<String> still = left;
        try {
            still = old.bring(queue, left);
        } catch (ActiveMQException | RuntimeException e) {
            LOG.debug("What is left of {} could not be taken over now", queue, e);
        }
        if (!still.isEmpty() && !later.isShutdown()) {
            List<String> next = still;
            later.schedule(() -> takeOverAgain(old, queue, next), TAKE_OVER_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private List<String> oldQueues(String queue) throws ActiveMQException {
        try (ClientSession session = connection.transactedSession()) {
            Set<String> old = new LinkedHashSet<>();
            old.add(queue);
            connection.known(session).stream().filter(physical -> layout.held(queue, physical)).forEach(old::add);
            return List.copyOf(old);
        }
    }

    /** The application is about to end: other nodes take the queues over as soon as what runs here has ended. */
    void leave() {
        QueueNodes current = nodes;
        if (current != null) {
            current.leave();
            consumers.forEach(QueueConsumer::drain);
        }
    }

    private void made(String physical) {
        consumers.forEach(consumer -> consumer.read(physical));
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
        if (later != null) {
            later.shutdownNow();
            later = null;
        }
        if (nodes != null) {
            nodes.close();
            nodes = null;
        }
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

    QueueLayout layout() {
        return layout;
    }

    /** Whether this node is to read the broker's queue. */
    boolean owns(String physical) {
        QueueNodes current = nodes;
        return current == null || current.owns(physical);
    }

    /** The broker's queues of a queue, as far as they have been made. */
    List<String> known(String queue) {
        try (ClientSession session = connection.transactedSession()) {
            return connection.known(session).stream().filter(physical -> layout.holds(queue, physical)).toList();
        } catch (ActiveMQException e) {
            throw new QueueUnavailableException("The broker does not answer", e);
        }
    }

    /** How many messages a queue of the broker holds, with those that overflowed, and those delivered that are not done yet. */
    long count(String physical) throws ActiveMQException {
        try (ClientSession session = connection.transactedSession()) {
            return count(session, physical);
        }
    }

    private long count(ClientSession session, String physical) throws ActiveMQException {
        long count = 0;
        for (String name : connection.known(session)) {
            if (name.equals(physical) || name.startsWith(physical + Overflow.NAME)) {
                count += session.queueQuery(SimpleString.of(name)).getMessageCount();
            }
        }
        return count;
    }

    /** How many messages the queue holds, delivered ones that are not done yet included. */
    public long messageCount(String queue) throws ActiveMQException {
        return depths(queue).values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * How many messages each of the broker's queues of a queue holds, by what it is split by: the value of the header, the name of the
     * partition, or, if it is not split, its own name.
     */
    public Map<String, Long> depths(String queue) throws ActiveMQException {
        Map<String, Long> depths = new TreeMap<>();
        try (ClientSession session = connection.transactedSession()) {
            for (String name : connection.known(session)) {
                int lane = name.indexOf(Overflow.NAME);
                String physical = lane < 0 ? name : name.substring(0, lane);
                if (layout.holds(queue, physical)) {
                    String value = layout.value(queue, physical);
                    depths.merge(value != null ? value : physical, session.queueQuery(SimpleString.of(name)).getMessageCount(), Long::sum);
                }
            }
        }
        return depths;
    }

    /**
     * Whether the queue may hold messages from before a moment. What this process has taken is known; where it has taken nothing, any
     * message counts.
     */
    public boolean isBehind(String queue, Instant moment) throws ActiveMQException {
        boolean read = false;
        for (QueueConsumer consumer : consumers) {
            if (consumer.queue().equals(queue)) {
                read = true;
                if (consumer.isBehind(moment)) {
                    return true;
                }
            }
        }
        return !read && messageCount(queue) > 0;
    }

    /** How the broker is at this moment. */
    public BrokerState brokerState() {
        BrokerConnection current = connection;
        EmbeddedBroker embedded = broker;
        DiskFloor floor = disk;
        String problem = fatal != null ? fatal : stuck;
        if (problem == null && current == null) {
            problem = "The queue is not started";
        } else if (problem == null && embedded != null && !embedded.isActive()) {
            problem = "The embedded broker has stopped";
        } else if (problem == null && current.isLost()) {
            problem = "The broker does not answer (whatsapp.broker.url)";
        }
        return new StateOfTheMoment(problem, floor == null || floor.floorBytes() == 0 ? 0 : floor.usableBytes(),
                floor == null ? 0 : floor.floorBytes(), fatal != null);
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

    /** The first messages of a queue, oldest first in each of the broker's queues that it is split into, left where they are. */
    public List<StoredMessage> browse(String queue, int limit) throws ActiveMQException {
        List<StoredMessage> found = new ArrayList<>();
        List<String> all;
        try (ClientSession session = connection.transactedSession()) {
            all = connection.known(session);
        }
        for (String name : all) {
            int lane = name.indexOf(Overflow.NAME);
            if (found.size() < limit && layout.holds(queue, lane < 0 ? name : name.substring(0, lane))) {
                found.addAll(QueueBrowser.browse(connection, name, limit - found.size()));
            }
        }
        return found;
    }

    /** A look at, and moves out of, queues that nobody consumes. */
    public QueueShelf shelf() {
        BrokerConnection current = connection;
        if (current == null) {
            throw new QueueUnavailableException("The queue is not started");
        }
        return new QueueShelf(current, layout, this::made);
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

    /** @param repeated the queue of which as much as 20,000 messages of a number may be stored again; each is known by its id */
    public void setRepeated(String repeated) {
        this.repeated = repeated;
    }

    /** @param deadLetter the queue that takes what the broker gives up delivering */
    public void setDeadLetter(String deadLetter) {
        this.deadLetter = deadLetter;
    }

    /**
     * @param split which queues are split, and by what: {@code whatsapp.inbound=16} into so many partitions, a conversation always in the
     *              same one; {@code =auto} into one if the broker is embedded, and has one node, else into 4;
     *              {@code whatsapp.outbound=WhatsAppPhoneNumberId} into one for each value of that header
     */
    public void setSplit(String split) {
        layout = new QueueLayout(split, PARTITIONS_OF_ONE_NODE);
        this.split = split;
    }

    /** @param timeout how long a call may wait for the broker, in milliseconds */
    public void setTimeout(long timeout) {
        this.timeout = timeout;
    }

    long timeout() {
        return timeout;
    }
}
