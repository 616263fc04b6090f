package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;

/**
 * The bodies of Meta's webhooks for the field {@code messages}. Source: WhatsApp Cloud API, "messages webhook
 * reference", and "Business-scoped user IDs" for people without a phone number.
 *
 * @param accountId          the WhatsApp Business Account
 * @param phoneNumberId      the business phone number's id
 * @param displayPhoneNumber the business phone number itself, digits only
 */
record WebhookPayloads(String accountId, String phoneNumberId, String displayPhoneNumber) {

    /** One message: its {@code type}, the object under that name, and whatever else it has but for who, when and which. */
    record Content(String id, ObjectNode json) {
    }

    /**
     * One webhook with these messages, in this order.
     *
     * @param username the user's name on WhatsApp, or null
     */
    byte[] messages(Recipient user, String name, String username, Instant at, List<Content> contents) {
        ObjectNode value = value();
        // Meta's webhooks about the system have no contacts
        if (contents.stream().anyMatch(content -> !"system".equals(content.json().path("type").textValue()))) {
            contact(value, user, name, username);
        }
        ArrayNode messages = value.putArray("messages");
        for (Content content : contents) {
            messages.add(message(user, at, content));
        }
        return envelope(value);
    }

    /** One message object. */
    static ObjectNode message(Recipient user, Instant at, Content content) {
        ObjectNode message = user.putInto(JsonNodeFactory.instance.objectNode(), "from", "from_user_id")
                .put("id", content.id()).put("timestamp", Long.toString(at.getEpochSecond()));
        message.setAll(content.json());
        return message;
    }

    /**
     * @param status sent, delivered, read or failed
     * @param errors why it failed; not used otherwise
     */
    byte[] status(SentMessage message, String name, Instant at, String status, ArrayNode errors) {
        ObjectNode value = value();
        boolean failed = status.equals("failed");
        if (!failed) {
            contact(value, message.user(), name, null);
        }
        ObjectNode item = value.putArray("statuses").addObject();
        item.put("id", message.id()).put("status", status).put("timestamp", Long.toString(at.getEpochSecond()));
        message.user().putInto(item, "recipient_id", "recipient_user_id");
        if (message.callbackData() != null) {
            item.put("biz_opaque_callback_data", message.callbackData());
        }
        if (failed) {
            item.set("errors", errors);
        } else if (!status.equals("read")) {
            boolean service = message.category().equals("service");
            item.putObject("pricing").put("billable", !service).put("pricing_model", "PMP")
                    .put("type", service ? "free_customer_service" : "regular").put("category", message.category());
        }
        return envelope(value);
    }

    private ObjectNode value() {
        ObjectNode value = JsonNodeFactory.instance.objectNode().put("messaging_product", "whatsapp");
        value.putObject("metadata").put("display_phone_number", displayPhoneNumber).put("phone_number_id", phoneNumberId);
        return value;
    }

    private static void contact(ObjectNode value, Recipient user, String name, String username) {
        ObjectNode contact = value.putArray("contacts").addObject();
        ObjectNode profile = contact.putObject("profile").put("name", name);
        if (username != null) {
            profile.put("username", username);
        }
        user.putInto(contact, "wa_id", "user_id");
    }

    private byte[] envelope(ObjectNode value) {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("object", "whatsapp_business_account");
        ObjectNode entry = root.putArray("entry").addObject().put("id", accountId);
        entry.putArray("changes").addObject().<ObjectNode>set("value", value).put("field", "messages");
        return Json.escapedBytes(root);
    }
}
