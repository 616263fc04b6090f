package io.github.waroutes.simulator.load;

import io.github.waroutes.simulator.people.Users;
import java.util.SplittableRandom;

/**
 * The times of a load's messages, and the user of each: an open model, in which only the rate decides the times, not the answers. Users
 * write in rounds, in each of which everyone writes once, in a random order. A message's number is
 * {@code round * users + user + 1}. Not thread-safe.
 */
public final class LoadSchedule {

    private static final double NANOS = 1e9;

    private final LoadPlan plan;
    private final double inRamp;
    private final int total;
    private final SplittableRandom random;
    private final int[] order;
    private int said;

    public LoadSchedule(LoadPlan plan) {
        this.plan = plan;
        this.inRamp = plan.perSecond() * plan.rampSeconds() / 2;
        this.total = (int) (inRamp + plan.perSecond() * plan.seconds());
        this.random = new SplittableRandom(plan.seed());
        this.order = new int[plan.users()];
        for (int user = 0; user < order.length; user++) {
            order[user] = user;
        }
    }

    /** How many messages there are. */
    public int total() {
        return total;
    }

    /** When the full rate is reached: nanoseconds from the start. */
    public long rampNanos() {
        return (long) (plan.rampSeconds() * NANOS);
    }

    /** When the message at this position, from 0, is due: nanoseconds from the start. */
    public long due(int position) {
        return (long) (NANOS * (position < inRamp ? Math.sqrt(2.0 * plan.rampSeconds() * position / plan.perSecond())
                : plan.rampSeconds() + (position - inRamp) / plan.perSecond()));
    }

    /** The number of the next message; at most {@link #total} times. */
    public int nextNumber() {
        int turn = said % order.length;
        // one step of a Fisher-Yates shuffle for each message, so that none pays for a whole round
        int other = turn + random.nextInt(order.length - turn);
        int user = order[other];
        order[other] = order[turn];
        order[turn] = user;
        int number = said / order.length * order.length + user + 1;
        said++;
        return number;
    }

    /** Whether the next message is a voice message. */
    public boolean nextIsVoice() {
        return plan.voiceShare() > 0 && random.nextDouble() < plan.voiceShare();
    }

    /** One of {@code count} things to say. */
    public int nextOf(int count) {
        return random.nextInt(count);
    }
}
