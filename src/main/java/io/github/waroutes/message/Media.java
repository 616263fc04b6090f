package io.github.waroutes.message;

import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** An image, an audio file, a voice message, a video, a document or a sticker: by the id of an upload, or by an http(s) address. */
public final class Media extends OutboundMessage<Media> {

    private static final Pattern LINK = Pattern.compile("(?i)https?://.*");

    private final String type;

    private Media(String type, ObjectNode json) {
        super(json);
        this.type = type;
    }

    private static Media of(String type, String idOrLink) {
        ObjectNode json = ofType(type);
        json.set(type, byIdOrLink(idOrLink));
        return new Media(type, json);
    }

    static ObjectNode byIdOrLink(String idOrLink) {
        return object().put(idOrLink != null && LINK.matcher(idOrLink).matches() ? "link" : "id", idOrLink);
    }

    public static Media image(String idOrLink) {
        return of("image", idOrLink);
    }

    public static Media audio(String idOrLink) {
        return of("audio", idOrLink);
    }

    /** An audio file (Ogg with Opus, mono) that is shown as a voice message. */
    public static Media voice(String idOrLink) {
        return audio(idOrLink).with(message -> message.withObjectProperty("audio").put("voice", true));
    }

    public static Media video(String idOrLink) {
        return of("video", idOrLink);
    }

    public static Media document(String idOrLink) {
        return of("document", idOrLink);
    }

    public static Media sticker(String idOrLink) {
        return of("sticker", idOrLink);
    }

    /** @param text up to 1024 characters; for an image, a video or a document */
    public Media caption(String text) {
        return with(message -> message.withObjectProperty(type).put("caption", text));
    }

    /** @param name how a document is called; its ending tells the user what it is */
    public Media filename(String name) {
        return with(message -> message.withObjectProperty(type).put("filename", name));
    }

    @Override
    Media copy(ObjectNode changed) {
        return new Media(type, changed);
    }
}
