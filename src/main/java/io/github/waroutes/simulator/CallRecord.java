package io.github.waroutes.simulator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The newest calls: {@value #MOST_CALLS} at most, and {@value #MOST_BYTES} bytes of them. Thread-safe. */
final class CallRecord {

    static final int MOST_CALLS = 2000;
    static final long MOST_BYTES = 32L << 20;

    private final SimulatorEvents events;
    private final Deque<Call> calls = new ArrayDeque<>();
    private long bytes;
    private long last;

    CallRecord(SimulatorEvents events) {
        this.events = events;
    }

    /** Gives a call its number, and tells of it. */
    void add(Call call) {
        List<Call> old = new ArrayList<>();
        synchronized (this) {
            call.number(++last);
            calls.add(call);
            bytes += call.weight();
            while (calls.size() > MOST_CALLS || bytes > MOST_BYTES && calls.size() > 1) {
                Call oldest = calls.remove();
                bytes -= oldest.weight();
                old.add(oldest);
            }
        }
        old.forEach(Call::drop);
        events.publish(call);
    }

    /**
     * The newest first.
     *
     * @param before only calls with a lower number
     * @param user   only calls about this user, or null
     */
    List<Call> list(int limit, long before, String user) {
        return newest(limit, call -> call.seq() < before && (user == null || user.equals(call.user())));
    }

    Optional<Call> call(long seq) {
        return newest(1, call -> call.seq() == seq).stream().findFirst();
    }

    /** The call that was made with this ticket. */
    Optional<Call> repetition(String ticket) {
        return newest(1, call -> ticket.equals(call.facts().ticket())).stream().findFirst();
    }

    synchronized long bytes() {
        return bytes;
    }

    private List<Call> newest(int limit, Predicate<Call> wanted) {
        List<Call> all;
        synchronized (this) {
            all = new ArrayList<>(calls.size());
            for (Iterator<Call> newest = calls.descendingIterator(); newest.hasNext();) {
                all.add(newest.next());
            }
        }
        return all.stream().filter(wanted).limit(limit).toList();
    }
}
