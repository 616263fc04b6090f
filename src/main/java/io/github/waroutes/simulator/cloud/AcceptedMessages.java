package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.simulator.common.Recipient;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notifies a listener of every accepted message of the business. Thread-safe. */
public class AcceptedMessages {

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    /** Called for each message; it must return at once. */
    @FunctionalInterface
    public interface Listener {

        /**
         * @param request the body it was sent with
         * @param failure the code it will fail with, or null
         */
        void accepted(Recipient user, JsonNode request, Integer failure);
    }

    public void listen(Listener listener) {
        listeners.add(listener);
    }

    public void unlisten(Listener listener) {
        listeners.remove(listener);
    }

    void publish(Recipient user, JsonNode request, Integer failure) {
        listeners.forEach(listener -> listener.accepted(user, request, failure));
    }
}
