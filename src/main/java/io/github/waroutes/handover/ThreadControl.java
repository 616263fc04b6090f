package io.github.waroutes.handover;

import java.util.Set;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.setting.SecretUrl;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * The request by which a conversation is given to Meta's own agent, or taken back: {@code POST …/{phone-number-id}/thread_control} with {@code action}
 * ({@code pass}, {@code release}, {@code take}), {@code to} and {@code metadata} (Meta, "Meta Business Agent", 2026).
 */
public class ThreadControl {

    /** Header: what is to be done. */
    static final String ACTION = "WhatsAppThreadAction";
    /** Header: a text of the caller's own, which the other side gets. */
    static final String METADATA = "WhatsAppThreadMetadata";
    private static final Set<String> ACTIONS = Set.of("pass", "release", "take");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");

    private final ObjectMapper json = new ObjectMapper();
    private final NumberLookup numbers = new NumberLookup();
    private String url;

    /** @param url before the number's id; the token goes there, so only https will do, or http to loopback */
    public void setUrl(String url) {
        this.url = url;
    }

    /** @throws IllegalArgumentException naming the property that is wrong */
    public void check() {
        SecretUrl.require("whatsapp.thread-control.url", url);
    }

    /**
     * In: {@code WhatsAppUser}, {@value #ACTION}, and if wanted {@value #METADATA}. Out: variables {@code whatsappPath}, {@code whatsappCallNumber} and
     * {@code whatsappThreadRequest}, the JSON; header {@code WhatsAppPhoneNumberId}.
     *
     * @throws WhatsAppMessageException if nobody is named, or no action
     */
    public void request(Exchange exchange) {
        Message in = exchange.getMessage();
        String action = in.getHeader(ACTION, "", String.class);
        String user = in.getHeader(UpdateHeaders.USER, String.class);
        if (user == null || user.isBlank() || !ACTIONS.contains(action)) {
            throw new WhatsAppMessageException(ErrorDetails.builder("Set the header WhatsAppUser, and " + ACTION + " to pass, release or take").build());
        }
        NumberSettings settings = numbers.in(exchange.getContext());
        if (settings != null) {
            settings.named(exchange);
        }
        String number = in.getHeader(UpdateHeaders.PHONE_NUMBER_ID, String.class);
        if (settings != null) {
            number = settings.require(number).phoneNumberId();
            in.setHeader(UpdateHeaders.PHONE_NUMBER_ID, number);
        }
        ObjectNode request = json.createObjectNode().put("action", action).put("to", DIGITS.matcher(user).matches() ? '+' + user : user);
        if (in.getHeader(METADATA) != null) {
            request.put("metadata", in.getHeader(METADATA, String.class));
        }
        exchange.setVariable("whatsappCallNumber", number);
        exchange.setVariable("whatsappPath", '/' + number + "/thread_control");
        try {
            exchange.setVariable("whatsappThreadRequest", json.writeValueAsBytes(request));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
