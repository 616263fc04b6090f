package io.github.waroutes.simulator.load;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The state and outcome of each message of a load. All times are nanoseconds from the load's start. Each event takes constant time;
 * only a late answer scans the later messages of its user. Thread-safe.
 *
 * <p>A message was answered out of order when the business had accepted an earlier message of the same user (its webhook
 * had been answered 200) before this one was even posted, and still answered this one first. Messages under way together may be
 * answered in any order: their order of arrival is unknown.
 */
public final class LoadLedger {

    private static final byte ACKNOWLEDGED = 1;
    private static final byte REFUSED = 2;
    private static final byte FORGED = 4;
    private static final byte OVERTAKER = 8;

    private final int users;
    private final boolean exact;
    private final long measuredFrom;
    private final Latencies acknowledgement = new Latencies();
    private final Latencies answer = new Latencies();

    // by message, at number - 1; when events happened is counted in events
    private final long[] due;
    private final int[] postedAt;
    private final int[] acknowledgedAt;
    private final byte[] flags;
    private final byte[] answers;
    // by user
    private final int[] latest;
    private final int[] saidBy;
    private final int[] acknowledgedBy;
    private final int[] answersTo;

    private final int planned;
    private int clock;
    private int posted;
    private int acknowledged;
    private int unacknowledged;
    private int forged;
    private int forgedTaken;
    private int answered;
    private int open;
    private int doubled;
    private int outOfOrder;
    private int misdirected;
    private int unrelated;
    private int failed;
    private int late;
    private long lastEvent;
    private boolean closed;

    /**
     * @param planned      how many messages there will be
     * @param exact        whether answers identify their message; else the k-th answer to a user is to the k-th message
     * @param measuredFrom messages due earlier are not in the latencies
     */
    public LoadLedger(int users, int planned, boolean exact, long measuredFrom) {
        this.users = users;
        this.planned = planned;
        this.exact = exact;
        this.measuredFrom = measuredFrom;
        int slots = (planned + users - 1) / users * users;
        due = new long[slots];
        postedAt = new int[slots];
        acknowledgedAt = new int[slots];
        flags = new byte[slots];
        answers = new byte[slots];
        latest = new int[users];
        saidBy = new int[users];
        acknowledgedBy = new int[users];
        answersTo = new int[users];
    }

    /** @param due when it should have been posted, which is when its latencies begin */
    public synchronized void posted(int number, long due) {
        this.due[number - 1] = due;
        postedAt[number - 1] = ++clock;
        int user = user(number);
        if (surplusTo(user) > 0) {
            // an answer that had no message yet counts for this one
            doubled--;
            answered++;
        }
        saidBy[user]++;
        posted++;
    }

    /** It is posted with a wrong signature, so it must not be accepted. */
    public synchronized void forged(int number) {
        flags[number - 1] |= FORGED;
        forged++;
    }

    /** The webhook answered 200. */
    public synchronized void acknowledged(int number, long now) {
        int slot = number - 1;
        if (is(slot, ACKNOWLEDGED) || closed) {
            return;
        }
        if (is(slot, REFUSED)) {
            // a second copy of it was accepted
            unacknowledged--;
        }
        flags[slot] |= ACKNOWLEDGED;
        acknowledgedAt[slot] = ++clock;
        acknowledged++;
        if (is(slot, FORGED)) {
            forgedTaken++;
        }
        int user = user(number);
        open -= openTo(user);
        acknowledgedBy[user]++;
        open += openTo(user);
        if (exact && answers[slot] == 0) {
            open++;
        }
        if (due[slot] >= measuredFrom) {
            acknowledgement.record(now - due[slot]);
        }
        lastEvent = now;
    }

    /** The webhook did not answer 200, and this copy will not be posted again. */
    public synchronized void refused(int number, long now) {
        int slot = number - 1;
        if (!is(slot, FORGED) && !is(slot, REFUSED) && !is(slot, ACKNOWLEDGED) && !closed) {
            flags[slot] |= REFUSED;
            unacknowledged++;
            lastEvent = now;
        }
    }

    /**
     * A message of the business to one of the users was accepted.
     *
     * @param user      from 0
     * @param reference the message that it answers, as far as it says
     */
    public synchronized void answered(int user, LoadMarks.Reference reference, long now) {
        if (!exact) {
            countAnswer(user, now);
        } else if (reference instanceof LoadMarks.Marked marked) {
            for (int number : marked.numbers()) {
                if (isPosted(number) && user(number) == user) {
                    answer(number, now);
                } else {
                    misdirected++;
                }
            }
        } else {
            boolean any = false;
            if (reference instanceof LoadMarks.Numbered numbered) {
                for (int number : numbered.numbers()) {
                    // without the load's mark it may be any number that the business wrote
                    if (isPosted(number) && user(number) == user) {
                        any = true;
                        answer(number, now);
                    }
                }
            }
            if (!any) {
                unrelated++;
            }
        }
    }

