package io.github.waroutes.queue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes messages from a queue, in order for each conversation. A message is acknowledged, alone, after its exchange is
 * done; one that is not done when the consumer stops goes back to the head of the queue.
 */
class QueueConsumer extends DefaultConsumer implements Suspendable {

    private static final Logger LOG = LoggerFactory.getLogger(QueueConsumer.class);

    /** Camel has waited for the exchanges in flight before; what still runs is interrupted after this. */
    private static final long STOP_MILLIS = 2_000;
    private static final int REMEMBERED = 10_000;
    private static final int MAX_ACKNOWLEDGEMENTS_A_COMMIT = 500;

    private final QueueEndpoint endpoint;
    private final Semaphore room;
    /** Keyed by the broker's message id, which stays the same when the broker delivers again after a lost connection. */
    private final Map<Long, Delivery> inFlight = new ConcurrentHashMap<>();
    private final Map<Long, Boolean> handled = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };
    private final BlockingQueue<ClientMessage> done = new LinkedBlockingQueue<>();

    private ExecutorService workers;
    private WaitPool scheduler;
    private ConversationLanes lanes;
    private Thread acknowledger;
    private ClientSession session;
    private ClientConsumer consumer;
    private volatile long startedAt;
    private volatile boolean accepting;
    private volatile boolean acknowledging;

    QueueConsumer(QueueEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.room = new Semaphore(endpoint.getMaxInFlight());
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        String name = "whatsapp-queue-" + endpoint.getQueue();
        workers = endpoint.getCamelContext().getExecutorServiceManager()
                .newFixedThreadPool(this, name, endpoint.getWorkers());
        scheduler = new WaitPool(1, name + "-again");
        HandlingLimit limit = endpoint.getComponent().handlingLimit();
        lanes = new ConversationLanes(workers, () -> Math.min(endpoint.getWorkers(), limit.current(System.nanoTime())));
        BrokerConnection connection = endpoint.getComponent().connection();
        session = connection.transactedSession();
        connection.declare(session, endpoint.getQueue());
        consumer = session.createConsumer(SimpleString.of(endpoint.getQueue()));
        consumer.setMessageHandler(this::take);
        acknowledging = true;
        acknowledger = new Thread(this::acknowledge, name + "-acknowledge");
        acknowledger.start();
        accepting = true;
        startedAt = System.currentTimeMillis();
        endpoint.getComponent().add(this);
        session.start();
    }

    @Override
    protected void doSuspend() throws Exception {
        lanes.pause();
        super.doSuspend();
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        lanes.resume();
    }

    @Override
    protected void doStop() throws Exception {
        accepting = false;
        endpoint.getComponent().remove(this);
        if (lanes != null) {
            lanes.pause();
            lanes.clear();
        }
        room.release(Integer.MAX_VALUE / 2);
        if (scheduler != null) {
            scheduler.shutdownNow();
        }
        if (workers != null) {
            endpoint.getCamelContext().getExecutorServiceManager().shutdownGraceful(workers, STOP_MILLIS);
        }
        if (acknowledger != null) {
            acknowledging = false;
            acknowledger.join(TimeUnit.SECONDS.toMillis(10));
        }
        if (session != null) {
            consumer.close();
            session.close();
        }
        inFlight.clear();
        super.doStop();
    }

    String queue() {
        return endpoint.getQueue();
    }

    /** When the oldest message that was taken and is not done was stored, in milliseconds since 1970; empty: there is none. */
    OptionalLong oldest() {
        return inFlight.values().stream().mapToLong(delivery -> delivery.storedAt).min();
    }

    private void take(ClientMessage message) {
        if (!accepting) {
            return;
        }
        long id = message.getMessageID();
        synchronized (handled) {
            if (handled.containsKey(id)) {
                done.add(message);
                return;
            }
        }
        Delivery known = inFlight.get(id);
        if (known != null) {
            known.message = message;
            return;
        }
        room.acquireUninterruptibly();
        if (!accepting) {
            return;
        }
        Delivery delivery = new Delivery(message, QueueCodec.decode(message));
        inFlight.put(id, delivery);
        lanes.add(delivery.content.queueGroup(), turn -> handle(delivery, turn));
    }

    private void handle(Delivery delivery, ConversationLanes.Turn turn) {
        if (!accepting) {
            return;
        }
        Exchange exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOnly);
        exchange.getIn().setBody(delivery.content.queueBody());
        exchange.getIn().setHeaders(new LinkedHashMap<>(delivery.content.queueHeaders()));
        exchange.setProperty(QueueConstants.MESSAGE_ID, delivery.message.getMessageID());
        exchange.setProperty(QueueConstants.QUEUE, endpoint.getQueue());
        exchange.setProperty(QueueConstants.MAYBE_HANDLED,
                delivery.storedAt < startedAt || delivery.message.getDeliveryCount() > 1);
        exchange.setProperty(QueueConstants.CONTENT, delivery.content);
        exchange.setProperty(QueueConstants.MEMO, delivery.memo);
        getAsyncProcessor().process(exchange, doneSync -> {
            Exception failure = exchange.getException();
            Long againAfter = exchange.getProperty(QueueConstants.REST, exchange.getProperty(QueueConstants.AGAIN_AFTER, Long.class), Long.class);
            releaseExchange(exchange, false);
            if (failure != null) {
                failed(turn, failure);
            } else if (againAfter != null) {
                again(turn, againAfter);
            } else {
                finished(delivery);
                turn.end();
            }
        });
    }

    private void finished(Delivery delivery) {
        long id = delivery.message.getMessageID();
        synchronized (handled) {
            handled.put(id, Boolean.TRUE);
        }
        inFlight.remove(id);
        done.add(delivery.message);
        room.release();
    }

    /** The route could not even put the message aside: keep it, and its conversation, and try again. */
    private void failed(ConversationLanes.Turn turn, Exception failure) {
        if (!accepting || !isRunAllowed()) {
            return;
        }
        LOG.warn("A message of {} stays in the queue and is tried again in {} ms: {}", endpoint.getQueue(),
                endpoint.getFailureDelay(), failure.getClass().getName());
        again(turn, endpoint.getFailureDelay());
    }

    private void again(ConversationLanes.Turn turn, long delay) {
        try {
            scheduler.schedule(turn::again, delay, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            if (!accepting) {
                LOG.debug("Stopping: the message stays in the queue", e);
                return;
            }
            LOG.error("A wait of {} ms in {} was refused; the message is tried again at once", delay, endpoint.getQueue(), e);
            turn.again();
        }
    }

    private void acknowledge() {
        List<ClientMessage> batch = new ArrayList<>();
        while (acknowledging || !done.isEmpty()) {
            try {
                ClientMessage first = done.poll(200, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                batch.add(first);
                done.drainTo(batch, MAX_ACKNOWLEDGEMENTS_A_COMMIT - 1);
                for (ClientMessage message : batch) {
                    message.individualAcknowledge();
                }
                session.commit();
            } catch (ActiveMQException e) {
                // the broker delivers them again, and take() knows them
                LOG.warn("The broker did not take {} acknowledgements of {}", batch.size(), endpoint.getQueue());
                LOG.debug("The cause", e);
            } catch (InterruptedException e) {
                acknowledging = false;
            } finally {
                batch.clear();
            }
        }
    }

    private static final class Delivery {

        private volatile ClientMessage message;
        private final StoredMessage content;
        private final long storedAt;
        private final Map<String, Object> memo = new ConcurrentHashMap<>();

        private Delivery(ClientMessage message, StoredMessage content) {
            this.message = message;
            this.content = content;
            this.storedAt = message.getTimestamp();
        }
    }
}
