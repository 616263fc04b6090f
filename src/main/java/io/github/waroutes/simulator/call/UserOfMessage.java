package io.github.waroutes.simulator.call;

import java.util.Optional;

/** Finds the user of a message. */
@FunctionalInterface
public interface UserOfMessage {

    /** Who wrote the message with this id, or to whom it was written, as long as that is kept. */
    Optional<String> userOf(String messageId);
}
