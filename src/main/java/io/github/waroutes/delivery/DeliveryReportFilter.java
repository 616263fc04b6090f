package io.github.waroutes.delivery;

import org.apache.camel.Exchange;
import org.apache.camel.Predicate;

/**
 * Whether an event is for the collection: it has our id, it is news, and the message was not reported as read or played before. One that
 * failed moves on only if we had given it up and somebody replayed it; that begins a new report.
 */
public class DeliveryReportFilter implements Predicate {

    @Override
    public boolean matches(Exchange exchange) {
        Object event = exchange.getMessage().getBody();
        return event instanceof DeliveryChange change
                ? change.isNews() && belongs(change.delivery().outboundId(), change.before())
                : belongs(exchange.getMessage().getBody(String.class));
    }

    private static boolean belongs(String event) {
        if (event == null || event.isBlank()) {
            return false;
        }
        var map = Delivery.map(event);
        return belongs(Delivery.text(map.get("outbound_id")), DeliveryState.of(map.get("before")));
    }

    private static boolean belongs(String outboundId, DeliveryState before) {
        return outboundId != null && (before == null || before == DeliveryState.FAILED || !before.isFinal());
    }
}
