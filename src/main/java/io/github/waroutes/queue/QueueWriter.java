package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQExceptionType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores messages durably. All stores that wait at one moment share one broker transaction, so they share one sync to
 * disk: that is what lets thousands of webhooks a second each wait for the disk.
 */
final class QueueWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(QueueWriter.class);

    private static final int MAX_WAITING_STORES = 20_000;
    private static final int MAX_MESSAGES_A_COMMIT = 2_000;
    /** Ids stored lately, known here so that the usual repeat does not cost a rolled-back transaction. */
    private static final int RECENT_IDS = 50_000;

    /** The connection went while the broker may have been at the commit. */
    private static final Set<ActiveMQExceptionType> LOST = EnumSet.of(ActiveMQExceptionType.CONNECTION_TIMEDOUT,
            ActiveMQExceptionType.UNBLOCKED, ActiveMQExceptionType.DISCONNECTED, ActiveMQExceptionType.NOT_CONNECTED,
            ActiveMQExceptionType.TRANSACTION_OUTCOME_UNKNOWN);

    private final BrokerConnection connection;
    private final BlockingQueue<Store> waiting = new ArrayBlockingQueue<>(MAX_WAITING_STORES);
    private final Set<String> recentIds = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > RECENT_IDS;
        }
    });
    private final Map<String, ClientProducer> producers = new HashMap<>();
    private final Thread thread;
    private volatile boolean running = true;
    private ClientSession session;

    QueueWriter(BrokerConnection connection) throws ActiveMQException {
        this.connection = connection;
        this.session = connection.transactedSession();
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
                batch.add(first);
                int size = first.messages.size();
                for (Store next = waiting.peek(); next != null && size + next.messages.size() <= MAX_MESSAGES_A_COMMIT;
                        next = waiting.peek()) {
                    batch.add(waiting.poll());
                    size += next.messages.size();
                }
                write(batch);
            } catch (InterruptedException e) {
                running = false;
            } catch (RuntimeException e) {
                LOG.error("Queue writer failed", e);
                fail(batch, e);
            } finally {
                batch.clear();
            }
        }
        waiting.forEach(s -> s.done.completeExceptionally(new QueueUnavailableException("The queue is stopping")));
    }

    private void write(List<Store> stores) {
        try {
            commitOverReconnect(stores);
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

    /** A broker that was away rolls back the first transaction after its return, and stores nothing of it. */
    private void commitOverReconnect(List<Store> stores) throws ActiveMQException {
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

    /** One store with repeats among its messages: those are already on disk, and the others still have to be. */
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
        Set<String> inThisCommit = new HashSet<>();
        boolean sent = false;
        for (Store store : stores) {
            ClientProducer producer = producer(store.queue);
            for (QueueMessage message : store.messages) {
                String id = message.queueId();
                if (id == null || (!recentIds.contains(key(store.queue, id)) && inThisCommit.add(key(store.queue, id)))) {
                    producer.send(QueueCodec.encode(session, message));
                    sent = true;
                }
            }
        }
        if (sent) {
            session.commit();
            stores.forEach(s -> s.messages.forEach(m -> remember(s.queue, m)));
        }
    }

    private void remember(String queue, QueueMessage message) {
        if (message.queueId() != null) {
            recentIds.add(key(queue, message.queueId()));
        }
    }

    private static String key(String queue, String id) {
        return queue + ' ' + id;
    }

    private ClientProducer producer(String queue) throws ActiveMQException {
        if (session.isClosed()) {
            producers.clear();
            session = connection.transactedSession();
        }
        ClientProducer producer = producers.get(queue);
        if (producer == null) {
            connection.declare(session, queue);
            producer = session.createProducer(SimpleString.of(queue));
            producers.put(queue, producer);
        }
        return producer;
    }

    private void rollback() {
        try {
            session.rollback();
        } catch (ActiveMQException e) {
            LOG.debug("Rollback failed; the session is made anew", e);
            try {
                session.close();
            } catch (ActiveMQException closing) {
                LOG.debug("Close failed", closing);
            }
            producers.clear();
        }
    }

    private static void fail(List<Store> stores, Exception cause) {
        ActiveMQExceptionType type = cause instanceof ActiveMQException e ? e.getType() : null;
        String message = type == ActiveMQExceptionType.ADDRESS_FULL ? "The queue is full" : "The broker did not store the message";
        stores.forEach(s -> s.done.completeExceptionally(type != null && LOST.contains(type)
                ? new QueueOutcomeUnknownException(message, cause)
                : new QueueUnavailableException(message, cause)));
    }

    /** Stores what still waits, then stops. */
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
