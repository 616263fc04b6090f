package io.github.waroutes.simulator.call;

import java.util.Optional;

/** Knows whose message it was. */
@FunctionalInterface
public interface UserOfMessage {

    /** Who wrote the message with this id, or whom it was written to, as long as that is remembered. */
    Optional<String> userOf(String messageId);
}
