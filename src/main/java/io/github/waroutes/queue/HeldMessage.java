package io.github.waroutes.queue;

import java.time.Instant;

/**
 * A message that this process has taken from a queue and that waits there, with its conversation, to be handled again.
 *
 * @param queue    the queue, as routes name it
 * @param id       the broker's id of it
 * @param message  what was stored
 * @param storedAt when
 * @param again    when it is tried again
 * @param reason   why it waits, as the route said ({@link QueueConstants#WAIT_REASON}), or null
 * @param error    what failed, as the route said ({@link QueueConstants#WAIT_ERROR}), or null
 */
public record HeldMessage(String queue, long id, StoredMessage message, Instant storedAt, Instant again, String reason, String error) {
}
