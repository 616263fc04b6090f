package io.github.waroutes.limit;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.graph.OutboundHeaders;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** What the routes ask of, and tell, {@link Limits} about the message in hand. */
public class SendLimits {

    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() { };
    private static final int NUMBER_THROTTLED = 130429;
    private static final int PAIR_THROTTLED = 131056;
    /** In the message's memo: it has a place, and may go when its wait is over. */
    private static final String PLACE = "limitPlace";

    private final ObjectMapper json = new ObjectMapper();
    private final Set<String> learned = ConcurrentHashMap.newKeySet();
    private Limits limits;
    private String accountId = "";

    public void setLimits(Limits limits) {
        this.limits = limits;
    }

    /** @param accountId the WhatsApp Business Account of the numbers; empty: as the update says that is answered */
    public void setAccountId(String accountId) {
        this.accountId = accountId == null ? "" : accountId.trim();
    }

    /** Takes a place for the message; if it is not the next, the message waits. */
    public void reserve(Exchange exchange) {
        @SuppressWarnings("unchecked")
        Map<String, Object> memo = exchange.getProperty(QueueConstants.MEMO, Map.of(), Map.class);
        if (memo.containsKey(PLACE)) {
            memo.remove(PLACE);
            return;
        }
        Message message = exchange.getMessage();
        String account = accountId.isEmpty() ? message.getHeader(UpdateHeaders.ACCOUNT_ID, "", String.class) : accountId;
        Reservation reservation = limits.reserve(new SendRequest(number(message), user(message), account,
                "template".equals(message.getHeader(OutboundHeaders.TYPE)),
                exchange.getVariable("whatsappWindowOpen", false, Boolean.class),
                "true".equals(message.getHeader(OutboundHeaders.BULK))));
        long wait = reservation.delayMillis();
        if (reservation.reserved() && wait > 0) {
            memo.put(PLACE, true);
        }
        if (wait > 0) {
            exchange.setProperty(QueueConstants.AGAIN_AFTER, wait);
        }
    }

    /** Meta took the message. */
    public void sent(Exchange exchange) {
        limits.sent(number(exchange.getMessage()), user(exchange.getMessage()));
    }

    /** Meta refused the message; if for its pace, the pace goes down. */
    public void refused(Exchange exchange) {
        WhatsAppException failure = Causes.caught(WhatsAppException.class, exchange);
        if (failure == null || failure.getErrorCode() == null) {
            return;
        }
        if (failure.getErrorCode() == NUMBER_THROTTLED) {
            limits.throttled(number(exchange.getMessage()));
        } else if (failure.getErrorCode() == PAIR_THROTTLED) {
            limits.pairThrottled(number(exchange.getMessage()), user(exchange.getMessage()));
        }
    }

    /** The headers of an answer of the Graph API may tell how much of the call budgets is used. */
    public void observe(Exchange exchange) {
        limits.observe(exchange.getMessage().getHeaders());
    }

    /** A message came in, which counts for the number too; the first of a number tells its display number. */
    public void received(Exchange exchange) {
        String number = number(exchange.getMessage());
        limits.received(number);
        if (!number.isEmpty() && learned.add(number)) {
            String display = read(exchange).at("/entry/0/changes/0/value/metadata/display_phone_number").asText("");
            limits.learn(number, display.isEmpty() ? null : display);
        }
    }

    /** A webhook of another field may change what is allowed. */
    public void change(Exchange exchange) {
        limits.onChange(json.convertValue(read(exchange), OBJECT));
    }

    private JsonNode read(Exchange exchange) {
        try {
            return json.readTree(exchange.getMessage().getBody(byte[].class));
        } catch (IOException e) {
            throw new IllegalArgumentException("The queued update is not JSON");
        }
    }

    private static String number(Message message) {
        return message.getHeader(UpdateHeaders.PHONE_NUMBER_ID, "", String.class);
    }

    /** The conversation without its number: the same for a reply and for a message that names the user with a plus. */
    private static String user(Message message) {
        String conversation = message.getHeader(UpdateHeaders.CONVERSATION, "", String.class);
        return conversation.substring(conversation.indexOf(':') + 1);
    }
}
