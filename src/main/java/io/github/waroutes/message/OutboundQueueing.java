package io.github.waroutes.message;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.queue.QueueMessage;
import io.github.waroutes.queue.StoredMessage;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * Makes what goes into the outbound queue. Replies to one update are numbered, and the number is part of their id: an
 * update that is handled again after a crash makes the same ids, and the queue drops what it already holds.
 */
public class OutboundQueueing {

    /** An exchange property that counts the replies to the current update. */
    static final String COUNTER = "WhatsAppReplyCounter";
    private static final String CALLBACK_DATA = "biz_opaque_callback_data";
    private static final int MAX_CALLBACK_DATA = 512;
    /** A member that a message may have here; it is not Meta's, and does not go there. */
    static final String REFERENCE = "reference";
    private static final int MAX_REFERENCE = 512;
    /** No id of a person or a group is longer. */
    private static final int MAX_TO = 128;
    private static final Set<String> DIRECT = Set.of("text", "interactive");
    private static final Pattern PHONE = Pattern.compile("[-+(). ]*+[0-9][-+(). 0-9]*+");
    private static final Pattern NO_DIGIT = Pattern.compile("[^0-9]");

    // what comes after the object would go to Meta too
    private final ObjectMapper json = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private final CallerForms forms = new CallerForms();
    private final NumberLookup numbers = new NumberLookup();
    private OutboundMessages messages;
    private String phoneNumberId;
    private MessageChecks checks;

    /** @param checks what a message is checked with before it is queued; null: nothing */
    public void setChecks(MessageChecks checks) {
        this.checks = checks;
    }

    public void setMessages(OutboundMessages messages) {
        this.messages = messages;
    }

    /** @param phoneNumberId the business number that sends unless the headers name another */
    public void setPhoneNumberId(String phoneNumberId) {
        this.phoneNumberId = phoneNumberId;
    }

    /** Begins to count the replies to an update anew; whatever is handled again begins here. */
    public void beginUpdate(Exchange exchange) {
        exchange.setProperty(COUNTER, new AtomicInteger());
    }

    /**
     * Text replies to the update whose headers are on the message.
     *
     * <p>The body is a text, or a collection of texts; blank ones are left out.
     */
    public List<QueueMessage> replies(Exchange exchange) {
        Message in = exchange.getMessage();
        Object body = in.getBody();
        Collection<?> texts = body instanceof Collection<?> several ? several : Collections.singletonList(in.getBody(String.class));
        List<QueueMessage> replies = new ArrayList<>();
        for (Object text : texts) {
            if (text != null && !text.toString().isBlank()) {
                String message = messages.text(in.getHeader(UpdateHeaders.USER, String.class),
                        in.getHeader(UpdateHeaders.GROUP_ID, String.class), text.toString(),
                        in.getHeader(OutboundHeaders.QUOTE, String.class));
                String id = replyId(exchange);
                replies.add(stored(in, id, "text", traced(message, id),
                        in.getHeader(UpdateHeaders.CONVERSATION, String.class)));
            }
        }
        return replies;
    }

    private static String replyId(Exchange exchange) {
        Message in = exchange.getMessage();
        String given = in.getHeader(OutboundHeaders.ID, String.class);
        String update = in.getHeader(UpdateHeaders.ID, String.class);
        AtomicInteger counter = exchange.getProperty(COUNTER, AtomicInteger.class);
        if (given != null) {
            return given;
        }
        return update != null && counter != null
                ? update + ":reply:" + counter.getAndIncrement()
                : UUID.randomUUID().toString();
    }

