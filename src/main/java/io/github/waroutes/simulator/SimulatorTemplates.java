package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The message templates of the account. A new one is approved at once, or rejected at once if its name starts with
 * {@value #REJECTED}. Source: WhatsApp Business Management API, "Message templates". Thread-safe.
 */
final class SimulatorTemplates {

    static final String REJECTED = "reject_";

    private static final int MAX_TEMPLATES = 6000;
    private static final Set<String> CATEGORIES = Set.of("AUTHENTICATION", "MARKETING", "UTILITY");

    private final Map<String, ObjectNode> templates = new LinkedHashMap<>();

    /** @param configured {@code name:language} separated by commas: approved, of the category UTILITY */
    SimulatorTemplates(String configured) {
        for (String template : configured.split(",")) {
            String[] parts = template.strip().split(":", 2);
            if (parts.length == 2) {
                put(parts[0], parts[1], "UTILITY", JsonNodeFactory.instance.arrayNode());
            }
        }
    }

    /** @return {@code {"id","status","category"}} */
    synchronized ObjectNode create(JsonNode request) {
        String name = request.path("name").asText();
        String language = request.path("language").asText();
        String category = request.path("category").asText();
        require(name.matches("[a-z0-9_]{1,512}"), "name must be 1 to 512 of a-z, 0-9 and _");
        require(language.matches("[a-z]{2,3}(_[A-Z]{2,3})?"), "language must be a code such as en_US or de");
        require(CATEGORIES.contains(category), "category must be AUTHENTICATION, MARKETING or UTILITY");
        require(request.path("components").isArray(), "components must be a list");
        if (templates.containsKey(key(name, language))) {
            throw SimulatorFault.graph(400, 100, 2388024, "Invalid parameter",
                    "There is content in this language for this template already: delete it, or choose another name");
        }
        require(templates.size() < MAX_TEMPLATES, "The account has " + MAX_TEMPLATES + " templates already: delete some");
        ObjectNode added = put(name, language, category, request.path("components").deepCopy());
        return JsonNodeFactory.instance.objectNode().put("id", added.path("id").asText())
                .put("status", added.path("status").asText()).put("category", category);
    }

    /** {@code {"data":[{"name","language","status","category","components","id"}],"paging":{}}}, all or those of this name. */
    synchronized ObjectNode list(String name) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode data = answer.putArray("data");
        templates.values().stream().filter(template -> name == null || name.equals(template.path("name").asText()))
                .forEach(template -> data.add(template.deepCopy()));
        answer.putObject("paging");
        return answer;
    }

    /** Deletes a template in all its languages. */
    synchronized void delete(String name) {
        require(name != null && !name.isBlank(), "name is missing: DELETE …/message_templates?name=…");
        if (!templates.values().removeIf(template -> name.equals(template.path("name").asText()))) {
            throw SimulatorFault.graph(404, 100, 2593002, "Invalid parameter", "The account has no template of this name");
        }
    }

    /** The category of an approved template, or empty if it may not be sent. */
    synchronized Optional<String> approvedCategory(String name, String language) {
        return Optional.ofNullable(templates.get(key(name, language)))
                .filter(template -> "APPROVED".equals(template.path("status").asText()))
                .map(template -> template.path("category").asText());
    }

    /** The components of a template, empty when there is none or it was configured by its name. */
    synchronized JsonNode components(String name, String language) {
        ObjectNode template = templates.get(key(name, language));
        return template == null ? JsonNodeFactory.instance.arrayNode() : template.path("components").deepCopy();
    }

    private ObjectNode put(String name, String language, String category, JsonNode components) {
        boolean rejected = name.startsWith(REJECTED);
        ObjectNode template = JsonNodeFactory.instance.objectNode().put("name", name).put("language", language)
                .put("status", rejected ? "REJECTED" : "APPROVED").put("category", category).put("id", SimulatorIds.media());
        template.set("components", components);
        if (rejected) {
            template.put("rejected_reason", "INVALID_FORMAT");
        }
        templates.put(key(name, language), template);
        return template;
    }

    private static String key(String name, String language) {
        return name + ":" + language;
    }

    private static void require(boolean holds, String details) {
        if (!holds) {
            throw SimulatorFault.invalidParameter(details);
        }
    }
}
