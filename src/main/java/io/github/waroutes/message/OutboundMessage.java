package io.github.waroutes.message;

import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A message as the body of {@code POST /{phone-number-id}/messages}. Immutable: each method gives a changed copy, so that one message
 * can be prepared once and sent {@linkplain #to to} many. Nothing is checked here; {@link io.github.waroutes.message.MessageChecks} does.
 * <p>
 * Shapes: Meta, "Send messages", "Business-scoped user IDs" and "Groups API" (2026).
 *
 * @param <M> the message itself
 */
public abstract class OutboundMessage<M extends OutboundMessage<M>> {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** A business-scoped id, also one of a form that is not Meta's today: a letter, and a dot or a digit. */
    private static final Pattern USER_ID = Pattern.compile("(?=.*[A-Za-z])(?=.*[.0-9]).*");
    private static final Pattern DIGITS = Pattern.compile("[0-9]{5,20}");

    private final ObjectNode json;
    private String from;

    /** @param json taken over, and never changed afterwards */
    OutboundMessage(ObjectNode json) {
        this.json = json;
    }

    /** A message of a type, as in {@code text}, without its content. */
    static ObjectNode ofType(String type) {
        return object().put("messaging_product", "whatsapp").put("recipient_type", "individual").put("type", type);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** @param values of JSON types */
    static JsonNode tree(Map<String, ?> values) {
        return JSON.valueToTree(values);
    }

    abstract M copy(ObjectNode changed);

    final M with(Consumer<ObjectNode> change) {
        ObjectNode changed = json.deepCopy();
        change.accept(changed);
        return sentFrom(from, copy(changed));
    }

    private static <T extends OutboundMessage<T>> T sentFrom(String number, T message) {
        OutboundMessage<T> made = message;
        made.from = number;
        return message;
    }

    /**
     * The number that sends, if the message itself is the body that goes to {@code direct:whatsapp-send}: it is no part of Meta's JSON.
     *
     * @param number its NAME in the configuration, or its phone number id; null: the one that the headers name, or the first
     */
    public final M from(String number) {
        return sentFrom(number, copy(json.deepCopy()));
    }

    final String from() {
        return from;
    }

    /** @param user a phone number with country code, with or without {@code +}, or a business-scoped user id */
    public final M to(String user) {
        return with(message -> toUser(message, user));
    }

    static void toUser(ObjectNode message, String user) {
        message.remove("to");
        message.remove("recipient");
        message.put("recipient_type", "individual");
        if (user != null && USER_ID.matcher(user).matches()) {
            message.put("recipient", user);
        } else {
            // without the plus, Meta takes the number for one of the business's own country
            message.put("to", user != null && DIGITS.matcher(user).matches() ? '+' + user : user);
        }
    }

    /** @param group the id of the group to write in */
    public final M toGroup(String group) {
        return with(message -> toGroup(message, group));
    }

    static void toGroup(ObjectNode message, String group) {
        message.remove("recipient");
        message.put("recipient_type", "group").put("to", group);
    }

    /** @param messageId the wamid of the message to quote */
    public final M quote(String messageId) {
        return with(message -> message.putObject("context").put("message_id", messageId));
    }

    /** @param data up to 512 characters, which come back in each status of this message */
    public final M callbackData(String data) {
        return with(message -> message.put("biz_opaque_callback_data", data));
    }

    /** @param reference your own, up to 512 characters, for the message's state and its delivery report; Meta does not get it */
    public final M reference(String reference) {
        return with(message -> message.put(OutboundQueueing.REFERENCE, reference));
    }

    /** The message in Meta's own JSON, and the {@code reference}, if it has one. */
    public final String toJson() {
        return json.toString();
    }

    /** The type only: what is written, and to whom, does not belong into a log. */
    @Override
    public final String toString() {
        return getClass().getSimpleName();
    }
}
