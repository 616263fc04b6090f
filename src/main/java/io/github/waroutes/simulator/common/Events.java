package io.github.waroutes.simulator.common;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The newest {@value #CAPACITY} events, numbered. An event has no content of its own: it refers to what changed, and is rendered when it is
 * read, in the state at that time. So a further change of something whose event is still unread needs no new event. Thread-safe;
 * publishing never waits for a reader.
 */
public final class Events {

    public static final int CAPACITY = 5000;

    private final Deque<Event> ring = new ArrayDeque<>();
    private final long first;
    private long last;
    private long read;
    private Runnable listener = () -> { };

    /** Not from 0: a reader that reconnects after a restart must not mistake new numbers for those it has. */
    public Events() {
        this(System.currentTimeMillis() * 1000);
    }

    /** @param before the number before the first event's */
    Events(long before) {
        first = before;
        last = before;
        read = before;
    }

    /** Something whose changes are events. */
    public abstract static class Source {
        /** In place of a user. */
        public static final String EVERYBODY = "*";

        private long published;

        /** The name of its events. */
        public abstract String event();

        /**
         * The user it is about, as {@link Recipient#key}; {@link #EVERYBODY} when it concerns all, null when it concerns no user.
         * Called without any lock.
         */
        public String user() {
            return null;
        }

        /** Its present state; null when it is no longer relevant. Called without any lock. */
        public abstract JsonNode data();
    }

    /** One change. */
    public record Event(long seq, Source source) {
    }

    /** @param listener called after each event, by whoever published it; must return at once */
    public synchronized void onEvent(Runnable listener) {
        this.listener = listener;
    }

    public void publish(Source source) {
        Runnable current;
        synchronized (this) {
            if (source.published > read) {
                return;
            }
            last++;
            source.published = last;
            ring.add(new Event(last, source));
            if (ring.size() > CAPACITY) {
                ring.remove();
            }
            current = listener;
        }
        current.run();
    }

    /** The number of the newest event; every later change gets an event of its own. */
    public synchronized long now() {
        read = last;
        return last;
    }

    /** The events after this number, in their order; empty if some of them are forgotten, or the number never was one. */
    public synchronized Optional<List<Event>> after(long seq) {
        if (seq < first || seq > last || seq < last - ring.size()) {
            return Optional.empty();
        }
        List<Event> events = new ArrayList<>();
        for (Iterator<Event> newest = ring.descendingIterator(); newest.hasNext();) {
            Event event = newest.next();
            if (event.seq() <= seq) {
                break;
            }
            events.add(event);
        }
        Collections.reverse(events);
        read = last;
        return Optional.of(events);
    }
}
