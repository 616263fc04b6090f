package io.github.waroutes.queue;

import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
 * A producer returns once its message is on disk. A consumer handles the messages of one conversation one after another, and those of
 * different conversations concurrently. The bytes in flight are bounded, and a message leaves the queue when its exchange is done. Bodies are
 * bytes; Java objects are neither written nor read.
 */
public class QueueComponent extends DefaultComponent {

    private static final Logger LOG = LoggerFactory.getLogger(QueueComponent.class);
    /** More than any sensible number of workers. */
    private static final int MAX_HANDLED = 256;
    /** With this many stores of webhooks in progress at once, handling is throttled. */
    private static final int BUSY_STORES = 24;
    private static final int PARTITIONS_EMBEDDED = 1;
    private static final int PARTITIONS_SHARED = 4;
    private static final long SUPERVISION_MILLIS = 5_000;
    private static final long ORDERS_MILLIS = 1_000;
    private static final long STUCK_MILLIS = 60_000;
    private static final long MIGRATION_RETRY_MILLIS = 10_000;
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
    private QueueLayout layout = new QueueLayout(split, PARTITIONS_EMBEDDED);

    private final Set<QueueConsumer> consumers = ConcurrentHashMap.newKeySet();
    private final Map<String, LongAdder> repeats = new ConcurrentHashMap<>();
    private WaitPool scheduler;
    private QueueNodes nodes;
    private EmbeddedBroker broker;
    private DiskFloor disk;
    private BrokerConnection connection;
    private QueueShelf shelf;
    private QueueOrders orders;
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
        handlingLimit = new HandlingLimit(BUSY_STORES, MAX_HANDLED, System.nanoTime());
        if (maxBytes < 1 << 20) {
            throw new IllegalArgumentException("whatsapp.broker.max-bytes " + maxBytes
                    + " is too small. Give at least 1048576 (1 MiB).");
        }
        String target = url == null || url.isBlank() ? "vm://0" : url.trim();
        Matcher inVm = IN_VM.matcher(target);
        if (inVm.matches()) {
            Libraries.require("org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl",
                    "whatsapp.broker.url is empty or begins with vm:, which is the embedded broker", "org.apache.artemis:artemis-server");
            warnAboutAuditLog();
            broker = new EmbeddedBroker(Integer.parseInt(inVm.group(1)), Path.of(directory), maxBytes, deadLetter, layout, repeated,
                    this::shutDown);
            broker.start();
            disk = new DiskFloor(Path.of(directory), minFree);
        } else {
            layout = new QueueLayout(split, PARTITIONS_SHARED);
            requireAddress(target);
        }
        connection = new BrokerConnection(target, blankToNull(username), blankToNull(password), timeout);
        scheduler = new WaitPool(1, "whatsapp-queue-scheduler");
        if (broker == null) {
            BrokerSettings.check(connection, layout.split().isEmpty() ? deadLetter : layout.split().get(0));
            nodes = new QueueNodes(connection);
            nodes.start();
        }
        orders = new QueueOrders(connection, layout, order -> consumers.forEach(consumer -> consumer.obey(order)));
        // before anything is consumed, as what is paused stays so
        orders.look();
        scheduler.scheduleWithFixedDelay(this::lookAtOrders, ORDERS_MILLIS, ORDERS_MILLIS, TimeUnit.MILLISECONDS);
        migrate();
        DiskFloor floor = disk;
        writer = new QueueWriter(connection, layout, this::queueCreated, () -> floor != null && floor.isBelow(),
                queue -> repeats.computeIfAbsent(queue, name -> new LongAdder()).increment());
        scheduler.scheduleWithFixedDelay(this::supervise, SUPERVISION_MILLIS, SUPERVISION_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Checks that the writer and the consumers' sessions make progress, and that the embedded broker, which does not recover by itself, runs. */
    private void supervise() {
        QueueWriter current = writer;
        boolean alive = (current == null || current.isAlive(STUCK_MILLIS)) && consumers.stream().allMatch(consumer -> consumer.isAlive(STUCK_MILLIS));
        stuck = alive ? null : "The storing or acknowledging of messages has been stuck for " + STUCK_MILLIS / 1000 + " s";
        EmbeddedBroker embedded = broker;
        if (embedded != null && !alive) {
            shutDown(stuck);
        } else if (embedded != null && isStarted() && !embedded.isActive()) {
            shutDown("The embedded broker has stopped");
        }
    }

    /** Only a restart helps: the gateway's process ends; an embedding application learns of it from the log and from readiness. */
    private void shutDown(String reason) {
        fatal = reason;
        Consumer<?> found = getCamelContext().getRegistry().lookupByNameAndType("whatsappProcessEnd", Consumer.class);
        if (found == null) {
            LOG.error("{}: restart the application", reason);
        } else {
            @SuppressWarnings("unchecked")
            Consumer<String> processEnd = (Consumer<String>) found;
            processEnd.accept(reason);
        }
    }

    private void migrate() throws ActiveMQException {
        QueueMigration migration = new QueueMigration(connection, layout);
        for (String queue : layout.split()) {
            List<String> left = migration.migrate(queue, formerQueues(queue));
            if (!left.isEmpty()) {
                scheduler.schedule(() -> migrateLater(migration, queue, left), MIGRATION_RETRY_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    private void migrateLater(QueueMigration migration, String queue, List<String> left) {
        List<String> still = left;
        try {
            still = migration.migrate(queue, left);
        } catch (ActiveMQException | RuntimeException e) {
            LOG.debug("The rest of {} could not be migrated now", queue, e);
        }
        if (!still.isEmpty() && !scheduler.isShutdown()) {
            List<String> next = still;
            scheduler.schedule(() -> migrateLater(migration, queue, next), MIGRATION_RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private List<String> formerQueues(String queue) throws ActiveMQException {
        try (ClientSession session = connection.transactedSession()) {
            Set<String> former = new LinkedHashSet<>();
            former.add(queue);
            connection.declaredQueues(session).stream().filter(physical -> layout.wasPartOf(queue, physical)).forEach(former::add);
            return List.copyOf(former);
        }
    }

    /** The application is about to stop: other nodes take the queues over as soon as the exchanges in flight here are done. */
    void leave() {
        QueueNodes current = nodes;
        if (current != null) {
            current.leave();
            consumers.forEach(QueueConsumer::drain);
        }
    }

    private void queueCreated(String physical) {
        consumers.forEach(consumer -> consumer.read(physical));
    }

    /** A host's log configuration may let the embedded broker print the messages that go through it. */
    private static void warnAboutAuditLog() {
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
        if (scheduler != null) {
            scheduler.shutdownNow();
            scheduler = null;
        }
        if (nodes != null) {
            nodes.close();
            nodes = null;
        }
        if (writer != null) {
            writer.close();
            writer = null;
        }
        shelf = null;
        orders = null;
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

    private void lookAtOrders() {
        QueueOrders current = orders;
        try {
            if (current != null) {
                current.look();
            }
        } catch (ActiveMQException | RuntimeException e) {
            LOG.debug("The operators' orders could not be read now", e);
        }
    }

    /** What operators want of the queues. */
    public QueueOrders orders() {
        QueueOrders current = orders;
        if (current == null) {
            throw new QueueUnavailableException("The queue is not started");
        }
        return current;
    }

    /** What this process has taken from its queues and that waits to be handled again. */
    public List<HeldMessage> held() {
        return consumers.stream().flatMap(QueueConsumer::held).toList();
    }

    /** Whether this node is the one that reads the physical queue, and nobody has paused it. */
    boolean reads(String physical) {
        QueueNodes current = nodes;
        return (current == null || current.owns(physical)) && !orders().isPaused(physical);
    }

    /** The physical queues of a queue that exist. */
    List<String> physicalQueues(String queue) {
        try (ClientSession session = connection.transactedSession()) {
            return connection.declaredQueues(session).stream().filter(physical -> layout.isPartOf(queue, physical)).toList();
        } catch (ActiveMQException e) {
            throw new QueueUnavailableException("The broker does not answer", e);
        }
    }

    /** How many messages a physical queue holds, with its overflow queues; delivered messages count until they are acknowledged. */
    long count(String physical) throws ActiveMQException {
        try (ClientSession session = connection.transactedSession()) {
            return count(session, physical);
        }
    }

    private long count(ClientSession session, String physical) throws ActiveMQException {
        long count = 0;
        for (String name : connection.declaredQueues(session)) {
            if (name.equals(physical) || name.startsWith(physical + Overflow.INFIX)) {
                count += session.queueQuery(SimpleString.of(name)).getMessageCount();
            }
        }
        return count;
    }

    /** How many messages the queue holds; delivered ones count until they are acknowledged. */
    public long messageCount(String queue) throws ActiveMQException {
        return depths(queue).stream().mapToLong(QueueDepth::messages).sum();
    }

    /**
     * How much the queue holds and since when: one entry for each value of the header that it is split by, else one for all. No queue is
     * walked: of what is in flight here the ages are known, elsewhere the broker is asked for the first message.
     */
    public List<QueueDepth> look(String queue) throws ActiveMQException {
        return look(queue, true);
    }

    /** The same, without ages. */
    public List<QueueDepth> depths(String queue) throws ActiveMQException {
        return look(queue, false);
    }

    private List<QueueDepth> look(String queue, boolean ages) throws ActiveMQException {
        Map<String, QueueDepth> depths = new TreeMap<>();
        try (ClientSession session = connection.transactedSession()) {
            session.start();
            for (String name : connection.declaredQueues(session)) {
                String physical = Overflow.physical(name);
                if (layout.isPartOf(queue, physical)) {
                    String value = layout.value(queue, physical);
                    long messages = session.queueQuery(SimpleString.of(name)).getMessageCount();
                    // what overflows is younger than what its conversation has in flight
                    Instant oldest = !ages || messages == 0 || !name.equals(physical) ? null : oldest(session, queue, physical);
                    depths.merge(value == null ? "" : value, new QueueDepth(value, messages, oldest), QueueDepth::plus);
                }
            }
        }
        return List.copyOf(depths.values());
    }

    private Instant oldest(ClientSession session, String queue, String physical) throws ActiveMQException {
        long inFlight = consumers.stream().filter(consumer -> consumer.queue().equals(queue)).map(consumer -> consumer.oldest(physical))
                .filter(OptionalLong::isPresent).mapToLong(OptionalLong::getAsLong).min().orElse(0);
        long storedAt = inFlight != 0 ? inFlight : QueueBrowser.headStoredAt(session, physical);
        return storedAt == 0 ? null : Instant.ofEpochMilli(storedAt);
    }

    /** What this process has taken from the queue. */
    public InFlight inFlight(String queue) {
        return consumers.stream().filter(consumer -> consumer.queue().equals(queue)).map(QueueConsumer::inFlight)
                .reduce(new InFlight(0, 0), InFlight::plus);
    }

    /** How many messages were not stored since the start because the queue had them before. */
    public long repeats(String queue) {
        LongAdder dropped = repeats.get(queue);
        return dropped == null ? 0 : dropped.sum();
    }

    /** The directories that this process stores messages in: none with an external broker. */
    public List<Path> directories() {
        return broker == null ? List.of() : List.of(Path.of(directory));
    }

    /**
     * Whether the queue may hold messages from before a moment. Ages are known only of messages that this process has in flight; where it
     * has none, any message counts.
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

    /** The broker's present state. */
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
        return new Snapshot(problem, floor == null || floor.floorBytes() == 0 ? 0 : floor.usableBytes(),
                floor == null ? 0 : floor.floorBytes(), fatal != null);
    }

    private record Snapshot(String problem, long usableBytes, long floorBytes, boolean fatal) implements BrokerState {

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

    /** The first messages of a queue, oldest first within each physical queue, without removing them. */
    public List<StoredMessage> browse(String queue, int limit) throws ActiveMQException {
        return stored(queue, physical -> layout.isPartOf(queue, physical), 0, limit).stream().map(HeldMessage::message).toList();
    }

    /**
     * What lies in the part of a queue that is split by a header, and is not taken by a consumer: oldest first, then what overflows.
     *
     * @param value of the header
     */
    public List<HeldMessage> stored(String queue, String value, int skip, int limit) throws ActiveMQException {
        return stored(queue, physical -> value.equals(layout.value(queue, physical)), skip, limit);
    }

    private List<HeldMessage> stored(String queue, Predicate<String> part, int skip, int limit) throws ActiveMQException {
        List<HeldMessage> found = new ArrayList<>();
        int left = skip;
        try (ClientSession session = connection.transactedSession()) {
            session.start();
            for (String name : connection.declaredQueues(session).stream().filter(one -> part.test(Overflow.physical(one))).sorted().toList()) {
                if (found.size() < limit) {
                    left -= QueueBrowser.add(session, name, queue, left, limit, found);
                }
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
        synchronized (this) {
            if (shelf == null) {
                shelf = new QueueShelf(current, layout, this::queueCreated);
            }
            return shelf;
        }
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

    /** @param maxBytes how many bytes one queue of the embedded broker may hold before it refuses more */
    public void setMaxBytes(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** @param minFree how many bytes must stay free on the embedded broker's disk; with less, nothing more is stored. 0: no floor */
    public void setMinFree(long minFree) {
        this.minFree = minFree;
    }

    /** @param repeated the queue, split by number, for which duplicate detection remembers 20,000 ids of each number */
    public void setRepeated(String repeated) {
        this.repeated = repeated;
    }

    /** @param deadLetter the queue for messages that the broker gives up delivering */
    public void setDeadLetter(String deadLetter) {
        this.deadLetter = deadLetter;
    }

    /**
     * @param split which queues are split, and by what: {@code whatsapp.inbound=16} into so many partitions, a conversation always in the
     *              same one; {@code =auto} into one if the broker is embedded, and has one node, else into 4;
     *              {@code whatsapp.outbound=WhatsAppPhoneNumberId} into one for each value of that header
     */
    public void setSplit(String split) {
        layout = new QueueLayout(split, PARTITIONS_EMBEDDED);
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
