package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.SessionFailureListener;
import org.apache.activemq.artemis.core.client.impl.ClientConsumerInternal;
import org.apache.activemq.artemis.core.client.impl.ClientMessageInternal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session with the broker and the single thread that uses it: it acknowledges handled messages, moves those that overflow, and opens and
 * closes consumers. Steps that wait at the same time share one commit. Any failure ends the session: its listener must discard all of its
 * deliveries, and a new session is opened.
 */
final class QueueSession implements AutoCloseable {

    /** A task for the session's thread. */
    interface Work {
        void run(ClientSession session) throws ActiveMQException;
    }

    /** Called on the session's thread. */
    interface Listener {
        void lost();

        void reopened();
    }

    private static final Logger LOG = LoggerFactory.getLogger(QueueSession.class);
    private static final int MAX_PER_COMMIT = 500;
    private static final long RETRY_MILLIS = 1_000;
    /**
     * Nobody waits for an acknowledgement, so it waits this long for others: a commit costs a sync to disk and some ten changes of threads,
     * however many are in it. A crash repeats what was not acknowledged, which is recognised.
     */
    private static final long GATHER_MILLIS = 10;

    private final BrokerConnection connection;
    private final String name;
    private final Listener listener;
    /** Flow-control credits, in bytes, that are free again and not yet returned to the broker. */
    private final Map<ClientConsumerInternal, Integer> credits = new HashMap<>();
    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean running = true;
    private volatile long busySince;
    private volatile int epoch;
    private int openEpoch;
    private ClientSession session;
    private ClientProducer producer;

    QueueSession(BrokerConnection connection, String name, Listener listener) throws ActiveMQException {
        this.connection = connection;
        this.name = name;
        this.listener = listener;
        open();
        thread = new Thread(this::run, name + "-session");
    }

    void start() {
        thread.start();
    }

    /** The number of the session: deliveries of an earlier one are void. */
    int epoch() {
        return epoch;
    }

    void acknowledge(Received received, Runnable onCommit) {
        steps.add(new Step(received, null, null, onCommit));
    }

    /** Moves the message to another queue, in one transaction. */
    void move(Received received, StoredMessage content, String queue, Runnable onCommit) {
        steps.add(new Step(received, content, queue, onCommit));
    }

    /** Runs the work once everything before it is committed; if the session is lost before that, the work is dropped. */
    void run(Work work) {
        int now = epoch;
        steps.add(new Step(null, null, null, null) {
            @Override
            void work(ClientSession current) throws ActiveMQException {
                if (epoch == now) {
                    work.run(current);
                }
            }
        });
    }

    /** Whether the thread lives, and is not stuck for longer than this. */
    boolean isAlive(long millis) {
        long since = busySince;
        return !running || thread.isAlive() && (since == 0 || (System.nanoTime() - since) / 1_000_000 < millis);
    }

    private void open() throws ActiveMQException {
        ClientSession opened = connection.dedicatedSession();
        int mine = epoch;
        opened.addFailureListener(new SessionFailureListener() {
            @Override
            public void beforeReconnect(ActiveMQException exception) {
                lost(mine);
            }

            @Override
            public void connectionFailed(ActiveMQException exception, boolean failedOver) {
                lost(mine);
            }

            @Override
            public void connectionFailed(ActiveMQException exception, boolean failedOver, String scaleDownTargetNodeId) {
                lost(mine);
            }
        });
        try {
            producer = opened.createProducer();
            opened.start();
        } catch (ActiveMQException | RuntimeException e) {
            BrokerConnection.closeDedicated(opened);
            throw e;
        }
        session = opened;
    }

    /** A delivery of the session could not be read. */
    void fail(int which, RuntimeException why) {
        LOG.warn("A message from the broker could not be read", why);
        lost(which);
    }

    /**
     * May run on any thread, also on one of the client's that other calls wait for, so it only marks the session as lost: its deliveries
     * are void from now on ({@link #epoch}), and the session's own thread discards them.
     */
    private void lost(int which) {
        synchronized (this) {
            if (which != epoch || !running) {
                return;
            }
            epoch++;
        }
        LOG.warn("The session {} with the broker is lost; its unacknowledged messages will be redelivered", name);
        steps.add(new Step(null, null, null, null));
    }

