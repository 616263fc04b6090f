package io.github.waroutes.limit;

import java.time.Duration;

/**
 * A pair that Meta refused: it rests 4^(times - 1) seconds (Meta: about-the-platform, pair rate limits), an hour at most.
 *
 * @param times       how often in a row
 * @param untilMillis when it may try again
 */
record PairBlock(int times, long untilMillis) {

    private static final int MOST = 6;
    private static final long LONGEST_MILLIS = Duration.ofHours(1).toMillis();
    // a try after the rest may itself wait for the number before it is refused again
    private static final Duration REMEMBERED = Duration.ofMinutes(15);

    static PairBlock parse(String text) {
        if (text == null) {
            return null;
        }
        String[] parts = text.split("@");
        return new PairBlock(Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
    }

    @Override
    public String toString() {
        return times + "@" + untilMillis;
    }

    /** One more refusal; one that comes while the pair rests is from before, and changes nothing. */
    static PairBlock next(PairBlock block, long nowMillis) {
        if (block != null && nowMillis < block.untilMillis) {
            return block;
        }
        int times = block == null ? 1 : Math.min(MOST + 1, block.times + 1);
        long rest = Math.min(LONGEST_MILLIS, 1_000L << 2 * (times - 1));
        return new PairBlock(times, nowMillis + rest);
    }

    Duration lifetime(long nowMillis) {
        return Duration.ofMillis(untilMillis - nowMillis).plus(REMEMBERED);
    }
}
