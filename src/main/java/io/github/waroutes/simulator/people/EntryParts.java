package io.github.waroutes.simulator.people;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.media.MediaStore;
import java.util.List;
import java.util.Optional;

/** The additional parts of a conversation entry, for display on the page. */
public final class EntryParts {

    static final String FILES = "/simulator/files/";
    private static final List<String> MEDIA = List.of("image", "video", "audio", "document", "sticker");

    private EntryParts() {
    }

    /**
     * Adds {@code "message"}, and {@code "media"} if it has a file.
     *
     * @param type    the message's type
     * @param message the whole message object
     */
    public static void addTo(ObjectNode entry, String type, ObjectNode message, MediaStore files) {
        entry.set("message", message);
        if (MEDIA.contains(type) && message.path(type).isObject()) {
            entry.set("media", media(message.path(type), files));
        }
    }

    /**
     * A file: {@code {"id","mime_type","url","filename"?,"caption"?,"voice"?,"transcript"?}}, or only {@code "link"} in place of
     * the first three when the file is elsewhere.
     */
    public static ObjectNode media(JsonNode file, MediaStore files) {
        ObjectNode media = JsonNodeFactory.instance.objectNode();
        Optional<MediaStore.Media> known = files.find(file.path("id").asText());
        if (known.isPresent()) {
            media.put("id", known.get().id()).put("mime_type", known.get().mimeType()).put("url", FILES + known.get().id());
        } else {
            copy(file, "id", media);
            copy(file, "link", media);
        }
        copy(file, "filename", media);
        copy(file, "caption", media);
        copy(file, "voice", media);
        known.ifPresent(one -> {
            if (!media.has("filename")) {
                files.metadata().filename(one.id()).ifPresent(name -> media.put("filename", name));
            }
            files.metadata().words(one.sha256()).filter(words -> !words.isEmpty())
                    .ifPresent(words -> media.put("transcript", words));
        });
        return media;
    }

    private static void copy(JsonNode from, String field, ObjectNode to) {
        if (from.has(field)) {
            to.set(field, from.path(field));
        }
    }
}
