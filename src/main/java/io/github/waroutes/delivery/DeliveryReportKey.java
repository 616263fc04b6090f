package io.github.waroutes.delivery;

import io.github.waroutes.state.Keys;

import org.apache.camel.Exchange;
import org.apache.camel.support.ExpressionAdapter;

/** What the events of one message have in common, for the aggregator: a hash of our id of the message. */
public class DeliveryReportKey extends ExpressionAdapter {

    @Override
    public Object evaluate(Exchange exchange) {
        Object event = exchange.getMessage().getBody();
        return key(event instanceof DeliveryChange change
                ? change.delivery().outboundId()
                : Delivery.map(exchange.getMessage().getBody(String.class)).get("outbound_id"));
    }

    static String key(Object outboundId) {
        return Keys.hash(String.valueOf(outboundId));
    }
}
