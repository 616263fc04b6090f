package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * The bodies of Meta's webhooks for the field {@code messages}. Source: WhatsApp Cloud API, "messages webhook
 * reference", and "Business-scoped user IDs" for people without a phone number.
 *
 * @param accountId          the WhatsApp Business Account
 * @param phoneNumberId      the business phone number's id
 * @param displayPhoneNumber the business phone number itself, digits only
 */
record WebhookPayloads(String accountId, String phoneNumberId, String displayPhoneNumber) {

    /**
     * @param content the message's {@code type}, the object under that name, and {@code context} if any
     */
    byte[] message(Recipient user, String name, String messageId, Instant at, ObjectNode content) {
        ObjectNode value = value(user, name);
        ObjectNode message = value.putArray("messages").addObject();
        user.putInto(message, "from", "from_user_id").put("id", messageId)
                .put("timestamp", Long.toString(at.getEpochSecond())).setAll(content);
        return envelope(value);
    }

    /**
     * @param status       sent, delivered or read
     * @param template     whether the message was a template: it is priced differently
     * @param callbackData the message's {@code biz_opaque_callback_data}, or null
     */
    byte[] status(Recipient user, String name, String messageId, Instant at, String status, boolean template,
            String callbackData) {
        ObjectNode value = value(user, name);
        ObjectNode item = value.putArray("statuses").addObject();
        item.put("id", messageId).put("status", status).put("timestamp", Long.toString(at.getEpochSecond()));
        user.putInto(item, "recipient_id", "recipient_user_id");
        if (callbackData != null) {
            item.put("biz_opaque_callback_data", callbackData);
        }
        if (!status.equals("read")) {
            item.putObject("pricing").put("billable", template).put("pricing_model", "PMP")
                    .put("type", template ? "regular" : "free_customer_service")
                    .put("category", template ? "utility" : "service");
        }
        return envelope(value);
    }

    private ObjectNode value(Recipient user, String name) {
        ObjectNode value = JsonNodeFactory.instance.objectNode().put("messaging_product", "whatsapp");
        value.putObject("metadata").put("display_phone_number", displayPhoneNumber).put("phone_number_id", phoneNumberId);
        ObjectNode contact = value.putArray("contacts").addObject();
        contact.putObject("profile").put("name", name);
        user.putInto(contact, "wa_id", "user_id");
        return value;
    }

    private byte[] envelope(ObjectNode value) {
        ObjectNode root = JsonNodeFactory.instance.objectNode().put("object", "whatsapp_business_account");
        ObjectNode entry = root.putArray("entry").addObject().put("id", accountId);
        entry.putArray("changes").addObject().<ObjectNode>set("value", value).put("field", "messages");
        return Json.escapedBytes(root);
    }
}
