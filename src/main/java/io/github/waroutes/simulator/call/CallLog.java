package io.github.waroutes.simulator.call;

import io.github.waroutes.simulator.common.Events;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The newest calls: {@value #MAX_CALLS} at most, and {@value #MAX_BYTES} bytes of them. Thread-safe. */
public final class CallLog {

    static final int MAX_CALLS = 2000;
    static final long MAX_BYTES = 32L << 20;

    private final Events events;
    private final UserOfMessage users;
    private final Deque<LoggedCall> calls = new ArrayDeque<>();
    private long bytes;
    private long last;

    /** @param users finds the user of a message id */
    public CallLog(Events events, UserOfMessage users) {
        this.events = events;
        this.users = users;
    }

    /** Records a call. */
    public LoggedCall add(LoggedCall.Facts facts, LoggedBody request, LoggedBody response) {
        LoggedCall call = new LoggedCall(facts, request, response, users);
        add(call);
        return call;
    }

    /** Numbers a call, and publishes it. */
    void add(LoggedCall call) {
        List<LoggedCall> old = new ArrayList<>();
        synchronized (this) {
            call.number(++last);
            calls.add(call);
            bytes += call.weight();
            while (calls.size() > MAX_CALLS || bytes > MAX_BYTES && calls.size() > 1) {
                LoggedCall oldest = calls.remove();
                bytes -= oldest.weight();
                old.add(oldest);
            }
        }
        old.forEach(LoggedCall::drop);
        events.publish(call);
    }

    /**
     * The newest first.
     *
     * @param before only calls with a lower number
     * @param user   only calls about this user, or null
     */
    public List<LoggedCall> list(int limit, long before, String user) {
        return newest(limit, call -> call.seq() < before && (user == null || user.equals(call.user())));
    }

    public Optional<LoggedCall> call(long seq) {
        return newest(1, call -> call.seq() == seq).stream().findFirst();
    }

    /** The call that was made with this ticket. */
    public Optional<LoggedCall> repetition(String ticket) {
        return newest(1, call -> ticket.equals(call.facts().ticket())).stream().findFirst();
    }

    synchronized long bytes() {
        return bytes;
    }

    private List<LoggedCall> newest(int limit, Predicate<LoggedCall> wanted) {
        List<LoggedCall> all;
        synchronized (this) {
            all = new ArrayList<>(calls.size());
            for (Iterator<LoggedCall> newest = calls.descendingIterator(); newest.hasNext();) {
                all.add(newest.next());
            }
        }
        return all.stream().filter(wanted).limit(limit).toList();
    }
}
