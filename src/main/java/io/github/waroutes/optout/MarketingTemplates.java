package io.github.waroutes.optout;

import java.io.IOException;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.setting.CommaSeparated;
import io.github.waroutes.state.KeptValues;

/**
 * The names of templates of the category MARKETING, which a message does not say: those that are configured; those that Meta has told of, in its list or in updates (Meta,
 * "template_category_update" and "message_template_status_update webhooks"); and those that Meta has refused as such.
 */
final class MarketingTemplates {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final KeptValues learned;
    private Set<String> configured = Set.of();

    MarketingTemplates(KeptValues learned) {
        this.learned = learned;
    }

    void configure(String names) {
        configured = Set.copyOf(CommaSeparated.values(names));
    }

    boolean isMarketing(String name) {
        return name != null && (configured.contains(name) || learned.get(name) != null);
    }

    void learn(String name) {
        if (name != null && !isMarketing(name)) {
            learned.put(name, "MARKETING");
        }
    }

    /** @param told of a template: the value of a change, or what Meta lists */
    void told(JsonNode told) {
        String name = name(told.path(told.has("message_template_name") ? "message_template_name" : "name"));
        String category = told.path("new_category").asText(told.path("message_template_category").asText(told.path("category").asText("")));
        if (name != null && "MARKETING".equals(category)) {
            learn(name);
        } else if (name != null && !category.isEmpty() && !learned.isEmpty()) {
            learned.remove(name);
        }
    }

    /** The name of the template of a Cloud API message, or null. */
    static String name(byte[] message) {
        try {
            return message == null ? null : name(JSON.readTree(message).at("/template/name"));
        } catch (IOException e) {
            return null;
        }
    }

    private static String name(JsonNode name) {
        return name.isTextual() && name.textValue().matches("[a-z0-9_]{1,512}") ? name.textValue() : null;
    }
}
