package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQExceptionType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores messages durably. All stores that wait at the same time share one broker transaction, and so one sync to disk (group commit):
 * thousands of webhooks a second can each wait for the disk.
 */
final class QueueWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(QueueWriter.class);
    private static final Logger EVENTS = LoggerFactory.getLogger("whatsapp");

    private static final int MAX_WAITING_STORES = 20_000;
    private static final int MAX_MESSAGES_PER_COMMIT = 2_000;
    /** Recently stored ids, so that the common duplicate does not cost a rolled-back transaction. */
    private static final int RECENT_IDS = 50_000;

    /** The connection was lost while the broker may have been committing. */
    private static final Set<ActiveMQExceptionType> OUTCOME_UNKNOWN = EnumSet.of(ActiveMQExceptionType.CONNECTION_TIMEDOUT,
            ActiveMQExceptionType.UNBLOCKED, ActiveMQExceptionType.DISCONNECTED, ActiveMQExceptionType.NOT_CONNECTED,
            ActiveMQExceptionType.TRANSACTION_OUTCOME_UNKNOWN);

    private final BrokerConnection connection;
    private final QueueLayout layout;
    private final Consumer<String> onDeclared;
    private final BooleanSupplier full;
    private final Consumer<String> onRepeat;
    private final BlockingQueue<Store> waiting = new ArrayBlockingQueue<>(MAX_WAITING_STORES);
    private final Set<String> recentIds = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > RECENT_IDS;
        }
    });
    private final Set<String> declared = new HashSet<>();
    private final Thread thread;
    private volatile boolean running = true;
    private volatile long busySince;
    private ClientSession session;
    private ClientProducer producer;

    /**
     * @param onDeclared called with each physical queue that is written to for the first time
     * @param full       whether the disk is too full to store more
     * @param onRepeat   called with the queue of each message that was there before
     */
    QueueWriter(BrokerConnection connection, QueueLayout layout, Consumer<String> onDeclared, BooleanSupplier full, Consumer<String> onRepeat)
            throws ActiveMQException {
        this.full = full;
        this.onRepeat = onRepeat;
        this.connection = connection;
        this.layout = layout;
        this.onDeclared = onDeclared;
        open();
        this.thread = new Thread(this::run, "whatsapp-queue-writer");
        this.thread.start();
    }

    /**
     * Stores messages in a queue, all of them in one transaction.
     *
     * @return completes once every message is on disk, or was there before; fails with {@link QueueUnavailableException}
     */
    CompletableFuture<Void> store(String queue, Collection<? extends QueueMessage> messages) {
        Store store = new Store(queue, List.copyOf(messages));
        if (store.messages.isEmpty()) {
            store.done.complete(null);
        } else if (!running) {
            store.done.completeExceptionally(new QueueUnavailableException("The queue is stopping"));
        } else if (full.getAsBoolean()) {
            store.done.completeExceptionally(new QueueUnavailableException("The disk is nearly full (whatsapp.broker.min-free)"));
        } else if (!waiting.offer(store)) {
            store.done.completeExceptionally(new QueueUnavailableException("Too many messages wait to be stored"));
        }
        return store.done;
    }

    private void run() {
        List<Store> batch = new ArrayList<>();
        while (running || !waiting.isEmpty()) {
            try {
                Store first = waiting.poll(200, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                busySince = System.nanoTime() | 1;
                batch.add(first);
                int size = first.messages.size();
                for (Store next = waiting.peek(); next != null && size + next.messages.size() <= MAX_MESSAGES_PER_COMMIT;
                        next = waiting.peek()) {
                    batch.add(waiting.poll());
                    size += next.messages.size();
                }
                write(batch);
            } catch (InterruptedException e) {
                running = false;
            } catch (RuntimeException e) {
                LOG.error("Queue writer failed", e);
                // what was already sent of a failed store must not be committed with the next
                rollback();
                fail(batch, e);
            } finally {
                batch.clear();
                busySince = 0;
            }
        }
        waiting.forEach(s -> s.done.completeExceptionally(new QueueUnavailableException("The queue is stopping")));
    }

    private void write(List<Store> stores) {
        try {
            commitAcrossReconnect(stores);
            stores.forEach(s -> s.done.complete(null));
        } catch (ActiveMQException e) {
            rollback();
            if (stores.size() > 1 && onlySomeAreRefused(e)) {
                int half = stores.size() / 2;
                write(stores.subList(0, half));
                write(stores.subList(half, stores.size()));
            } else if (e.getType() == ActiveMQExceptionType.DUPLICATE_ID_REJECTED) {
                writeOneByOne(stores);
            } else {
                fail(stores, e);
            }
        }
    }

    /** After a reconnect the broker rolls back the first transaction, and stores nothing of it. */
    private void commitAcrossReconnect(List<Store> stores) throws ActiveMQException {
        try {
            commit(stores);
        } catch (ActiveMQException e) {
            if (e.getType() != ActiveMQExceptionType.TRANSACTION_ROLLED_BACK) {
                throw e;
            }
            rollback();
            commit(stores);
        }
    }

    /** For stores with duplicates among their messages: those are on disk already, the others are not. */
    private void writeOneByOne(List<Store> stores) {
        for (Store store : stores) {
            try {
                for (QueueMessage message : store.messages) {
                    try {
                        commit(List.of(new Store(store.queue, List.of(message))));
                    } catch (ActiveMQException e) {
                        rollback();
                        if (e.getType() != ActiveMQExceptionType.DUPLICATE_ID_REJECTED) {
                            throw e;
                        }
                        remember(store.queue, message);
                        dropped(store.queue);
                    }
                }
                store.done.complete(null);
            } catch (ActiveMQException e) {
                fail(List.of(store), e);
            }
        }
    }

    private static boolean onlySomeAreRefused(ActiveMQException e) {
        return e.getType() == ActiveMQExceptionType.DUPLICATE_ID_REJECTED
                || e.getType() == ActiveMQExceptionType.ADDRESS_FULL;
    }

    private void commit(List<Store> stores) throws ActiveMQException {
        if (session.isClosed()) {
            open();
        }
        Set<String> inThisCommit = new HashSet<>();
        boolean sent = false;
        for (Store store : stores) {
            for (QueueMessage message : store.messages) {
                String physical = layout.physical(store.queue, message);
                String key = message.queueId() == null ? null : key(physical, message.queueId());
                if (key == null || (!recentIds.contains(key) && inThisCommit.add(key))) {
                    declare(physical);
                    producer.send(SimpleString.of(physical), QueueCodec.encode(session, message));
                    sent = true;
                } else {
                    dropped(store.queue);
                }
            }
        }
        if (sent) {
            session.commit();
            stores.forEach(s -> s.messages.forEach(m -> remember(s.queue, m)));
        }
    }

    private void dropped(String queue) {
        onRepeat.accept(queue);
        EVENTS.atInfo().addKeyValue("event", "whatsapp.queue.repeat_dropped").addKeyValue("queue", queue).log("whatsapp.queue.repeat_dropped");
    }

    private void remember(String queue, QueueMessage message) {
        if (message.queueId() != null) {
            recentIds.add(key(layout.physical(queue, message), message.queueId()));
        }
    }

    private static String key(String queue, String id) {
        return queue + ' ' + id;
    }

    private void declare(String physical) throws ActiveMQException {
        if (!declared.contains(physical)) {
            connection.declare(session, physical);
            declared.add(physical);
            onDeclared.accept(physical);
        }
    }

    private void open() throws ActiveMQException {
        session = connection.transactedSession();
        producer = session.createProducer();
        declared.clear();
    }

    /** Whether the thread lives, and is not stuck for longer than this. */
    boolean isAlive(long millis) {
        long since = busySince;
        return !running || thread.isAlive() && (since == 0 || (System.nanoTime() - since) / 1_000_000 < millis);
    }

    private void rollback() {
        try {
            session.rollback();
        } catch (ActiveMQException | RuntimeException e) {
            LOG.debug("Rollback failed; the session is recreated", e);
            try {
                session.close();
            } catch (ActiveMQException closing) {
                LOG.debug("Close failed", closing);
            }
        }
    }

    private static void fail(List<Store> stores, Exception cause) {
        ActiveMQExceptionType type = cause instanceof ActiveMQException e ? e.getType() : null;
        String message = type == ActiveMQExceptionType.ADDRESS_FULL ? "The queue is full" : "The broker did not store the message";
        stores.forEach(s -> s.done.completeExceptionally(type != null && OUTCOME_UNKNOWN.contains(type)
                ? new QueueOutcomeUnknownException(message, cause)
                : new QueueUnavailableException(message, cause)));
    }

    /** Stores what is still waiting, then stops. */
    @Override
    public void close() {
        running = false;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
            session.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ActiveMQException e) {
            LOG.debug("Close failed", e);
        }
    }

    private record Store(String queue, List<QueueMessage> messages, CompletableFuture<Void> done) {

        Store(String queue, List<QueueMessage> messages) {
            this(queue, messages, new CompletableFuture<>());
        }
    }
}
