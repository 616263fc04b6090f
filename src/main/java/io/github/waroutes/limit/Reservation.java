package io.github.waroutes.limit;

import java.time.Duration;

/**
 * The answer to "may this be sent?".
 *
 * @param delay    how long to wait; zero: not at all
 * @param reserved true: the place is taken, send after the wait without asking again; false: nothing is taken, ask again
 *                 after the wait
 */
public record Reservation(Duration delay, boolean reserved) {

    private static final long NANOS_PER_MILLI = 1_000_000;

    static Reservation taken(long nanos) {
        return new Reservation(Duration.ofNanos(nanos), true);
    }

    static Reservation later(long nanos) {
        return new Reservation(Duration.ofNanos(Math.max(NANOS_PER_MILLI, nanos)), false);
    }

    /** The delay in milliseconds, rounded up, for a delay in a route. */
    public long delayMillis() {
        return (delay.toNanos() + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI;
    }
}