    /**
     * A Cloud API message, JSON, as it is, but for the member {@code reference}, which becomes a header, and {@code to}, where it is missing in an
     * answer. The current message, and the update it may answer, stay as they are, but that an {@link OutboundMessage} and what is in one of the
     * {@link CallerForms} become Meta's JSON, and the number that a built message is from a header.
     */
    public QueueMessage message(Exchange exchange) {
        Message in = exchange.getMessage();
        ObjectNode message = parsed(exchange);
        byte[] body = in.getBody(byte[].class);
        JsonNode own = message.remove(REFERENCE);
        boolean answer = answers(in, message);
        if (answer || own != null) {
            body = message.toString().getBytes(StandardCharsets.UTF_8);
        }
        String reference = reference(own);
        String callbackData = callbackData(message);
        if (checks != null) {
            // whom an update came from can be answered, whatever the id looks like
            checks.check(message, in.getHeader(UpdateHeaders.ID) == null ? null : in.getHeader(UpdateHeaders.USER, String.class));
        }
        String to = message.path("to").asText(message.path("recipient").asText(""));
        if (to.isEmpty() && !message.hasNonNull("status")) {
            throw refused("The message names nobody to go to: it needs the key to, or recipient");
        }
        boolean group = "group".equalsIgnoreCase(message.path("recipient_type").asText());
        String whom = group ? to : asUpdatesNameUsers(to);
        // an answer to a user shares the lane of what that user wrote; a read receipt goes to nobody's lane
        String number = number(in);
        NumberSettings settings = numbers.in(exchange.getContext());
        // the answer to an update stays until its number is back
        if (settings != null && in.getHeader(UpdateHeaders.ID) == null) {
            settings.require(number);
        }
        String conversation = to.isEmpty() ? null : number + ':' + whom;
        String given = in.getHeader(OutboundHeaders.ID, String.class);
        String id = given != null ? given : answer ? replyId(exchange) : UUID.randomUUID().toString();
        QueueMessage stored = stored(in, id, message.path("type").asText(message.hasNonNull("status") ? "read" : "text"),
                traced(message, body, id), conversation);
        category(stored.queueHeaders(), message);
        if (reference != null) {
            stored.queueHeaders().put(OutboundHeaders.REFERENCE, reference);
        } else if (callbackData != null) {
            stored.queueHeaders().putIfAbsent(OutboundHeaders.REFERENCE, callbackData);
        }
        if (!to.isEmpty() && to.length() <= MAX_TO) {
            stored.queueHeaders().put(OutboundHeaders.TO, to);
        }
        return to.isEmpty() ? stored : addressed(stored, whom, group);
    }

    /** The Cloud API message in the body; one that was built, or is in one of the {@link CallerForms}, becomes Meta's JSON there. The number that a built one is from becomes a header. */
    ObjectNode parsed(Exchange exchange) {
        Message in = exchange.getMessage();
        if (in.getBody() instanceof OutboundMessage<?> built) {
            from(built.from(), in);
            in.setBody(built.toJson().getBytes(StandardCharsets.UTF_8));
        }
        ObjectNode message = parse(in.getBody(byte[].class));
        if (forms.settle(message)) {
            in.setBody(message.toString().getBytes(StandardCharsets.UTF_8));
        }
        return message;
    }

    /** A message that names nobody goes to whoever wrote the update it answers. @return whether it did */
    private static boolean answers(Message in, ObjectNode message) {
        String group = in.getHeader(UpdateHeaders.GROUP_ID, String.class);
        String user = in.getHeader(UpdateHeaders.USER, String.class);
        if (message.hasNonNull("to") || message.hasNonNull("recipient") || message.hasNonNull("status")
                || in.getHeader(UpdateHeaders.ID) == null || user == null && group == null) {
            return false;
        }
        if (group != null) {
            OutboundMessage.toGroup(message, group);
        } else {
            OutboundMessage.toUser(message, user);
        }
        return true;
    }

    /** Direct Send: the category of a text or an interactive message, which then needs no open window and starts a conversation. */
    private static void category(Map<String, Object> headers, ObjectNode message) {
        if (message.hasNonNull("category") && DIRECT.contains(headers.get(OutboundHeaders.TYPE))) {
            headers.put(OutboundHeaders.CATEGORY, message.path("category").asText().toLowerCase(Locale.ROOT));
        }
    }

    private static String reference(JsonNode own) {
        if (own == null || own.isNull()) {
            return null;
        }
        if (!own.isTextual() && !own.isNumber()) {
            throw refused("The reference must be a text");
        }
        return reference(own.asText());
    }

    private static String callbackData(ObjectNode message) {
        String data = message.path(CALLBACK_DATA).textValue();
        return data == null || data.length() > MAX_CALLBACK_DATA ? null : data;
    }

