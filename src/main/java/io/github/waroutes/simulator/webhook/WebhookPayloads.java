package io.github.waroutes.simulator.webhook;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.Json;
import io.github.waroutes.simulator.common.SimulatedNumber;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * The bodies of Meta's webhooks for the field {@code messages}. Source: WhatsApp Cloud API, "messages webhook
 * reference", and "Business-scoped user IDs" for people without a phone number.
 */
public class WebhookPayloads {


    /** One message: its {@code type}, the object under that name, and its other fields except sender, time and id. */
    public record Content(String id, ObjectNode json) {
    }

    /** One webhook with these messages, in this order. */
    public byte[] messages(SimulatedNumber number, Identity user, Instant at, List<Content> contents) {
        ObjectNode value = value(number);
        // system messages have no contacts
        if (contents.stream().anyMatch(content -> !"system".equals(content.json().path("type").textValue()))) {
            contact(value, user, true);
        }
        ArrayNode messages = value.putArray("messages");
        for (Content content : contents) {
            messages.add(message(user, at, content));
        }
        return envelope(number, value);
    }

    /** One message object. */
    public static ObjectNode message(Identity user, Instant at, Content content) {
        ObjectNode message = user.putInto(JsonNodeFactory.instance.objectNode(), "from", "from_user_id", "from_parent_user_id")
                .put("id", content.id()).put("timestamp", Long.toString(at.getEpochSecond()));
        message.setAll(content.json());
        return message;
    }

    /**
     * @param status sent, delivered, read, played or failed
     * @param priced whether it carries the price
     * @param errors why it failed; not used otherwise
     */
    public byte[] status(SimulatedNumber number, SentMessage message, Identity user, Instant at, String status, boolean priced, ArrayNode errors) {
        ObjectNode value = value(number);
        boolean failed = status.equals("failed");
        if (!failed) {
            contact(value, user, !status.equals("sent"));
        }
        ObjectNode item = value.putArray("statuses").addObject();
        item.put("id", message.id()).put("status", status).put("timestamp", Long.toString(at.getEpochSecond()));
        recipient(item, message, user, failed);
        if (message.callbackData() != null) {
            item.put("biz_opaque_callback_data", message.callbackData());
        }
        if (failed) {
            item.set("errors", errors);
        } else if (priced) {
            if (message.price().freeUntil() != null) {
                item.putObject("conversation").put("id", conversationId(message))
                        .put("expiration_timestamp", Long.toString(message.price().freeUntil().getEpochSecond()))
                        .putObject("origin").put("type", message.price().category());
            }
            message.price().putInto(item);
        }
        return envelope(number, value);
    }

    private static void recipient(ObjectNode item, SentMessage message, Identity user, boolean failed) {
        if (message.group() != null) {
            item.put("recipient_id", message.group()).put("recipient_type", "group");
            user.putInto(item, "recipient_participant_id", "recipient_participant_user_id", "recipient_participant_parent_user_id");
        } else if (failed) {
            // Meta leaves the user id out of a failure of what was sent to a phone number
            user.user().putInto(item, "recipient_id", "recipient_user_id");
        } else {
            user.putInto(item, "recipient_id", "recipient_user_id", "recipient_parent_user_id");
        }
    }

    private static String conversationId(SentMessage message) {
        return UUID.nameUUIDFromBytes((message.user().key() + message.price().freeUntil()).getBytes(StandardCharsets.UTF_8))
                .toString().replace("-", "");
    }

    private static ObjectNode value(SimulatedNumber number) {
        ObjectNode value = JsonNodeFactory.instance.objectNode().put("messaging_product", "whatsapp");
        value.putObject("metadata").put("display_phone_number", number.display())
                .put("phone_number_id", number.phoneNumberId());
        return value;
    }

    private static void contact(ObjectNode value, Identity user, boolean withUsername) {
        ObjectNode contact = value.putArray("contacts").addObject();
        ObjectNode profile = contact.putObject("profile").put("name", user.name());
        if (withUsername && user.username() != null) {
            profile.put("username", user.username());
        }
        user.putInto(contact, "wa_id", "user_id", "parent_user_id");
    }

    private static byte[] envelope(SimulatedNumber number, ObjectNode value) {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("object", "whatsapp_business_account");
        ObjectNode entry = root.putArray("entry").addObject().put("id", number.accountId());
        entry.putArray("changes").addObject().<ObjectNode>set("value", value).put("field", "messages");
        return Json.escapedBytes(root);
    }
}
