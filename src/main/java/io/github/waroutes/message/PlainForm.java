package io.github.waroutes.message;

import java.util.Locale;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;

/**
 * A message as the rules look at it: Meta takes a field that is null for one that is absent, and the words for types in any case. A copy;
 * what is sent stays as it was given.
 */
public final class PlainForm {

    private static final Set<String> WORDS = Set.of("type", "sub_type", "category", "recipient_type");

    private PlainForm() {
    }

    /** Without the fields that are null, and with the words for types in small letters. */
    static JsonNode of(JsonNode message) {
        return copy(message, true);
    }

    /** Without the fields that are null. */
    public static JsonNode withoutNulls(JsonNode message) {
        return copy(message, false);
    }

    private static JsonNode copy(JsonNode node, boolean smallWords) {
        if (node.isArray()) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode(node.size());
            node.forEach(element -> list.add(copy(element, smallWords)));
            return list;
        }
        if (!node.isObject()) {
            return node;
        }
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        node.fields().forEachRemaining(field -> {
            JsonNode value = field.getValue();
            if (smallWords && value.isTextual() && WORDS.contains(field.getKey())) {
                object.set(field.getKey(), TextNode.valueOf(value.textValue().toLowerCase(Locale.ROOT)));
            } else if (!value.isNull()) {
                object.set(field.getKey(), copy(value, smallWords));
            }
        });
        return object;
    }
}
