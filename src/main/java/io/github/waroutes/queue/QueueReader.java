package io.github.waroutes.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.core.client.impl.ClientConsumerInternal;

/**
 * Reads one physical queue. The bytes in flight are bounded; further messages of a conversation whose lane is long move to a queue of its own
 * ({@link Overflow}), so that they use up no credits of others. A queue that rests has nothing in flight: all its messages are at the broker,
 * in order, until one of them is handled as a probe.
 */
final class QueueReader {

    /** The consumer that the reader belongs to. */
    interface Context {

        /** Hands the message to the route; {@code done} is called once, from any thread. */
        void handle(Delivery delivery, Done done);

        void schedule(Runnable task, long millis);

        QueueSession session();

        BrokerConnection connection();

        long failureDelayMillis();
    }

    /** Called with the result of handling a message. */
    interface Done {
        void done(Exception failure, Long againAfter, Long rest, Runnable onAcknowledged);
    }

    enum State { CLOSED, OPEN, RESTING, DRAINING }

    /** Once half of the window is in flight, a longer lane overflows. */
    private static final int LANE_HIGH_WATERMARK = 16;
    /** A lane that is no longer than this takes messages back from its overflow queue. */
    private static final int LANE_LOW_WATERMARK = 4;
    private static final int MAX_OVERFLOWS = 1_000;
    private static final int OVERFLOW_WINDOW = 16 << 10;
    private static final int MAX_HANDLED = 10_000;