    private static String reference(String reference) {
        if (reference.length() > MAX_REFERENCE) {
            throw refused("A reference may have " + MAX_REFERENCE + " characters, and this one has " + reference.length());
        }
        return reference;
    }

    /** Whom the 24-hour window, the limits and the log are asked about: who gets the message, and not who wrote the current update. */
    private static QueueMessage addressed(QueueMessage message, String whom, boolean group) {
        Map<String, Object> headers = new LinkedHashMap<>(message.queueHeaders());
        headers.remove(UpdateHeaders.USER);
        headers.remove(UpdateHeaders.GROUP_ID);
        headers.put(group ? UpdateHeaders.GROUP_ID : UpdateHeaders.USER, whom);
        return new StoredMessage(message.queueId(), message.queueGroup(), headers, message.queueBody());
    }

    /** Of a phone number, which may be written in many ways, the digits; everything else as it is. */
    private static String asUpdatesNameUsers(String to) {
        return PHONE.matcher(to).matches() ? NO_DIGIT.matcher(to).replaceAll("") : to;
    }

    private byte[] traced(String message, String id) {
        byte[] body = message.getBytes(StandardCharsets.UTF_8);
        return traced(parse(body), body, id);
    }

    /** Lets Meta's statuses carry our id, which settles what became of a message whose answer was lost. A caller's own data stays. */
    private static byte[] traced(ObjectNode message, byte[] body, String id) {
        if (message.hasNonNull("status") || message.hasNonNull(CALLBACK_DATA) || id.length() > MAX_CALLBACK_DATA) {
            return body;
        }
        return message.put(CALLBACK_DATA, id).toString().getBytes(StandardCharsets.UTF_8);
    }

    private ObjectNode parse(byte[] body) {
        try {
            if (body != null && json.readTree(body) instanceof ObjectNode message) {
                return message;
            }
        } catch (JsonProcessingException e) {
            // reported below without the parser's message, which quotes the message
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
        throw refused("The message is not a JSON object as the Cloud API takes it");
    }

    private QueueMessage stored(Message in, String id, String type, byte[] body, String conversation) {
        Map<String, Object> headers = new LinkedHashMap<>();
        in.getHeaders().forEach((name, value) -> {
            if (name.startsWith("WhatsApp") && value instanceof String) {
                headers.put(name, value);
            }
        });
        headers.put(OutboundHeaders.ID, id);
        headers.put(OutboundHeaders.TYPE, type);
        headers.remove(OutboundHeaders.CATEGORY);
        headers.remove(NumberSettings.NAME);
        headers.remove(OutboundHeaders.TO);
        Object reference = in.getHeader(OutboundHeaders.REFERENCE);
        if (reference != null) {
            headers.put(OutboundHeaders.REFERENCE, reference(reference.toString()));
        }
        headers.put(UpdateHeaders.PHONE_NUMBER_ID, number(in));
        if (conversation != null) {
            headers.put(UpdateHeaders.CONVERSATION, conversation);
        } else {
            // not that of the current update
            headers.remove(UpdateHeaders.CONVERSATION);
        }
        return new StoredMessage(id, conversation, headers, body);
    }

    private void from(String number, Message in) {
        if (number != null) {
            NumberSettings settings = numbers.in(in.getExchange().getContext());
            boolean isId = settings == null || settings.registry().byId(number) != null;
            in.removeHeader(isId ? NumberSettings.NAME : UpdateHeaders.PHONE_NUMBER_ID);
            in.setHeader(isId ? UpdateHeaders.PHONE_NUMBER_ID : NumberSettings.NAME, number);
        }
    }

    private String number(Message in) {
        NumberSettings settings = numbers.in(in.getExchange().getContext());
        String name = in.getHeader(NumberSettings.NAME, String.class);
        if (settings != null && name != null && !name.isBlank()) {
            return settings.idOf(name);
        }
        String given = in.getHeader(UpdateHeaders.PHONE_NUMBER_ID, String.class);
        return given == null || given.isBlank() ? phoneNumberId : given;
    }

    private static WhatsAppMessageException refused(String why) {
        return new WhatsAppMessageException(ErrorDetails.builder(why).build());
    }
}
