package io.github.waroutes.message;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** An emoji on a message. */
public final class Reaction extends OutboundMessage<Reaction> {

    private Reaction(ObjectNode json) {
        super(json);
    }

    /** @param messageId the wamid of the message that the emoji is put on */
    public static Reaction of(String messageId, String emoji) {
        ObjectNode json = ofType("reaction");
        json.putObject("reaction").put("message_id", messageId).put("emoji", emoji);
        return new Reaction(json);
    }

    /** Takes the emoji off again. */
    public static Reaction none(String messageId) {
        return of(messageId, "");
    }

    @Override
    Reaction copy(ObjectNode changed) {
        return new Reaction(changed);
    }
}
