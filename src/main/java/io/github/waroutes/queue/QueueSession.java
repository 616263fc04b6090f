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
 * One session with the broker, and the one thread that uses it: it acknowledges what is done, moves what overflows, and opens and closes
 * consumers. What waits at one moment is committed together. Whatever goes wrong ends the session: its listener must give up all that came
 * by it, and a new one begins.
 */
final class QueueSession implements AutoCloseable {

    /** Something to be done with the session, by its thread. */
    interface Work {
        void run(ClientSession session) throws ActiveMQException;
    }

    /** Hears that a session is lost, from any thread, and that a new one has begun, from its thread. */
    interface Listener {
        void lost();

        void begun();
    }

    private static final Logger LOG = LoggerFactory.getLogger(QueueSession.class);
    private static final int MOST_A_COMMIT = 500;
    private static final long TRY_AGAIN_MILLIS = 1_000;

    private final BrokerConnection connection;
    private final String name;
    private final Listener listener;
    /** Bytes that are free again, and of which the broker has not heard. */
    private final Map<ClientConsumerInternal, Integer> room = new HashMap<>();
    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean running = true;
    private volatile long busySince;
    private volatile int epoch;
    private int opened;
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

    /** The number of the session: what came by an earlier one is not ours any more. */
    int epoch() {
        return epoch;
    }

    /** The message is done. */
    void acknowledge(Taken taken, Runnable after) {
        steps.add(new Step(taken, null, null, after));
    }

    /** The message goes to another queue, in one transaction. */
    void move(Taken taken, StoredMessage content, String queue, Runnable after) {
        steps.add(new Step(taken, content, queue, after));
    }

    /** Does the work once everything before it is committed. If the session is lost before, the work is not done. */
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
    boolean works(long millis) {
        long since = busySince;
        return !running || thread.isAlive() && (since == 0 || (System.nanoTime() - since) / 1_000_000 < millis);
    }

    private void open() throws ActiveMQException {
        ClientSession opened = connection.singleSession();
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
            BrokerConnection.closeSingle(opened);
            throw e;
        }
        session = opened;
    }

    /** Something that came by the session could not be taken. */
    void fail(int which, RuntimeException why) {
        LOG.warn("What the broker brought could not be read", why);
        lost(which);
    }

    private void lost(int which) {
        synchronized (this) {
            if (which != epoch || !running) {
                return;
            }
            epoch++;
        }
        LOG.warn("The session {} with the broker is lost; what it brought is given back", name);
        listener.lost();
    }

    private void run() {
        List<Step> batch = new ArrayList<>();
        while (running || !steps.isEmpty()) {
            int mine = epoch;
            try {
                if (session == null || opened != mine) {
                    reopen();
                    continue;
                }
                Step first = steps.poll(100, TimeUnit.MILLISECONDS);
                if (first == null) {
                    tellRoom();
                    continue;
                }
                busySince = System.nanoTime() | 1;
                batch.add(first);
                steps.drainTo(batch, MOST_A_COMMIT - 1);
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
        room.clear();
        if (old != null) {
            try {
                BrokerConnection.closeSingle(old);
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
            // not at once: what was wrong may still be
            TimeUnit.MILLISECONDS.sleep(old == null ? 0 : TRY_AGAIN_MILLIS / 2);
            open();
            opened = mine;
            listener.begun();
        } catch (ActiveMQException | RuntimeException e) {
            LOG.debug("The session {} cannot begin", name, e);
            session = null;
            TimeUnit.MILLISECONDS.sleep(TRY_AGAIN_MILLIS);
        }
    }

    private void apply(List<Step> batch) throws ActiveMQException {
        List<Step> committed = new ArrayList<>();
        for (Step step : batch) {
            if (step.taken == null) {
                commit(committed);
                step.work(session);
            } else if (step.taken.epoch() == epoch && !step.taken.consumer().isClosed()) {
                if (step.queue != null) {
                    producer.send(SimpleString.of(step.queue), QueueCodec.moved(session, step.content,
                            step.taken.message().getTimestamp(), step.taken.message().getMessageID()));
                }
                step.taken.message().individualAcknowledge();
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
            // the client itself gives one byte for each message of a consumer without a window
            room.merge(step.taken.consumer(), ((ClientMessageInternal) step.taken.message()).getFlowControlSize() - 1, Integer::sum);
            step.after.run();
        }
        for (Step step : committed) {
            if (room.getOrDefault(step.taken.consumer(), 0) >= step.taken.window() / 4) {
                step.taken.consumer().flowControl(room.remove(step.taken.consumer()), false);
            }
        }
        committed.clear();
    }

    /** The broker goes on while any room is left: it hears of it in large pieces, and of the rest when there is nothing else to do. */
    private void tellRoom() throws ActiveMQException {
        for (Map.Entry<ClientConsumerInternal, Integer> one : room.entrySet()) {
            if (!one.getKey().isClosed()) {
                one.getKey().flowControl(one.getValue(), false);
            }
        }
        room.clear();
    }

    /** Does what still waits, then ends. */
    @Override
    public void close() {
        running = false;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
            if (session != null) {
                BrokerConnection.closeSingle(session);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ActiveMQException e) {
            LOG.debug("Close failed", e);
        }
    }

    /** A message as a consumer of one session has brought it; the window is the consumer's, in bytes. */
    record Taken(ClientMessage message, ClientConsumerInternal consumer, int window, int epoch) {
    }

    private static class Step {

        private final Taken taken;
        private final StoredMessage content;
        private final String queue;
        private final Runnable after;

        private Step(Taken taken, StoredMessage content, String queue, Runnable after) {
            this.taken = taken;
            this.content = content;
            this.queue = queue;
            this.after = after;
        }

        void work(ClientSession session) throws ActiveMQException {
            // only for steps without a message
        }
    }
}
