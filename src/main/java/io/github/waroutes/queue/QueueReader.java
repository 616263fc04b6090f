package io.github.waroutes.queue;

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
 * Reads one queue of the broker. What it has in hand is bounded in bytes; of a conversation whose lane is long the rest moves to a queue of
 * its own ({@link Overflow}), so that it takes no room from others. A queue that rests has nothing in hand: everything lies at the broker, in
 * order, until one message is tried.
 */
final class QueueReader {

    /** What the reader needs of its surroundings. */
    interface Surroundings {

        /** Has the message handled; {@code done} is called once, from any thread. */
        void handle(Delivery delivery, Done done);

        void later(Runnable task, long millis);

        QueueSession session();

        BrokerConnection connection();

        long failureDelayMillis();
    }

    /** How a message was handled. */
    interface Done {
        void done(Exception failure, Long againAfter, Long rest, Runnable onAcknowledged);
    }

    enum State { CLOSED, OPEN, RESTING, DRAINING }

    /** So many messages of one conversation may be in its lane once there is little room. */
    private static final int LONG_LANE = 16;
    private static final int SHORT_LANE = 4;
    private static final int MOST_OVERFLOWS = 1_000;
    private static final int OVERFLOW_WINDOW = 16 << 10;
    private static final int REMEMBERED = 10_000;

