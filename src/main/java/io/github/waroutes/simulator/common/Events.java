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
 * What happened last, numbered: the newest {@value #CAPACITY} events. An event holds no text of its own: it points at what
 * changed, and is written when somebody reads it, as the thing is then. So a change that nobody has read the one before of
 * needs no event more. Thread-safe; publishing never waits for a reader.
 */
public final class Events {

    public static final int CAPACITY = 5000;

    private final Deque<Event> ring = new ArrayDeque<>();
    private final long first;
    private long last;
    private long read;
    private Runnable listener = () -> { };

    /** Not from 0: a reader that comes back after a restart must not take new numbers for those it has. */
    public Events() {
        this(System.currentTimeMillis() * 1000);
    }

    /** @param before the number before the first event's */
    Events(long before) {
        first = before;
        last = before;
        read = before;
    }

    /** Something that changes and can be told from. */
    public abstract static class Source {
        /** In the place of a user. */
        public static final String EVERYBODY = "*";

        private long published;

        /** The name of its events. */
        public abstract String event();

        /**
         * Whom it is about, as {@link Recipient#key}; {@link #EVERYBODY} when it concerns all, null when it concerns nobody in
         * particular. Called without any lock.
         */
        public String user() {
            return null;
        }

        /** What it is like now; null when it is not worth telling any more. Called without any lock. */
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
        Runnable told;
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
            told = listener;
        }
        told.run();
    }

    /** The number of the newest event; whoever asks will hear of every change from now on. */
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
