package io.github.waroutes.update;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.state.Keys;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** Who a person is to a number: all the ids that an update, or who asks, knows the person by. */
public final class Person {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PHONE = Pattern.compile("\\+?[-(). ]*+[0-9][-(). 0-9]*+");
    private static final Pattern NO_DIGIT = Pattern.compile("[^0-9]");

    private Person() {
    }

    /** The form in which updates name a person: of a phone number, which may be written in many ways, the digits; any other id as it is. */
    public static String id(String user) {
        String name = user.strip();
        return PHONE.matcher(name).matches() ? NO_DIGIT.matcher(name).replaceAll("") : name;
    }

    /** A key that tells nobody's number. */
    public static String key(String number, String user) {
        return Keys.hash(number + ':' + id(user));
    }

    /**
     * The ids in the headers and in the body, Meta's message object or an update that holds one: with whom the conversation began, business-scoped id, phone
     * number. Of a group, the group only. Empty if nobody is named.
     */
    public static Set<String> ids(Exchange exchange) {
        Message message = exchange.getMessage();
        Set<String> ids = new LinkedHashSet<>();
        String group = message.getHeader(UpdateHeaders.GROUP_ID, String.class);
        if (group != null) {
            ids.add(group);
            return ids;
        }
        add(ids, message.getHeader(UpdateHeaders.USER, String.class));
        if (message.getHeader(UpdateHeaders.ID) != null) {
            String conversation = message.getHeader(UpdateHeaders.CONVERSATION, String.class);
            int colon = conversation == null ? -1 : conversation.indexOf(':');
            add(ids, colon < 0 ? null : conversation.substring(colon + 1));
            if (message.getBody() instanceof Map<?, ?> object) {
                add(ids, object.get("from"));
                add(ids, object.get("from_user_id"));
            } else if (message.getBody() instanceof byte[] update && "message".equals(message.getHeader(UpdateHeaders.KIND))) {
                JsonNode object = object(update);
                add(ids, object.path("from").asText(null));
                add(ids, object.path("from_user_id").asText(null));
            }
        }
        return ids;
    }

    /** The ids that an object of Meta's has under these names, without those that it lacks. */
    public static Set<String> ids(JsonNode object, String... names) {
        Set<String> ids = new LinkedHashSet<>();
        for (String name : names) {
            add(ids, object.path(name).asText(""));
        }
        return ids;
    }

    /**
     * As {@link #ids(Exchange)}.
     *
     * @param question what is asked if nobody is named
     * @throws WhatsAppMessageException if nobody is
     */
    public static Set<String> require(Exchange exchange, String question) {
        Set<String> ids = ids(exchange);
        if (ids.isEmpty()) {
            throw new WhatsAppMessageException(ErrorDetails.builder(question + " Keep the headers of the update, or set the header WhatsAppUser").build());
        }
        return ids;
    }

    private static JsonNode object(byte[] update) {
        try {
            return JSON.readTree(update).at("/entry/0/changes/0/value/messages/0");
        } catch (IOException e) {
            return JSON.missingNode();
        }
    }

    private static void add(Set<String> ids, Object id) {
        if (id != null && !id.toString().isBlank()) {
            ids.add(id(id.toString()));
        }
    }
}