    /** A message of the business was accepted and then failed: it did not reach the user. */
    public synchronized void failed() {
        failed++;
    }

    private void answer(int number, long now) {
        int slot = number - 1;
        if (closed) {
            late++;
            return;
        }
        lastEvent = now;
        if (answers[slot] > 0) {
            if (answers[slot] == 1) {
                doubled++;
            }
            answers[slot] = 2;
            return;
        }
        answers[slot] = 1;
        answered++;
        if (is(slot, ACKNOWLEDGED)) {
            open--;
        }
        if (due[slot] >= measuredFrom) {
            answer.record(now - due[slot]);
        }
        int user = user(number);
        int round = slot / users;
        for (int later = round + 1; later < latest[user]; later++) {
            int other = later * users + user;
            if (answers[other] > 0 && !is(other, OVERTAKER) && acknowledgedAt[slot] > 0
                    && postedAt[other] > acknowledgedAt[slot]) {
                flags[other] |= OVERTAKER;
                outOfOrder++;
            }
        }
        latest[user] = Math.max(latest[user], round + 1);
    }

    private void countAnswer(int user, long now) {
        if (closed) {
            late++;
            return;
        }
        lastEvent = now;
        open -= openTo(user);
        int nth = answersTo[user]++;
        open += openTo(user);
        if (nth >= saidBy[user]) {
            doubled++;
        } else {
            answered++;
            long dueThen = due[nth * users + user];
            if (dueThen >= measuredFrom) {
                answer.record(now - dueThen);
            }
        }
    }

    private int openTo(int user) {
        return exact ? 0 : Math.max(0, acknowledgedBy[user] - answersTo[user]);
    }

    private int surplusTo(int user) {
        return exact ? 0 : Math.max(0, answersTo[user] - saidBy[user]);
    }

    private int user(int number) {
        return (number - 1) % users;
    }

    private boolean isPosted(int number) {
        return number >= 1 && number <= postedAt.length && postedAt[number - 1] > 0;
    }

    private boolean is(int slot, byte flag) {
        return (flags[slot] & flag) != 0;
    }

    /** Messages that were acknowledged and are not answered. */
    public synchronized int open() {
        return open;
    }

    /** When a message was last acknowledged, refused or answered; 0 if none was. */
    public synchronized long lastEvent() {
        return lastEvent;
    }

    /** Ends the accounting: open messages are lost, and only late answers are still counted. */
    public synchronized void close() {
        closed = true;
    }

    /** The failures of the business; empty when every message was accepted, and answered once and in order. */
    private String problems() {
        StringBuilder problems = new StringBuilder();
        append(problems, planned - posted, "not sent");
        append(problems, unacknowledged, "not acknowledged");
        append(problems, forgedTaken, "taken with a wrong signature");
        append(problems, open, "lost");
        append(problems, doubled, "doubled");
        append(problems, exact ? outOfOrder : 0, "out of order");
        append(problems, misdirected, "sent to the wrong user");
        return problems.toString();
    }

    private static void append(StringBuilder problems, int count, String what) {
        if (count > 0) {
            problems.append(problems.isEmpty() ? "" : ", ").append(count).append(' ').append(what);
        }
    }

    /**
     * Writes the counts, as docs/simulator-load.md describes them. {@code lost}, {@code clean} and {@code problems} are written at the
     * end, {@code open} until then.
     */
    public synchronized void writeTo(ObjectNode json) {
        json.put("planned", planned).put("sent", posted).put("acknowledged", acknowledged).put("unacknowledged", unacknowledged)
                .put("forged", forged).put("answered", answered).put(closed ? "lost" : "open", open).put("doubled", doubled);
        if (exact) {
            json.put("out_of_order", outOfOrder).put("misdirected", misdirected).put("unrelated", unrelated);
        } else {
            json.putNull("out_of_order");
        }
        json.put("failed", failed).put("late", late);
        json.set("acknowledgement_ms", acknowledgement.toJson());
        json.set("answer_ms", answer.toJson());
        if (closed) {
            String problems = problems();
            json.put("clean", problems.isEmpty()).put("problems", problems);
        }
    }
}
