package io.github.waroutes.queue;

import java.time.Instant;

/**
 * A message that waits: this process has taken it from a queue and holds it, with its conversation, until it is handled again; or it lies in the
 * queue of a number that cannot send now.
 *
 * @param queue    the queue, as routes name it
 * @param id       the broker's id of it
 * @param message  what was stored
 * @param storedAt when
 * @param again    when it is tried again; null: it lies in its queue
 * @param reason   why it waits, as the route said ({@link QueueConstants#WAIT_REASON}), or null
 * @param error    what failed, as the route said ({@link QueueConstants#WAIT_ERROR}), or null
 */
public record HeldMessage(String queue, long id, StoredMessage message, Instant storedAt, Instant again, String reason, String error) {
}
