package io.github.waroutes.delivery;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a report about a message did to its state.
 *
 * @param before   the state before; null if nothing was known
 * @param delivery all that is known now
 */
public record DeliveryChange(DeliveryState before, Delivery delivery) {

    /** Whether the state moved; false for what was known already or came too late, so that it is not counted twice. */
    public boolean moved() {
        return before != delivery.state();
    }

    /** Whether it is for the delivery report: the state moved, and our id of the message is known. */
    boolean isNews() {
        return moved() && delivery.outboundId() != null;
    }

    /**
     * For {@code direct:whatsapp-delivery-collect}: the delivery's JSON (see {@link Delivery#toMap()}) and {@code before}, the state before;
     * null if the state did not move or our id of the message is not known.
     */
    public String event() {
        if (!isNews()) {
            return null;
        }
        Map<String, Object> event = new LinkedHashMap<>(delivery.toMap());
        if (before != null) {
            event.put("before", before.label());
        }
        return Delivery.json(event);
    }
}
