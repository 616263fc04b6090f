package io.github.waroutes.update;

import java.util.Map;

import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;

/**
 * How often the message in hand was tried again, and how long it waits before the next try. Counted in its memo: Camel's own count is in
 * a header, which every route that wipes headers loses, and with it the end of the retries.
 */
public final class Tries {

    private Tries() {
    }

    /**
     * Counts one more try.
     *
     * @param kind    counted on its own, as in {@code throttled}
     * @param failure may allow fewer tries; null: nothing is known of it
     * @param most    how many there may be
     * @return how many there were before, or -1 if that was often enough
     */
    public static int count(Exchange exchange, String kind, WhatsAppException failure, int most) {
        @SuppressWarnings("unchecked")
        Map<String, Object> memo = exchange.getProperty(QueueConstants.MEMO, Map.class);
        int limit = failure != null && failure.getMaximumRetries() != null ? Math.min(most, failure.getMaximumRetries()) : most;
        int before = memo == null ? limit : (Integer) memo.getOrDefault(kind, 0);
        if (before >= limit) {
            return -1;
        }
        memo.put(kind, before + 1);
        return before;
    }

    /**
     * The wait before the next try.
     *
     * @param delay   the first, in milliseconds
     * @param factor  by which each is longer than the one before
     * @param before  how many there were
     * @param longest in milliseconds
     * @param failure may ask for a longer wait; null: nothing is known of it
     */
    public static long delay(long delay, int factor, int before, long longest, WhatsAppException failure) {
        long wait = (long) Math.min(longest, delay * Math.pow(factor, before));
        return failure == null || failure.getMinimumWait() == null ? wait : Math.max(wait, failure.getMinimumWait().toMillis());
    }
}