    private final String queue;
    private final int window;
    private final Surroundings around;
    private final Lanes lanes;
    /** Keyed by the broker's message id, which stays the same when the broker delivers again after a lost connection. */
    private final Map<Long, Delivery> inHand = new HashMap<>();
    /** What is done, and what remains to be done once the broker has noted it. */
    private final Map<Long, Optional<Runnable>> handled = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Optional<Runnable>> eldest) {
            return size() > REMEMBERED;
        }
    };
    private final Map<String, Overflow> overflows = new HashMap<>();
    private State state = State.CLOSED;
    private ClientConsumer consumer;
    private boolean opening;
    /** One message is tried alone, to see whether the rest may go. */
    private boolean trial;
    private int running;
    private long bytesInHand;
    /** Taken from the queue itself, and not known to be settled at the broker. */
    private int unsettled;
    private long lastTaken;
    private boolean allOldTaken;
    private long restUntil;

    QueueReader(String queue, int window, Workers workers, Surroundings around) {
        this.queue = queue;
        this.window = window;
        this.around = around;
        this.lanes = new Lanes(workers, Integer.MAX_VALUE);
    }

    String queue() {
        return queue;
    }

    synchronized State state() {
        return state;
    }

    /** Milliseconds until a message is tried; 0: the queue does not rest. */
    synchronized long restMillis() {
        return state == State.RESTING ? Math.max(1, TimeUnit.NANOSECONDS.toMillis(restUntil - System.nanoTime())) : 0;
    }

    /** Begins to read; nothing happens if it does already, or rests. */
    void open() {
        synchronized (this) {
            if (state != State.CLOSED || opening) {
                return;
            }
            opening = true;
        }
        open(false);
    }

    private void open(boolean oneAlone) {
        around.session().run(session -> {
            boolean opened = false;
            try {
                around.connection().declare(session, queue);
                // an earlier owner that still has it reads what overflowed, too, until it is done
                if (session.queueQuery(SimpleString.of(queue)).getConsumerCount() > 0) {
                    return;
                }
                List<Overflow> found = findOverflows(session);
                synchronized (this) {
                    if (state != (oneAlone ? State.RESTING : State.CLOSED)) {
                        return;
                    }
                    found.forEach(overflow -> overflows.put(overflow.queue, overflow));
                    allOldTaken = overflows.isEmpty();
                    lastTaken = 0;
                    unsettled = 0;
                    bytesInHand = 0;
                    trial = oneAlone;
                    lanes.permit(oneAlone ? 1 : Integer.MAX_VALUE);
                    state = State.OPEN;
                    consumer = consume(session, queue, window, null);
                }
                opened = true;
            } finally {
                synchronized (this) {
                    opening = false;
                    if (!opened && oneAlone && state == State.RESTING) {
                        state = State.CLOSED;
                    }
                }
            }
        });
    }

    private List<Overflow> findOverflows(ClientSession session) throws ActiveMQException {
        List<Overflow> found = new ArrayList<>();
        for (String name : around.connection().known(session)) {
            if (!name.startsWith(queue + Overflow.NAME)) {
                continue;
            }
            try (ClientConsumer browser = session.createConsumer(SimpleString.of(name), null, true)) {
                ClientMessage first = browser.receive(1_000);
                if (first != null) {
                    found.add(new Overflow(name, QueueCodec.group(first), QueueCodec.sequence(first)));
                } else if (session.queueQuery(SimpleString.of(name)).getMessageCount() == 0) {
                    browser.close();
                    around.connection().remove(session, name);
                } else {
                    found.add(new Overflow(name, null, 0));
                }
            }
        }
        return found;
    }

    private ClientConsumer consume(ClientSession session, String from, int size, Overflow overflow) throws ActiveMQException {
        // without a window nothing comes before there is a handler, and the client passes on at once what room it is told of
        ClientConsumerInternal opened = (ClientConsumerInternal) session.createConsumer(SimpleString.of(from), null, 0, -1, false);
        int epoch = around.session().epoch();
        // by hand: the broker hears of room when a message is done, and not when it has come
        opened.setManualFlowMessageHandler(message -> {
            try {
                take(new QueueSession.Taken(message, opened, size, epoch), overflow);
            } catch (RuntimeException e) {
                // it is not in hand: the session has to bring it again
                around.session().fail(epoch, e);
            }
        });
        opened.flowControl(size, false);
        return opened;
    }

    private void take(QueueSession.Taken taken, Overflow overflow) {
        ClientMessage message = taken.message();
        Delivery delivery = null;
        synchronized (this) {
            if (state != State.OPEN || taken.epoch() != around.session().epoch()) {
                return;
            }
            long id = message.getMessageID();
            if (overflow == null) {
                lastTaken = Math.max(lastTaken, id);
            }
            Delivery known = inHand.get(id);
            if (known != null) {
                known.taken = taken;
                known.overflow = overflow;
                count(known, 1);
                return;
            }
            Optional<Runnable> done = handled.get(id);
            if (done != null) {
                around.session().acknowledge(taken, () -> confirmed(id, done.orElse(null)));
                return;
            }
            String conversation = QueueCodec.group(message);
            Overflow rest = overflow == null && conversation != null ? overflowFor(conversation, id) : null;
            StoredMessage content = QueueCodec.decode(message);
            delivery = new Delivery(taken, content, overflow);
            count(delivery, 1);
            if (rest != null) {
                rest.moving++;
                move(delivery, rest);
                return;
            }
            inHand.put(id, delivery);
            // in the lock: a conversation's messages must come to its lane in their order
            Delivery added = delivery;
            lanes.add(conversation, turn -> handle(added, turn));
        }
    }

    private void count(Delivery delivery, int sign) {
        bytesInHand += (long) sign * delivery.size();
        if (delivery.overflow == null) {
            unsettled += sign;
        } else {
            delivery.overflow.inLane += sign;
        }
    }

    /** Where the message has to wait, as its lane is too long or others of its conversation wait there; {@code null}: in its lane. */
    private Overflow overflowFor(String conversation, long id) {
        boolean tooLong = !trial && bytesInHand > window / 2 && lanes.size(conversation) >= LONG_LANE;
        if (overflows.isEmpty() && !tooLong) {
            return null;
        }
        String name = Overflow.name(queue, conversation);
        Overflow known = overflows.get(name);
        if (known != null) {
            return id > known.first ? known : null;
        }
        if (!tooLong || overflows.size() >= MOST_OVERFLOWS) {
            return null;
        }
        Overflow made = new Overflow(name, conversation, id);
        overflows.put(name, made);
        around.session().run(session -> around.connection().declare(session, name));
        return made;
    }

    private void move(Delivery delivery, Overflow to) {
        QueueSession.Taken taken = delivery.taken;
        around.session().move(taken, delivery.content, to.queue, () -> {
            synchronized (this) {
                to.moving--;
                count(delivery, -1);
            }
        });
    }

    private void handle(Delivery delivery, Lanes.Turn turn) {
        synchronized (this) {
            QueueSession.Taken taken = delivery.taken;
            if (state == State.OPEN && inHand.get(delivery.id()) == delivery && taken != null
                    && taken.epoch() == around.session().epoch()) {
                delivery.runs = true;
                running++;
            }
        }
        if (!delivery.runs) {
            turn.end();
            return;
        }
        around.handle(delivery, (failure, againAfter, rest, onAcknowledged) -> {
            if (failure != null) {
                again(delivery, turn, around.failureDelayMillis());
            } else if (rest != null) {
                rest(delivery, turn, rest);
            } else if (againAfter != null) {
                again(delivery, turn, againAfter);
            } else {
                finished(delivery, turn, onAcknowledged);
            }
        });
    }

    private void finished(Delivery delivery, Lanes.Turn turn, Runnable onAcknowledged) {
        QueueSession.Taken taken;
        synchronized (this) {
            // one step: a message that the broker brings again at this moment is either in hand or handled
            inHand.remove(delivery.id());
            handled.put(delivery.id(), Optional.ofNullable(onAcknowledged));
            taken = delivery.taken;
        }
        if (taken != null) {
            around.session().acknowledge(taken, () -> acknowledged(delivery, onAcknowledged));
        }
        turn.end();
        ended(false);
        look(delivery.content.queueGroup());
    }

    private void acknowledged(Delivery delivery, Runnable onAcknowledged) {
        Overflow overflow = delivery.overflow;
        synchronized (this) {
            count(delivery, -1);
        }
        confirmed(delivery.id(), onAcknowledged);
        if (overflow != null) {
            look(overflow);
        }
    }

    /** The broker has noted it, and will not bring it again. */
    private void confirmed(long id, Runnable onAcknowledged) {
        synchronized (this) {
            handled.remove(id);
        }
        if (onAcknowledged != null) {
            onAcknowledged.run();
        }
    }

    private void again(Delivery delivery, Lanes.Turn turn, long millis) {
        boolean waits;
        synchronized (this) {
            delivery.runs = false;
            waits = state == State.OPEN && inHand.get(delivery.id()) == delivery && delivery.taken != null;
            if (!waits) {
                forget(delivery);
            }
        }
        if (waits) {
            turn.waits();
            around.later(turn::again, millis);
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
                giveBack();
            }
        }
        turn.end();
        ended(true);
    }

    /** It was not done: its place in its lane is free, and the broker has it. */
    private void forget(Delivery delivery) {
        inHand.remove(delivery.id(), delivery);
    }

    /** A message has stopped running. The first after a rest opens the way for the others, if it does not ask for another rest. */
    private void ended(boolean rests) {
        boolean opens;
        boolean close;
        synchronized (this) {
            running--;
            opens = trial && !rests && state == State.OPEN;
            if (opens) {
                trial = false;
            }
            close = running == 0 && (state == State.RESTING || state == State.DRAINING);
        }
        if (opens) {
            lanes.permit(Integer.MAX_VALUE);
        }
        if (close) {
            close();
        }
    }

    /** Forgets what has not begun: it goes back to the broker when the consumer is closed. */
    private void giveBack() {
        lanes.permit(0);
        lanes.clear();
        inHand.values().removeIf(delivery -> !delivery.running());
    }

    /** Closes the consumers, which gives the broker back what is not done, in order. */
    private void close() {
        around.session().run(session -> {
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
                inHand.clear();
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
                around.later(this::tryOne, wait);
            }
        });
    }

    private void tryOne() {
        synchronized (this) {
            if (state != State.RESTING || consumer != null || opening) {
                return;
            }
            opening = true;
        }
        open(true);
    }

    /** Reads no more, and gives the queue free once what runs is done. */
    void drain() {
        boolean close;
        synchronized (this) {
            if (state == State.CLOSED) {
                return;
            }
            state = State.DRAINING;
            giveBack();
            close = running == 0;
        }
        if (close) {
            close();
        }
    }

    /** The session is lost: what came by it may be another's already. What runs is not stopped, and is known if it comes again. */
    void lost() {
        synchronized (this) {
            if (state == State.DRAINING || state == State.OPEN) {
                state = State.CLOSED;
            }
            consumer = null;
            opening = false;
            trial = false;
            overflows.clear();
            lanes.permit(0);
            lanes.clear();
            inHand.values().removeIf(delivery -> !delivery.running());
            inHand.values().forEach(delivery -> delivery.taken = null);
        }
    }

    /** A new session has begun. */
    void begun() {
        long wait;
        synchronized (this) {
            if (state != State.RESTING) {
                return;
            }
            wait = restMillis();
        }
        around.later(this::tryOne, wait);
    }

    /** Looks at what overflowed: whether it can be read on, or is empty. */
    void tick() {
        List<Overflow> all;
        boolean unsure;
        synchronized (this) {
            if (state != State.OPEN || overflows.isEmpty()) {
                return;
            }
            all = List.copyOf(overflows.values());
            unsure = !allOldTaken;
        }
        if (unsure) {
            around.session().run(session -> {
                long there = session.queueQuery(SimpleString.of(queue)).getMessageCount();
                synchronized (this) {
                    allOldTaken |= there <= unsettled;
                }
            });
        }
        all.forEach(this::look);
    }

    private void look(String conversation) {
        if (conversation == null) {
            return;
        }
        Overflow known;
        synchronized (this) {
            known = overflows.isEmpty() ? null : overflows.get(Overflow.name(queue, conversation));
        }
        if (known != null) {
            look(known);
        }
    }

    private void look(Overflow overflow) {
        synchronized (this) {
            if (state != State.OPEN || trial || overflows.get(overflow.queue) != overflow || overflow.opening || overflow.closing) {
                return;
            }
            boolean oldTaken = allOldTaken || lastTaken > overflow.first;
            if (overflow.consumer == null) {
                if (!oldTaken || lanes.size(overflow.conversation) > SHORT_LANE) {
                    return;
                }
                overflow.opening = true;
            } else if (overflow.inLane > 0 || overflow.moving > 0) {
                return;
            } else {
                overflow.closing = true;
            }
        }
        around.session().run(session -> readOrRemove(session, overflow));
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
            // the messages on their way here are counted in the same lock
            if (overflow.moving == 0 && overflow.inLane == 0
                    && session.queueQuery(SimpleString.of(overflow.queue)).getMessageCount() == 0) {
                overflows.remove(overflow.queue);
                done = overflow.consumer;
            }
        }
        if (done != null) {
            done.close();
            around.connection().remove(session, overflow.queue);
        }
    }

    /** When the oldest message that was taken and is not done was stored, in milliseconds since 1970; empty: there is none. */
    synchronized OptionalLong oldest() {
        return inHand.values().stream().mapToLong(Delivery::storedAt).min();
    }

    synchronized boolean overflows() {
        return !overflows.isEmpty();
    }

    /** A message that was taken. */
    static final class Delivery {

        final StoredMessage content;
        final Map<String, Object> memo = new ConcurrentHashMap<>();
        private final long id;
        private final long storedAt;
        private volatile QueueSession.Taken taken;
        private volatile Overflow overflow;
        private volatile boolean runs;

        Delivery(QueueSession.Taken taken, StoredMessage content, Overflow overflow) {
            this.content = content;
            this.taken = taken;
            this.overflow = overflow;
            this.id = taken.message().getMessageID();
            this.storedAt = taken.message().getTimestamp();
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

        private long size() {
            return content.queueBody().length + 500L;
        }
    }
}
