package io.github.waroutes.limit;

import java.time.Duration;

/**
 * A rate that was cut because Meta refused a send for its pace, and that recovers in even steps.
 *
 * @param rate     messages per second after the cut
 * @param atMillis when it was cut
 */
record NumberCut(int rate, long atMillis) {

    static final Duration STEP_EVERY = Duration.ofSeconds(10);

    // all that were under way at the old rate are refused at once: they count as one refusal
    private static final long ONE_SIGN_MILLIS = 1_000;
    private static final int STEPS_TO_FULL = 10;

    static NumberCut parse(String text) {
        if (text == null) {
            return null;
        }
        String[] parts = text.split("@");
        return new NumberCut(Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
    }

    @Override
    public String toString() {
        return rate + "@" + atMillis;
    }

    static int rate(NumberCut cut, int full, long nowMillis) {
        if (cut == null) {
            return full;
        }
        long steps = Math.max(0, nowMillis - cut.atMillis) / STEP_EVERY.toMillis();
        return (int) Math.min(full, cut.rate + steps * step(full));
    }

    /** The cut that follows from one more refusal: the same one if it belongs to it. */
    static NumberCut next(NumberCut cut, int full, long nowMillis) {
        if (cut != null && nowMillis - cut.atMillis < ONE_SIGN_MILLIS) {
            return cut;
        }
        return new NumberCut(Math.max(1, rate(cut, full, nowMillis) / 2), nowMillis);
    }

    /** How long the cut must be kept: until the rate has recovered. */
    Duration lifetime(int full) {
        return STEP_EVERY.multipliedBy(Math.max(0, full - rate) / step(full) + 2);
    }

    private static int step(int full) {
        return Math.max(1, full / STEPS_TO_FULL);
    }
}
