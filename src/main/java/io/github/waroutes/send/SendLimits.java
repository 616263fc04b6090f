package io.github.waroutes.send;

import io.github.waroutes.limit.Limits;
import io.github.waroutes.limit.Reservation;
import io.github.waroutes.limit.SendRequest;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** Connects the send and inbound routes to {@link Limits}, for the current message. */
public class SendLimits {

    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() { };
    private static final int NUMBER_THROTTLED = 130429;
    private static final int PAIR_THROTTLED = 131056;
    /** Exchange property: the account whose limits apply to the message. */
    static final String ACCOUNT = "WhatsAppSendAccount";
    /** In the message's memo, a Long: when its reserved slot is due. */
    private static final String SLOT = "limitSlot";
    /** A slot missed by more than this is lost, so that the slots of a pause are not all used at its end. */
    private static final long MAX_LATE_MILLIS = 250;
    /** Meta has counted a message that is older than this already, in a window that has passed. */
    private static final long OLD_UPDATE_MILLIS = 5_000;

    private final ObjectMapper json = new ObjectMapper();
    private final Set<String> learned = ConcurrentHashMap.newKeySet();
    private final Clock clock;
    private Limits limits;
    private final NumberLookup numbers = new NumberLookup();
    private String accountId = "";

    public SendLimits() {
        this(Clock.systemUTC());
    }

    SendLimits(Clock clock) {
        this.clock = clock;
    }

    public void setLimits(Limits limits) {
        this.limits = limits;
    }

    /** @param accountId the WhatsApp Business Account of the numbers; empty: as named by the update that is answered */
    public void setAccountId(String accountId) {
        this.accountId = accountId == null ? "" : accountId.trim();
    }

    /** Sets the property {@link #ACCOUNT}. */
    public void account(Exchange exchange) {
        exchange.setProperty(ACCOUNT, accountOf(exchange, number(exchange.getMessage())));
    }

    /**
     * Sets the header {@code WhatsAppAccountId} to the account of the current message's number: as configured, else as the header has it,
     * else as updates have told; it stays as it is if none is known.
     */
    public void nameAccount(Exchange exchange) {
        NumberSettings settings = numbers.in(exchange.getContext());
        String number = number(exchange.getMessage());
        String account = accountOf(exchange, number.isEmpty() && settings != null ? settings.registry().first().phoneNumberId() : number);
        if (!account.equals(SendRequest.ONE_ACCOUNT)) {
            exchange.getMessage().setHeader(UpdateHeaders.ACCOUNT_ID, account);
        }
    }

    /** Reserves a slot for the message; until the slot is due, the message waits. */
    public void reserve(Exchange exchange) {
        Message message = exchange.getMessage();
        String account = exchange.getProperty(ACCOUNT, String.class);
        @SuppressWarnings("unchecked")
        Map<String, Object> memo = exchange.getProperty(QueueConstants.MEMO, Map.of(), Map.class);
        if (memo.containsKey(SLOT) && clock.millis() - (Long) memo.remove(SLOT) <= MAX_LATE_MILLIS) {
            return;
        }
        Reservation reservation = limits.reserve(new SendRequest(number(message), user(message), account,
                "template".equals(message.getHeader(OutboundHeaders.TYPE)) || message.getHeader(OutboundHeaders.CATEGORY) != null,
                exchange.getVariable("whatsappWindowOpen", false, Boolean.class),
                "true".equals(message.getHeader(OutboundHeaders.BULK))));
        long wait = reservation.delayMillis();
        if (reservation.reserved() && wait > 0) {
            memo.put(SLOT, clock.millis() + wait);
        }
        if (wait > 0) {
            exchange.setProperty(QueueConstants.AGAIN_AFTER, wait);
            exchange.setProperty(QueueConstants.WAIT_REASON, "limit");
        }
    }

    private String accountOf(Exchange exchange, String number) {
        String configured = configured(exchange.getContext(), number);
        if (!configured.isEmpty()) {
            return configured;
        }
        String reported = exchange.getMessage().getHeader(UpdateHeaders.ACCOUNT_ID, "", String.class);
        return reported.isEmpty() ? limits.accountOf(number) : reported;
    }

    private String configured(CamelContext context, String number) {
        NumberSettings settings = numbers.in(context);
        if (settings == null) {
            return accountId;
        }
        BusinessNumber known = settings.of(number);
        return known == null ? "" : known.accountId();
    }

    /** Meta took the message. */
    public void sent(Exchange exchange) {
        limits.sent(number(exchange.getMessage()), user(exchange.getMessage()));
    }

    /** Meta refused the message; if it was throttled, the rate is lowered. */
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

    /** Reads how much of the call budgets is used from the headers of a Graph API response. */
    public void observe(Exchange exchange) {
        limits.observe(exchange.getVariable("whatsappCallNumber", String.class), exchange.getMessage().getHeaders());
    }

    /** Learns a number's account and display number from an update; some of Meta's webhooks name only the display number. */
    public void learn(Exchange exchange) {
        String number = number(exchange.getMessage());
        if (!number.isEmpty() && !learned.contains(number)) {
            String display = read(exchange).at("/entry/0/changes/0/value/metadata/display_phone_number").asText("");
            limits.learn(number, display.isEmpty() ? null : display);
            limits.learnAccount(number, exchange.getMessage().getHeader(UpdateHeaders.ACCOUNT_ID, "", String.class));
            learned.add(number);
        }
    }

    /** A message came in, which counts against the number's throughput too. */
    public void received(Exchange exchange) {
        Long seconds = exchange.getMessage().getHeader(UpdateHeaders.TIMESTAMP, Long.class);
        if (seconds == null || clock.millis() - seconds * 1000 < OLD_UPDATE_MILLIS) {
            limits.received(number(exchange.getMessage()));
        }
    }

    /** A webhook of another field may change the limits of its account. */
    public void change(Exchange exchange) {
        String account = exchange.getMessage().getHeader(UpdateHeaders.ACCOUNT_ID, "", String.class);
        Map<String, Object> change = json.convertValue(read(exchange).at("/entry/0/changes/0"), OBJECT);
        if (change != null && change.get("field") != null && change.get("value") instanceof Map<?, ?> value) {
            // only this change: a tenant could add entries of another tenant's account to a webhook that it signs
            Map<String, Object> own = Map.of("field", change.get("field"), "value", value);
            limits.onChange(account.isEmpty() ? own : Map.of("id", account, "changes", List.of(own)));
        }
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
