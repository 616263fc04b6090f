package io.github.waroutes.business;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.Masking;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * Requests that block users, and take that back. Source: WhatsApp Cloud API, "Block users": only users who have written within 24 hours can be
 * blocked, 1,000 at once, 64,000 in all.
 */
public class BlockedUsers {

    private static final Pattern USER_ID = Pattern.compile("[A-Z]{2}\\.[A-Za-z0-9]{1,128}");
    private static final Pattern PHONE = Pattern.compile("\\+?[1-9][0-9]{6,14}");
    private static final Pattern TOLERATED = Pattern.compile("[-() ]");
    private static final int MOST = 1_000;
    /** Some users, or all, were not blocked. */
    private static final int NOT_ALL = 139100;
    private static final int TOLD = 3;
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() { };

    private final ObjectMapper json = new ObjectMapper();

    /**
     * In: body a list of users, or a map {@code {"users":[…]}} of them; else header {@code WhatsAppUser}: phone numbers with their country code or
     * business-scoped user ids. Out: body the request, a map.
     *
     * @throws WhatsAppMessageException if there is none, one is of neither form, or there are more than 1,000
     */
    public void request(Exchange exchange) {
        Message message = exchange.getMessage();
        Object body = message.getBody() instanceof Map<?, ?> map ? map.get("users") : message.getBody();
        Object header = message.getHeader(UpdateHeaders.USER);
        Collection<?> users = body instanceof Collection<?> list ? list : header != null ? List.of(header) : List.of();
        if (users.isEmpty() || users.size() > MOST) {
            throw refused("Give 1 to " + MOST + " users: the header WhatsAppUser, or a list as the body");
        }
        List<Map<String, String>> wanted = new ArrayList<>();
        for (Object user : users) {
            String text = String.valueOf(user).strip();
            if (USER_ID.matcher(text).matches()) {
                wanted.add(Map.of("user_id", text));
            } else if (PHONE.matcher(TOLERATED.matcher(text).replaceAll("")).matches()) {
                wanted.add(Map.of("user", TOLERATED.matcher(text).replaceAll("")));
            } else {
                throw refused("A user is a phone number with its country code, or a business-scoped user id; number " + (wanted.size() + 1) + " is neither");
            }
        }
        message.setBody(Map.of("messaging_product", "whatsapp", "block_users", wanted));
    }

    private static WhatsAppMessageException refused(String what) {
        return new WhatsAppMessageException(ErrorDetails.builder(what).build());
    }

    /** What Meta says of the users for whom it failed, each reason once. */
    private String reasons(byte[] answer) throws IOException {
        Set<String> reasons = new LinkedHashSet<>();
        json.readTree(answer).at("/block_users/failed_users").forEach(user -> user.path("errors").forEach(error -> reasons.add(
                (error.path("message").asText() + ' ' + error.at("/error_data/details").asText()).strip())));
        return Masking.text(String.join("; ", reasons.stream().limit(TOLD).toList()));
    }

    /**
     * What Meta answered, {@code {"block_users":{…}}}, if the call has failed for some users and not for others: that is an error all the same. Null if it
     * was another failure.
     *
     * @throws WhatsAppMessageException with Meta's reasons, if it failed for all
     */
    public Map<String, Object> partly(Exchange exchange) throws IOException {
        WhatsAppException failure = Causes.caught(WhatsAppException.class, exchange);
        byte[] answer = exchange.getVariable("whatsappRefused", byte[].class);
        if (failure == null || answer == null || !Integer.valueOf(NOT_ALL).equals(failure.getErrorCode())) {
            return null;
        }
        Map<String, Object> told = json.readValue(answer, OBJECT);
        boolean some = told.get("block_users") instanceof Map<?, ?> users && List.of("added_users", "removed_users").stream()
                .anyMatch(done -> users.get(done) instanceof Collection<?> list && !list.isEmpty());
        if (!some) {
            throw new WhatsAppMessageException(ErrorDetails.builder("Nobody was blocked or unblocked (code " + NOT_ALL + "): " + reasons(answer))
                    .statusCode(failure.getStatusCode()).errorCode(NOT_ALL).traceId(failure.getTraceId()).build());
        }
        told.remove("error");
        return told;
    }
}