    private void run() {
        List<Step> batch = new ArrayList<>();
        while (running || !steps.isEmpty()) {
            int mine = epoch;
            try {
                if (session == null || openEpoch != mine) {
                    reopen();
                    continue;
                }
                Step first = steps.poll(100, TimeUnit.MILLISECONDS);
                if (first == null) {
                    returnCredits();
                    continue;
                }
                if (running && first.received != null && first.queue == null) {
                    TimeUnit.MILLISECONDS.sleep(GATHER_MILLIS);
                }
                busySince = System.nanoTime() | 1;
                batch.add(first);
                steps.drainTo(batch, MAX_PER_COMMIT - 1);
                apply(batch);
            } catch (InterruptedException e) {
                running = false;
            } catch (ActiveMQException | RuntimeException e) {
                LOG.debug("The session {} failed", name, e);
                lost(mine);
            } finally {
                batch.clear();
                busySince = 0;
            }
        }
    }

    private void reopen() throws InterruptedException {
        ClientSession old = session;
        session = null;
        credits.clear();
        listener.lost();
        if (old != null) {
            try {
                BrokerConnection.closeDedicated(old);
            } catch (ActiveMQException | RuntimeException e) {
                LOG.debug("Close failed", e);
            }
        }
        if (!running) {
            steps.clear();
            return;
        }
        int mine = epoch;
        try {
            // not at once: the cause may persist
            TimeUnit.MILLISECONDS.sleep(old == null ? 0 : RETRY_MILLIS / 2);
            open();
            openEpoch = mine;
            listener.reopened();
        } catch (ActiveMQException | RuntimeException e) {
            LOG.debug("The session {} cannot begin", name, e);
            session = null;
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        }
    }

    private void apply(List<Step> batch) throws ActiveMQException {
        List<Step> committed = new ArrayList<>();
        for (Step step : batch) {
            if (step.received == null) {
                commit(committed);
                step.work(session);
            } else if (step.received.epoch() == epoch && !step.received.consumer().isClosed()) {
                if (step.queue != null) {
                    producer.send(SimpleString.of(step.queue), QueueCodec.moved(session, step.content,
                            step.received.message().getTimestamp(), step.received.message().getMessageID()));
                }
                step.received.message().individualAcknowledge();
                committed.add(step);
            }
        }
        commit(committed);
    }

    private void commit(List<Step> committed) throws ActiveMQException {
        if (committed.isEmpty()) {
            return;
        }
        session.commit();
        for (Step step : committed) {
            credits.merge(step.received.consumer(), ((ClientMessageInternal) step.received.message()).getFlowControlSize(), Integer::sum);
            step.onCommit.run();
        }
        for (Step step : committed) {
            if (credits.getOrDefault(step.received.consumer(), 0) >= step.received.window() / 4) {
                step.received.consumer().flowControl(credits.remove(step.received.consumer()), false);
            }
        }
        committed.clear();
    }

    /** Credits are returned in large pieces; the rest when there is nothing else to do. */
    private void returnCredits() throws ActiveMQException {
        for (Map.Entry<ClientConsumerInternal, Integer> one : credits.entrySet()) {
            if (!one.getKey().isClosed()) {
                one.getKey().flowControl(one.getValue(), false);
            }
        }
        credits.clear();
    }

    /** Runs the waiting steps, then ends. */
    @Override
    public void close() {
        running = false;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
            if (session != null) {
                BrokerConnection.closeDedicated(session);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ActiveMQException e) {
            LOG.debug("Close failed", e);
        }
    }

    /** A message as a consumer of one session delivered it; the window is the consumer's, in bytes. */
    record Received(ClientMessage message, ClientConsumerInternal consumer, int window, int epoch) {
    }

    private static class Step {

        private final Received received;
        private final StoredMessage content;
        private final String queue;
        private final Runnable onCommit;

        private Step(Received received, StoredMessage content, String queue, Runnable onCommit) {
            this.received = received;
            this.content = content;
            this.queue = queue;
            this.onCommit = onCommit;
        }

        void work(ClientSession session) throws ActiveMQException {
            // only for steps without a message
        }
    }
}
