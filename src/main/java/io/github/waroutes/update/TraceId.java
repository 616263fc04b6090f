package io.github.waroutes.update;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.queue.QueueMessage;
import io.github.waroutes.state.Keys;
import org.apache.camel.Exchange;

/**
 * The one id of an update, of what is done about it, of the messages that answer it, and of their statuses: 32 hexadecimal digits. It is
 * made of the update's id, or of our id of a message that answers none; so the queues carry it without a header of its own, it is the
 * same after a restart, and it tells nobody's number.
 */
public final class TraceId {

    /** An exchange variable: the id of the message that a status is about, or the ids of the texts that a burst joins. */
    public static final String VARIABLE = "whatsappTraceId";
    /** As {@code OutboundHeaders.ID}, which is not for this package. */
    private static final String OUTBOUND_ID = "WhatsAppOutboundId";
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");
    /** Of a webhook with many updates. */
    private static final int SHOWN = 100;

    private TraceId() {
    }

    /**
     * What the exchange is about: a text; a list of up to 100, of a body with several messages for a queue; null if nothing is known yet.
     */
    public static Object of(Exchange exchange) {
        Object known = exchange.getVariable(VARIABLE);
        if (known == null) {
            known = of(exchange.getMessage().getHeaders());
        }
        // a route of a user's may have removed the headers
        if (known == null && exchange.getProperty(QueueConstants.CONTENT) instanceof QueueMessage stored) {
            known = of(stored.queueHeaders());
        }
        if (known == null && exchange.getMessage().getBody() instanceof Collection<?> several) {
            List<String> all = several.stream().limit(SHOWN).filter(QueueMessage.class::isInstance)
                    .map(one -> of(((QueueMessage) one).queueHeaders())).toList();
            return all.isEmpty() ? null : all.size() == 1 ? all.get(0) : all;
        }
        return known;
    }

    /** Of an update, or a message to be sent, by its headers; null if they name neither. */
    public static String of(Map<String, Object> headers) {
        Object given = headers.get(UpdateHeaders.TRACE_ID);
        if (given instanceof String text && FORM.matcher(text).matches()) {
            return text;
        }
        Object update = headers.get(UpdateHeaders.ID);
        Object id = update != null ? update : headers.get(OUTBOUND_ID);
        return id == null ? null : Keys.hash(id.toString());
    }
}
