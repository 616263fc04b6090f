package io.github.waroutes.queue;

/**
 * Messages that this process has taken from a queue and that are not done.
 *
 * @param running being handled at this moment
 * @param waiting in a lane, for their turn or for the seconds that they must wait
 */
public record InFlight(long running, long waiting) {

    InFlight plus(InFlight other) {
        return new InFlight(running + other.running, waiting + other.waiting);
    }
}
