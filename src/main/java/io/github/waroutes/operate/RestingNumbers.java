package io.github.waroutes.operate;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import io.github.waroutes.queue.QueueComponent;
import io.github.waroutes.queue.QueueOrders;
import io.github.waroutes.send.NumberGate;
import org.apache.camel.Exchange;

/** The numbers that do not send at this moment, by phone number id: refused by Meta, or paused by an operator. */
final class RestingNumbers {

    /**
     * Why a number does not send.
     *
     * @param state      stopped, throttled or paused
     * @param scope      what Meta refused: number, account or app; null: nothing
     * @param error      Meta's code, or the type of the failure, or null
     * @param reason     the operator's words, or null
     * @param triesAgain when it is tried again; null: when it is resumed
     */
    record Rest(String state, String scope, String error, String reason, Instant since, Instant triesAgain) {
    }

    private final Map<String, Rest> refused = new HashMap<>();
    private final Map<String, QueueOrders.Order> paused = new HashMap<>();
    private QueueOrders.Order allPaused;

    private RestingNumbers() {
    }

    /** @param sending the queues that are split by number */
    static RestingNumbers of(Exchange exchange, Collection<String> sending) {
        RestingNumbers numbers = new RestingNumbers();
        NumberGate gate = exchange.getContext().getRegistry().lookupByNameAndType("whatsappNumbers", NumberGate.class);
        Instant now = Instant.now();
        if (gate != null) {
            gate.rests().forEach(rest -> numbers.refused.put(rest.phoneNumberId(), new Rest(rest.stopped() ? "stopped" : "throttled", rest.scope(),
                    rest.error(), null, now.minus(rest.since()), rest.left().isNegative() ? now : now.plus(rest.left()))));
        }
        exchange.getContext().getComponent("whatsapp-queue", QueueComponent.class).orders().pauses().stream()
                .filter(pause -> sending.contains(pause.queue())).forEach(pause -> {
                    if (pause.value() == null) {
                        numbers.allPaused = pause;
                    } else {
                        numbers.paused.put(pause.value(), pause);
                    }
                });
        return numbers;
    }

    /** Whether all numbers send. */
    boolean isEmpty() {
        return refused.isEmpty() && paused.isEmpty() && allPaused == null;
    }

    /** Those that Meta refused. */
    Set<String> refused() {
        return refused.keySet();
    }

    /** Null: it sends. */
    Rest of(String phoneNumberId) {
        Rest rest = refused.get(phoneNumberId);
        QueueOrders.Order pause = allPaused != null ? allPaused : paused.get(phoneNumberId);
        if (pause == null) {
            return rest;
        }
        return new Rest("paused", rest == null ? null : rest.scope(), rest == null ? null : rest.error(), pause.reason(), pause.at(), null);
    }
}
