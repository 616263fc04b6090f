package io.github.waroutes.message;

import java.util.function.Consumer;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What the interactive messages share: a header, a body, a footer and an action. Which of them a message takes is in Meta's page on it.
 *
 * @param <M> the message itself
 */
public abstract class InteractiveMessage<M extends InteractiveMessage<M>> extends OutboundMessage<M> {

    private static final String INTERACTIVE = "interactive";

    InteractiveMessage(ObjectNode json) {
        super(json);
    }

    /** @param body null for none */
    static ObjectNode ofType(String type, String body, ObjectNode action) {
        ObjectNode json = ofType(INTERACTIVE);
        ObjectNode interactive = json.putObject(INTERACTIVE).put("type", type);
        if (body != null) {
            interactive.putObject("body").put("text", body);
        }
        interactive.set("action", action);
        return json;
    }

    static ObjectNode named(String action) {
        return object().put("name", action);
    }

    static ObjectNode header(String type, String idOrLink) {
        ObjectNode header = object().put("type", type);
        header.set(type, Media.byIdOrLink(idOrLink));
        return header;
    }

    final M action(Consumer<ObjectNode> change) {
        return with(message -> change.accept(message.withObjectProperty(INTERACTIVE).withObjectProperty("action")));
    }

    /** @param text up to 60 characters */
    public final M header(String text) {
        return header(object().put("type", "text").put("text", text));
    }

    public final M headerImage(String idOrLink) {
        return header(header("image", idOrLink));
    }

    public final M headerVideo(String idOrLink) {
        return header(header("video", idOrLink));
    }

    public final M headerDocument(String idOrLink, String filename) {
        ObjectNode header = header("document", idOrLink);
        header.withObjectProperty("document").put("filename", filename);
        return header(header);
    }

    private M header(ObjectNode header) {
        return with(message -> message.withObjectProperty(INTERACTIVE).set("header", header));
    }

    /** @param text up to 60 characters */
    public final M footer(String text) {
        return with(message -> message.withObjectProperty(INTERACTIVE).putObject("footer").put("text", text));
    }
}
