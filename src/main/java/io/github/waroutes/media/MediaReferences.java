package io.github.waroutes.media;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * The media ids that a Cloud API message names, wherever it does: as its content, in the header of an interactive message or a template, on
 * the cards of a carousel. Everywhere it is {@code "image": {"id": …}} (Meta, "Send messages", "Templates").
 */
final class MediaReferences {

    private static final Set<String> KINDS = Set.of("image", "audio", "video", "document", "sticker");

    private final ObjectMapper json = new ObjectMapper();

    /** @param message JSON; what is none has no ids */
    Set<String> in(byte[] message) {
        Set<String> ids = new LinkedHashSet<>();
        try {
            collect(json.readTree(message == null ? new byte[0] : message), ids);
        } catch (IOException e) {
            return Set.of();
        }
        return ids;
    }

    private static void collect(JsonNode node, Set<String> ids) {
        node.fields().forEachRemaining(field -> {
            JsonNode id = field.getValue().path("id");
            if (KINDS.contains(field.getKey()) && (id.isTextual() || id.isNumber())) {
                ids.add(id.asText());
            }
        });
        node.forEach(child -> collect(child, ids));
    }
}