    private final String queue;
    private final int window;
    private final Context context;
    private final Lanes lanes;
    /** By the broker's message id, which stays the same on redelivery after a lost connection. */
    private final Map<Long, Delivery> inFlight = new HashMap<>();
    /** Messages that are done, by id, and what is to run once the broker has committed their acknowledgement. */
    private final Map<Long, Optional<Runnable>> handled = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Optional<Runnable>> eldest) {
            return size() > MAX_HANDLED;
        }
    };
    private final Map<String, Overflow> overflows = new HashMap<>();
    private State state = State.CLOSED;
    private ClientConsumer consumer;
    private boolean opening;
    /** After a rest one message is handled alone, to find out whether the others may follow. */
    private boolean probing;
    private int running;
    private long bytesInFlight;
    /** Messages from the queue itself, not its overflows, whose acknowledgement is not committed. */
    private int unsettled;
    private long lastTaken;
    /** Whether all messages of the queue that are older than the overflow found when it was opened have been taken. */
    private boolean olderTaken;
    private long restUntil;
    /** An operator wants the next message to be tried, whatever it was to wait for. */
    private boolean released;

    QueueReader(String queue, int window, Workers workers, Context context) {
        this.queue = queue;
        this.window = window;
        this.context = context;
        this.lanes = new Lanes(workers, Integer.MAX_VALUE);
    }

    String queue() {
        return queue;
    }

    synchronized State state() {
        return state;
    }

    /** Milliseconds until the probe; 0: the queue does not rest. */
    synchronized long restMillis() {
        return state == State.RESTING ? Math.max(1, TimeUnit.NANOSECONDS.toMillis(restUntil - System.nanoTime())) : 0;
    }

    /** Begins to read, unless the queue is already read or rests. */
    void open() {
        synchronized (this) {
            if (state != State.CLOSED || opening) {
                return;
            }
            opening = true;
        }
        open(false);
    }

    private void open(boolean asProbe) {
        context.session().run(session -> {
            boolean opened = false;
            try {
                context.connection().declare(session, queue);
                // a former owner that is still attached also reads the overflow queues, until it is done
                if (session.queueQuery(SimpleString.of(queue)).getConsumerCount() > 0) {
                    return;
                }
                List<Overflow> found = findOverflows(session);
                synchronized (this) {
                    if (state != (asProbe ? State.RESTING : State.CLOSED)) {
                        return;
                    }
                    found.forEach(overflow -> overflows.put(overflow.queue, overflow));
                    olderTaken = overflows.isEmpty();
                    lastTaken = 0;
                    unsettled = 0;
                    bytesInFlight = 0;
                    probing = asProbe;
                    lanes.permit(asProbe ? 1 : Integer.MAX_VALUE);
                    state = State.OPEN;
                    consumer = consume(session, queue, window, null);
                }
                opened = true;
            } finally {
                synchronized (this) {
                    opening = false;
                    if (!opened && asProbe && state == State.RESTING) {
                        state = State.CLOSED;
                    }
                }
            }
        });
    }

    private List<Overflow> findOverflows(ClientSession session) throws ActiveMQException {
        List<Overflow> found = new ArrayList<>();
        for (String name : context.connection().declaredQueues(session)) {
            if (!name.startsWith(queue + Overflow.INFIX)) {
                continue;
            }
            try (ClientConsumer browser = session.createConsumer(SimpleString.of(name), null, true)) {
                ClientMessage first = browser.receive(1_000);
                if (first != null) {
                    found.add(new Overflow(name, QueueCodec.group(first), QueueCodec.sequence(first)));
                } else if (session.queueQuery(SimpleString.of(name)).getMessageCount() == 0) {
                    browser.close();
                    context.connection().remove(session, name);
                } else {
                    found.add(new Overflow(name, null, 0));
                }
            }
        }
        return found;
    }

    private ClientConsumer consume(ClientSession session, String from, int size, Overflow overflow) throws ActiveMQException {
        // with a window of 1 the client passes credits on at once; with 0 it would also ask for each message by itself
        ClientConsumerInternal opened = (ClientConsumerInternal) session.createConsumer(SimpleString.of(from), null, 1, -1, false);
        int epoch = context.session().epoch();
        // manual flow control, before there is a handler: credits are returned when a message is done, not when it arrives
        opened.setManualFlowMessageHandler(null);
        // this also hands over what has arrived already
        opened.setMessageHandler(message -> {
            try {
                take(new QueueSession.Received(message, opened, size, epoch), overflow);
            } catch (RuntimeException e) {
                // it is not in flight: the session must have it redelivered
                context.session().fail(epoch, e);
            }
        });
        opened.flowControl(size, false);
        return opened;
    }

    private void take(QueueSession.Received received, Overflow overflow) {
        ClientMessage message = received.message();
        Delivery delivery = null;
        synchronized (this) {
            if (state != State.OPEN || received.epoch() != context.session().epoch()) {
                return;
            }
            long id = message.getMessageID();
            if (overflow == null) {
                lastTaken = Math.max(lastTaken, id);
            }
            Delivery known = inFlight.get(id);
            if (known != null) {
                known.received = received;
                known.overflow = overflow;
                count(known, 1);
                return;
            }
            Optional<Runnable> done = handled.get(id);
            if (done != null) {
                context.session().acknowledge(received, () -> confirmed(id, done.orElse(null)));
                return;
            }
            String conversation = QueueCodec.group(message);
            Overflow target = overflow == null && conversation != null ? overflowFor(conversation, id) : null;
            StoredMessage content = QueueCodec.decode(message);
            delivery = new Delivery(queue, received, content, overflow);
            count(delivery, 1);
            if (target != null) {
                target.moving++;
                move(delivery, target);
                return;
            }
            inFlight.put(id, delivery);
            // inside the lock, so that a conversation's messages enter its lane in order
            Delivery added = delivery;
            lanes.add(conversation, turn -> handle(added, turn));
        }
    }

    private void count(Delivery delivery, int sign) {
        bytesInFlight += (long) sign * delivery.size();
        if (delivery.overflow == null) {
            unsettled += sign;
        } else {
            delivery.overflow.inLane += sign;
        }
    }

    /** The overflow of a message whose lane is too long, or whose conversation has overflowed already; {@code null}: it goes to its lane. */
    private Overflow overflowFor(String conversation, long id) {
        boolean tooLong = !probing && bytesInFlight > window / 2 && lanes.size(conversation) >= LANE_HIGH_WATERMARK;
        if (overflows.isEmpty() && !tooLong) {
            return null;
        }
        String name = Overflow.name(queue, conversation);
        Overflow known = overflows.get(name);
        if (known != null) {
            return id > known.first ? known : null;
        }
        if (!tooLong || overflows.size() >= MAX_OVERFLOWS) {
            return null;
        }
        Overflow created = new Overflow(name, conversation, id);
        overflows.put(name, created);
        context.session().run(session -> context.connection().declare(session, name));
        return created;
    }

    private void move(Delivery delivery, Overflow to) {
        QueueSession.Received received = delivery.received;
        context.session().move(received, delivery.content, to.queue, () -> {
            synchronized (this) {
                to.moving--;
                count(delivery, -1);
            }
        });
    }

    private void handle(Delivery delivery, Lanes.Turn turn) {
        synchronized (this) {
            QueueSession.Received received = delivery.received;
            if (state == State.OPEN && inFlight.get(delivery.id()) == delivery && received != null
                    && received.epoch() == context.session().epoch()) {
                delivery.runs = true;
                delivery.released |= released;
                released = false;
                running++;
            }
        }
        if (!delivery.runs) {
            turn.end();
            return;
        }
        context.handle(delivery, (failure, againAfter, rest, onAcknowledged) -> {
            if (failure != null) {
                retry(delivery, turn, context.failureDelayMillis());
            } else if (rest != null) {
                rest(delivery, turn, rest);
            } else if (againAfter != null) {
                retry(delivery, turn, againAfter);
            } else {
                finished(delivery, turn, onAcknowledged);
            }
        });
    }

    private void finished(Delivery delivery, Lanes.Turn turn, Runnable onAcknowledged) {
        QueueSession.Received received;
        synchronized (this) {
            // one step: a message redelivered at this moment is found either in flight or handled
            inFlight.remove(delivery.id());
            handled.put(delivery.id(), Optional.ofNullable(onAcknowledged));
            received = delivery.received;
        }
        if (received != null) {
            context.session().acknowledge(received, () -> acknowledged(delivery, onAcknowledged));
        }
        turn.end();
        ended(false);
        check(delivery.content.queueGroup());
    }

    private void acknowledged(Delivery delivery, Runnable onAcknowledged) {
        Overflow overflow = delivery.overflow;
        synchronized (this) {
            count(delivery, -1);
        }
        confirmed(delivery.id(), onAcknowledged);
        if (overflow != null) {
            check(overflow);
        }
    }

    /** The broker will not redeliver it. */
    private void confirmed(long id, Runnable onAcknowledged) {
        synchronized (this) {
            handled.remove(id);
        }
        if (onAcknowledged != null) {
            onAcknowledged.run();
        }
    }

    private void retry(Delivery delivery, Lanes.Turn turn, long millis) {
        boolean waits;
        synchronized (this) {
            delivery.runs = false;
            waits = state == State.OPEN && inFlight.get(delivery.id()) == delivery && delivery.received != null;
            if (!waits) {
                forget(delivery);
            }
        }
        if (waits) {
            turn.suspend();
            delivery.suspended(turn, millis);
            context.schedule(turn::resume, millis);
        } else {
            turn.end();
        }
        ended(false);
    }

    private void rest(Delivery delivery, Lanes.Turn turn, long millis) {
        synchronized (this) {
            delivery.runs = false;
            forget(delivery);
            if (state == State.OPEN || state == State.RESTING) {
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
                restUntil = state == State.RESTING && restUntil - until > 0 ? restUntil : until;
                state = State.RESTING;
                dropWaiting();
            }
        }
        turn.end();
        ended(true);
    }

    /** Drops a message that is not done; the broker still has it. */
    private void forget(Delivery delivery) {
        inFlight.remove(delivery.id(), delivery);
    }

    /** A message has stopped running. A probe that does not ask for another rest lets the others follow. */
    private void ended(boolean rests) {
        boolean follow;
        boolean close;
        synchronized (this) {
            running--;
            follow = probing && !rests && state == State.OPEN;
            if (follow) {
                probing = false;
            }
            close = running == 0 && (state == State.RESTING || state == State.DRAINING);
        }
        if (follow) {
            lanes.permit(Integer.MAX_VALUE);
        }
        if (close) {
            close();
        }
    }

    /** Drops what has not begun to run: it goes back to the broker when the consumer is closed. */
    private void dropWaiting() {
        lanes.permit(0);
        lanes.clear();
        inFlight.values().removeIf(delivery -> !delivery.running());
    }

    /** Closes the consumers, which returns unacknowledged messages to the broker, in order. */
    private void close() {
        context.session().run(session -> {
            List<ClientConsumer> open = new ArrayList<>();
            boolean resting;
            long wait;
            synchronized (this) {
                if (state != State.RESTING && state != State.DRAINING || running > 0) {
                    return;
                }
                if (consumer != null) {
                    open.add(consumer);
                    consumer = null;
                }
                overflows.values().stream().filter(o -> o.consumer != null).forEach(o -> open.add(o.consumer));
                overflows.clear();
                lanes.clear();
                inFlight.clear();
                resting = state == State.RESTING;
                wait = restMillis();
                if (!resting) {
                    state = State.CLOSED;
                }
            }
            for (ClientConsumer one : open) {
                one.close();
            }
            if (resting) {
                context.schedule(this::probe, wait);
            }
        });
    }

    /** What waits is tried at once: one message, or all that are held, and the queue itself if it rests. */
    void release(Long message) {
        List<Lanes.Turn> turns = new ArrayList<>();
        boolean rests;
        synchronized (this) {
            inFlight.values().stream().filter(delivery -> delivery.isHeld() && (message == null || message == delivery.id())).forEach(delivery -> {
                delivery.released = true;
                turns.add(delivery.turn);
            });
            rests = message == null && state == State.RESTING;
            if (rests) {
                released = true;
                restUntil = System.nanoTime();
            }
        }
        turns.forEach(Lanes.Turn::resume);
        if (rests) {
            context.schedule(this::probe, 0);
        }
    }

    /** What waits to be handled again; the queue's name is what routes call it. */
    synchronized List<HeldMessage> held(String name) {
        return inFlight.values().stream().filter(Delivery::isHeld).map(delivery -> delivery.held(name)).toList();
    }

    private void probe() {
        synchronized (this) {
            if (state != State.RESTING || consumer != null || opening) {
                return;
            }
            opening = true;
        }
        open(true);
    }

    /** Reads no more, and releases the queue once what runs is done. */
    void drain() {
        boolean close;
        synchronized (this) {
            if (state == State.CLOSED) {
                return;
            }
            state = State.DRAINING;
            dropWaiting();
            close = running == 0;
        }
        if (close) {
            close();
        }
    }

    /** The session is lost, and another node may own its deliveries by now. What runs is not stopped, and is recognised if it is redelivered. */
    void lost() {
        synchronized (this) {
            if (state == State.DRAINING || state == State.OPEN) {
                state = State.CLOSED;
            }
            consumer = null;
            opening = false;
            probing = false;
            overflows.clear();
            lanes.permit(0);
            lanes.clear();
            inFlight.values().removeIf(delivery -> !delivery.running());
            inFlight.values().forEach(delivery -> delivery.received = null);
        }
    }

    /** A new session is open. */
    void reopened() {
        long wait;
        synchronized (this) {
            if (state != State.RESTING) {
                return;
            }
            wait = restMillis();
        }
        context.schedule(this::probe, wait);
    }

    /** Checks whether overflow queues can be read, or are empty. */
    void tick() {
        List<Overflow> all;
        boolean unknown;
        synchronized (this) {
            if (state != State.OPEN || overflows.isEmpty()) {
                return;
            }
            all = List.copyOf(overflows.values());
            unknown = !olderTaken;
        }
        if (unknown) {
            context.session().run(session -> {
                long stored = session.queueQuery(SimpleString.of(queue)).getMessageCount();
                synchronized (this) {
                    olderTaken |= stored <= unsettled;
                }
            });
        }
        all.forEach(this::check);
    }

    private void check(String conversation) {
        if (conversation == null) {
            return;
        }
        Overflow known;
        synchronized (this) {
            known = overflows.isEmpty() ? null : overflows.get(Overflow.name(queue, conversation));
        }
        if (known != null) {
            check(known);
        }
    }

    private void check(Overflow overflow) {
        synchronized (this) {
            if (state != State.OPEN || probing || overflows.get(overflow.queue) != overflow || overflow.opening || overflow.closing) {
                return;
            }
            boolean precedingTaken = olderTaken || lastTaken > overflow.first;
            if (overflow.consumer == null) {
                if (!precedingTaken || lanes.size(overflow.conversation) > LANE_LOW_WATERMARK) {
                    return;
                }
                overflow.opening = true;
            } else if (overflow.inLane > 0 || overflow.moving > 0) {
                return;
            } else {
                overflow.closing = true;
            }
        }
        context.session().run(session -> readOrRemove(session, overflow));
    }

    private void readOrRemove(ClientSession session, Overflow overflow) throws ActiveMQException {
        ClientConsumer done = null;
        synchronized (this) {
            if (state != State.OPEN || overflows.get(overflow.queue) != overflow) {
                return;
            }
            if (overflow.opening) {
                overflow.opening = false;
                overflow.consumer = consume(session, overflow.queue, OVERFLOW_WINDOW, overflow);
                return;
            }
            overflow.closing = false;
            // messages that are being moved here are counted under the same lock
            if (overflow.moving == 0 && overflow.inLane == 0
                    && session.queueQuery(SimpleString.of(overflow.queue)).getMessageCount() == 0) {
                overflows.remove(overflow.queue);
                done = overflow.consumer;
            }
        }
        if (done != null) {
            done.close();
            context.connection().remove(session, overflow.queue);
        }
    }

    /** When the oldest message in flight was stored, in milliseconds since 1970. */
    synchronized OptionalLong oldest() {
        return inFlight.values().stream().mapToLong(Delivery::storedAt).min();
    }

    /** How many messages are being handled, and how many wait for their turn in a lane, or for seconds. */
    synchronized InFlight inFlight() {
        return new InFlight(running, Math.max(0, inFlight.size() - running));
    }

    synchronized boolean overflows() {
        return !overflows.isEmpty();
    }

    /** A message in flight. */
    static final class Delivery {

        final StoredMessage content;
        final Map<String, Object> memo = new ConcurrentHashMap<>();
        private final long id;
        private final long storedAt;
        private volatile QueueSession.Received received;
        private volatile Overflow overflow;
        private final String physical;
        private volatile boolean runs;
        private volatile boolean released;
        /** Its place in its lane while it waits to be handled again. */
        private volatile Lanes.Turn turn;
        private volatile long againAt;
        private volatile String reason;
        private volatile String error;

        Delivery(String physical, QueueSession.Received received, StoredMessage content, Overflow overflow) {
            this.physical = physical;
            this.content = content;
            this.received = received;
            this.overflow = overflow;
            this.id = received.message().getMessageID();
            this.storedAt = received.message().getTimestamp();
        }

        long id() {
            return id;
        }

        long storedAt() {
            return storedAt;
        }

        boolean running() {
            return runs;
        }

        String physical() {
            return physical;
        }

        boolean takeReleased() {
            boolean taken = released;
            released = false;
            return taken;
        }

        void waitsFor(String why, String failed) {
            reason = why;
            error = failed;
        }

        private void suspended(Lanes.Turn place, long millis) {
            againAt = System.currentTimeMillis() + millis;
            turn = place;
        }

        private boolean isHeld() {
            return turn != null && !runs;
        }

        private HeldMessage held(String name) {
            return new HeldMessage(name, id, content, Instant.ofEpochMilli(storedAt), Instant.ofEpochMilli(againAt), reason, error);
        }

        private long size() {
            return content.queueBody().length + 500L;
        }
    }
}
