package io.github.waroutes.queue;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumes a queue, in order for each conversation, from all of its physical queues that this node owns. A message is acknowledged
 * individually after its exchange is done; one that is not done when the consumer stops goes back to the head of its queue.
 */
class QueueConsumer extends DefaultConsumer implements Suspendable {

    private static final Logger LOG = LoggerFactory.getLogger(QueueConsumer.class);

    /** Camel has waited for the exchanges in flight already; what still runs after this is interrupted. */
    private static final long STOP_MILLIS = 2_000;
    private static final long TICK_MILLIS = 250;
    private static final int TICKS_PER_DISCOVERY = 8;
    private static final int MIN_WINDOW = 32 << 10;
    private static final int MAX_WINDOW = 4 << 20;

    private final QueueEndpoint endpoint;
    private final Map<String, QueueReader> readers = new ConcurrentHashMap<>();

    private ExecutorService pool;
    private Workers workers;
    private WaitPool scheduler;
    private QueueSession session;
    private int ticks;
    private volatile boolean accepting;

    QueueConsumer(QueueEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        QueueComponent component = endpoint.getComponent();
        String name = "whatsapp-queue-" + endpoint.getQueue();
        pool = endpoint.getCamelContext().getExecutorServiceManager().newFixedThreadPool(this, name, endpoint.getWorkers());
        scheduler = new WaitPool(1, name + "-retry");
        HandlingLimit limit = component.handlingLimit();
        workers = new Workers(pool, () -> Math.min(endpoint.getWorkers(), limit.current(System.nanoTime())));
        session = new QueueSession(component.connection(), name, new QueueSession.Listener() {
            @Override
            public void lost() {
                readers.values().forEach(QueueReader::lost);
            }

            @Override
            public void reopened() {
                readers.values().forEach(QueueReader::reopened);
            }
        });
        session.start();
        accepting = true;
        component.add(this);
        discover();
        scheduler.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        try {
            if (accepting) {
                if (++ticks % TICKS_PER_DISCOVERY == 0) {
                    discover();
                } else {
                    // a node may have joined or left
                    readers.keySet().forEach(this::read);
                }
                readers.values().forEach(QueueReader::tick);
            }
        } catch (RuntimeException e) {
            LOG.warn("The queues of {} could not be listed: {}", endpoint.getQueue(), e.toString());
        }
    }

    /** Finds the physical queues, and reads those that this node owns. */
    private void discover() {
        Set<String> found = new TreeSet<>(endpoint.getComponent().layout().fixed(endpoint.getQueue()));
        found.addAll(endpoint.getComponent().physicalQueues(endpoint.getQueue()));
        found.forEach(this::read);
    }

    /** Reads the physical queue if it is one of this consumer's and this node owns it. */
    void read(String physical) {
        if (!accepting || !endpoint.getComponent().layout().isPartOf(endpoint.getQueue(), physical)) {
            return;
        }
        QueueReader reader = readers.computeIfAbsent(physical, this::reader);
        if (endpoint.getComponent().reads(physical)) {
            reader.open();
        } else {
            reader.drain();
        }
    }

    private QueueReader reader(String physical) {
        int partitions = endpoint.getComponent().layout().partitions(endpoint.getQueue());
        int shares = Math.max(partitions, readers.size() + 1);
        int window = (int) Math.max(MIN_WINDOW, Math.min(MAX_WINDOW, endpoint.getBytesInHand() / shares));
        return new QueueReader(physical, window, workers, new ReaderContext());
    }

    @Override
    protected void doSuspend() throws Exception {
        workers.pause();
        if (endpoint.getCamelContext().isStopping()) {
            // Camel waits for what is in flight before it stops anything
            endpoint.getComponent().leave();
        }
        super.doSuspend();
    }

    void drain() {
        readers.values().forEach(QueueReader::drain);
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        workers.resume();
    }

    @Override
    protected void doStop() throws Exception {
        accepting = false;
        endpoint.getComponent().remove(this);
        drain();
        if (workers != null) {
            // held back tasks run, find that they were dropped, and end
            workers.resume();
        }
        if (scheduler != null) {
            scheduler.shutdownNow();
        }
        if (pool != null) {
            endpoint.getCamelContext().getExecutorServiceManager().shutdownGraceful(pool, STOP_MILLIS);
        }
        if (session != null) {
            session.close();
        }
        readers.clear();
        super.doStop();
    }

