package io.github.waroutes.message;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * Shows what goes out to a route of the user's, one after the other. The route finds, and leaves, a text as a text, also that of a Cloud API
 * message of the type {@code text}; any other message is a map. What it leaves as nothing (null, or a blank text) does not go out.
 */
public class ReplyFilter {

    private static final String STATE = "WhatsAppReplyFilter";
    private static final String LEFT = "whatsappFiltered";
    private static final String SUPPRESSED = "whatsappSuppressed";
    private static final String TEXT = "text";

    private final ObjectMapper json = new ObjectMapper();
    private OutboundQueueing outbound;

    /** @param outbound which knows what a message that was built is as JSON */
    public void setOutbound(OutboundQueueing outbound) {
        this.outbound = outbound;
    }

    private static final class Shown {

        /** The Cloud API message that the body was; null: it was a text, or texts. */
        private ObjectNode message;
        private Iterator<?> rest;
        private final List<Object> kept = new ArrayList<>();
        private int suppressed;
    }

    /** In: body a text or a collection of texts; or, if the variable {@code whatsappFilters} is {@code message}, a Cloud API message. */
    public void begin(Exchange exchange) {
        Message in = exchange.getMessage();
        Shown shown = new Shown();
        if (in.getBody() instanceof Collection<?> texts) {
            shown.rest = texts.iterator();
        } else if ("message".equals(exchange.getVariable("whatsappFilters"))) {
            shown.message = outbound.parsed(exchange);
            Object text = isText(shown.message) ? shown.message.path(TEXT).path("body").asText() : json.convertValue(shown.message, Map.class);
            shown.rest = List.of(text).iterator();
        } else {
            shown.rest = Collections.singletonList(in.getBody(String.class)).iterator();
        }
        exchange.setProperty(STATE, shown);
    }

    /** Whether there is another. An expression is given a copy of the exchange, so it cannot set the body. */
    public boolean hasNext(Exchange exchange) {
        return exchange.getProperty(STATE, Shown.class).rest.hasNext();
    }

    /** The next one becomes the body, and its type the header {@code WhatsAppOutboundType}. */
    public void next(Exchange exchange) {
        Object next = exchange.getProperty(STATE, Shown.class).rest.next();
        exchange.getMessage().setBody(next);
        exchange.getMessage().setHeader(OutboundHeaders.TYPE, next instanceof Map<?, ?> message ? String.valueOf(message.get("type")) : TEXT);
    }

    /**
     * Keeps what the route has left.
     *
     * @throws WhatsAppMessageException if it is neither a text nor, in place of a whole message, a map
     */
    public void keep(Exchange exchange) {
        Shown shown = exchange.getProperty(STATE, Shown.class);
        Object left = exchange.getVariable(LEFT);
        if (left instanceof byte[] bytes) {
            left = new String(bytes, StandardCharsets.UTF_8);
        }
        if (left == null || left instanceof CharSequence text && text.toString().isBlank()) {
            shown.suppressed++;
        } else if (left instanceof CharSequence text && (shown.message == null || isText(shown.message))) {
            shown.kept.add(text.toString());
        } else if (left instanceof Map<?, ?> && shown.message != null) {
            shown.kept.add(left);
        } else {
            throw new WhatsAppMessageException(ErrorDetails.builder("The route that whatsapp.before-reply names has left a "
                    + left.getClass().getSimpleName() + " as the body. It must leave what it found: a text, or of a message that is no text a map; or nothing,"
                    + " if nothing is to go out").build());
        }
    }

    /** Out: the body, of the kind that it was; variable {@code whatsappSuppressed}, how many are left out. */
    public void end(Exchange exchange) {
        Shown shown = (Shown) exchange.removeProperty(STATE);
        exchange.removeVariable(LEFT);
        exchange.setVariable(SUPPRESSED, shown.suppressed);
        Message out = exchange.getMessage();
        out.removeHeader(OutboundHeaders.TYPE);
        out.setBody(shown.message == null ? shown.kept : shown.kept.isEmpty() ? null : changed(shown.message, shown.kept.get(0)));
    }

    private byte[] changed(ObjectNode message, Object left) {
        try {
            if (left instanceof String text) {
                message.withObjectProperty(TEXT).put("body", text);
                return json.writeValueAsBytes(message);
            }
            return json.writeValueAsBytes(left);
        } catch (JsonProcessingException e) {
            throw new WhatsAppMessageException(ErrorDetails.builder("What the route that whatsapp.before-reply names has left cannot be written as JSON").build());
        }
    }

    private static boolean isText(ObjectNode message) {
        return TEXT.equals(message.path("type").asText(TEXT)) && message.path(TEXT).path("body").isTextual();
    }
}
