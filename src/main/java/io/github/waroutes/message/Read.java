package io.github.waroutes.message;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Marks a message of a user as read and, outside groups, every earlier one. Immutable. It names nobody it goes to: the message does.
 * <p>
 * Shape: Meta, "Mark messages as read" and "Typing indicators" (2026).
 */
public final class Read {

    private final ObjectNode json;

    private Read(ObjectNode json) {
        this.json = json;
    }

    /** @param messageId the wamid of the user's message */
    public static Read of(String messageId) {
        return new Read(OutboundMessage.object().put("messaging_product", "whatsapp").put("status", "read")
                .put("message_id", messageId));
    }

    /** The user sees that an answer is being written, until it comes or for 25 seconds. */
    public Read typing() {
        ObjectNode changed = json.deepCopy();
        changed.putObject("typing_indicator").put("type", "text");
        return new Read(changed);
    }

    /** The mark in Meta's own JSON. */
    public String toJson() {
        return json.toString();
    }
}