    String queue() {
        return endpoint.getQueue();
    }

    InFlight inFlight() {
        return readers.values().stream().map(QueueReader::inFlight).reduce(new InFlight(0, 0), InFlight::plus);
    }

    /** When the oldest message in flight of a physical queue was stored, in milliseconds since 1970. */
    OptionalLong oldest(String physical) {
        QueueReader reader = readers.get(physical);
        return reader == null ? OptionalLong.empty() : reader.oldest();
    }

    /** An operator's order to release, or to give up: what waits is tried at once. */
    void obey(QueueOrders.Order order) {
        if (order.queue().equals(queue())) {
            readers.values().stream().filter(reader -> endpoint.getComponent().orders().isMeant(order, reader.queue()))
                    .forEach(reader -> reader.release(order.message()));
        }
    }

    Stream<HeldMessage> held() {
        return readers.values().stream().flatMap(reader -> reader.held(queue()).stream());
    }

    /** Whether the session's thread lives, and is not stuck for longer than this. */
    boolean isAlive(long millis) {
        return session == null || session.isAlive(millis);
    }

    /** Whether there may be messages from before a moment. */
    boolean isBehind(Instant moment) throws ActiveMQException {
        for (QueueReader reader : readers.values()) {
            OptionalLong oldest = reader.oldest();
            // a time in the future: the message was stored before the clock was set back
            if (reader.overflows() || oldest.isPresent()
                    && (oldest.getAsLong() <= moment.toEpochMilli() || oldest.getAsLong() > System.currentTimeMillis())) {
                return true;
            }
            // messages still at the broker are younger than those in flight
            if (oldest.isEmpty() && endpoint.getComponent().count(reader.queue()) > 0) {
                return true;
            }
        }
        return false;
    }

    private final class ReaderContext implements QueueReader.Context {

        @Override
        public void handle(QueueReader.Delivery delivery, QueueReader.Done done) {
            Exchange exchange = createExchange(false);
            exchange.setPattern(ExchangePattern.InOnly);
            exchange.getIn().setBody(delivery.content.queueBody());
            exchange.getIn().setHeaders(new LinkedHashMap<>(delivery.content.queueHeaders()));
            exchange.setProperty(QueueConstants.MESSAGE_ID, delivery.id());
            exchange.setProperty(QueueConstants.QUEUE, endpoint.getQueue());
            exchange.setProperty(QueueConstants.CONTENT, delivery.content);
            exchange.setProperty(QueueConstants.MEMO, delivery.memo);
            if (delivery.takeReleased()) {
                exchange.setProperty(QueueConstants.RELEASED, true);
            }
            if (endpoint.getComponent().orders().isGivenUp(endpoint.getQueue(), delivery.physical(), delivery.id(), delivery.storedAt())) {
                exchange.setProperty(QueueConstants.GIVEN_UP, true);
            }
            getAsyncProcessor().process(exchange, doneSync -> {
                Exception failure = exchange.getException();
                Long againAfter = exchange.getProperty(QueueConstants.AGAIN_AFTER, Long.class);
                Long rest = exchange.getProperty(QueueConstants.REST, Long.class);
                delivery.waitsFor(exchange.getProperty(QueueConstants.WAIT_REASON, String.class),
                        failure != null ? failure.getClass().getSimpleName() : exchange.getProperty(QueueConstants.WAIT_ERROR, String.class));
                Runnable after = exchange.getProperty(QueueConstants.ON_ACKNOWLEDGED, Runnable.class);
                releaseExchange(exchange, false);
                if (failure != null && accepting) {
                    // the route could not even move the message to the dead letter queue: retry it, its conversation waits
                    LOG.warn("A message of {} stays in the queue and is tried again in {} ms: {}", endpoint.getQueue(),
                            endpoint.getFailureDelay(), failure.getClass().getName());
                }
                done.done(failure, againAfter, rest, after);
            });
        }

        @Override
        public void schedule(Runnable task, long millis) {
            try {
                scheduler.schedule(task, millis, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("Stopping: the message stays in the queue", e);
            }
        }

        @Override
        public QueueSession session() {
            return session;
        }

        @Override
        public BrokerConnection connection() {
            return endpoint.getComponent().connection();
        }

        @Override
        public long failureDelayMillis() {
            return endpoint.getFailureDelay();
        }
    }
}
