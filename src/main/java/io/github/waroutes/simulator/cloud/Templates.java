package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.Ids;
import io.github.waroutes.simulator.common.KeyedInstances;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The message templates of the account. A new one is approved at once; rejected at once if its name starts with
 * {@value #REJECTED}, and pending until a decision if it starts with {@value #PENDING}. Source: WhatsApp Business
 * Management API, "Message templates". Thread-safe.
 */
public class Templates {

    static final String REJECTED = "reject_";
    static final String PENDING = "pending_";
    /** The statuses that a template can be given. */
    static final Set<String> STATUSES = Set.of("APPROVED", "REJECTED", "PENDING", "PAUSED", "DISABLED", "IN_APPEAL",
            "PENDING_DELETION", "FLAGGED");

    /** Whether messages from the template are held at first; not shown. */
    static final String PACING = "pacing";

    private static final int MAX_TEMPLATES = 6000;
    private static final int PAGE = 25;
    private static final int MAX_PAGE = 1000;
    private static final int BODY = 1024;
    private static final int LINE = 60;
    private static final int BUTTONS = 10;
    private static final int TITLE = 25;
    /** The qualities that a template can be given. */
    static final Set<String> QUALITIES = Set.of("GREEN", "YELLOW", "RED", "UNKNOWN");
    static final Set<String> CATEGORIES = Set.of("AUTHENTICATION", "MARKETING", "UTILITY");
    private static final Set<String> COMPONENTS = Set.of("HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER",
            "CALL_PERMISSION_REQUEST");
    private static final Set<String> FORMATS = Set.of("TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "GIF", "PRODUCT");

    private final Map<String, ObjectNode> templates = new LinkedHashMap<>();
    private String configured = "";
    private final KeyedInstances<Templates> accounts = new KeyedInstances<>(this, key -> {
        Templates templates = new Templates();
        templates.setConfigured(configured);
        return templates;
    });

    /** The instance for this number's account; that for the first account is this one. */
    public Templates of(SimulatedNumber number) {
        return accounts.of(number.accountKey());
    }

    /** The templates at the start, approved and of the category UTILITY: {@code name:language} separated by commas. */
    public synchronized void setConfigured(String configured) {
        this.configured = configured;
        reset();
    }

    /** Resets it to its state at the start. */
    synchronized void reset() {
        accounts.clear();
        templates.clear();
        for (String template : configured.split(",")) {
            String[] parts = template.strip().split(":", 2);
            if (parts.length == 2) {
                put(parts[0], parts[1], "UTILITY", JsonNodeFactory.instance.arrayNode());
            }
        }
    }

    /** @return {@code {"id","status","category"}} */
    synchronized ObjectNode create(JsonNode request) {
        String name = text(request, "name");
        String language = text(request, "language");
        String category = text(request, "category").toUpperCase(Locale.ROOT);
        require(name.matches("[a-z0-9_]{1,512}"), "name must be 1 to 512 of a-z, 0-9 and _");
        require(language.matches("[a-z]{2,3}(_[A-Z]{2,3})?"), "language must be a code such as en_US or de");
        require(CATEGORIES.contains(category), "category must be AUTHENTICATION, MARKETING or UTILITY");
        require(!request.has("parameter_format")
                || request.path("parameter_format").asText().toUpperCase(Locale.ROOT).matches("NAMED|POSITIONAL"),
                "parameter_format must be NAMED or POSITIONAL");
        checkComponents(request, category);
        if (templates.containsKey(key(name, language))) {
            throw Refusal.graph(400, 100, 2388024, "Invalid parameter",
                    "There is content in this language for this template already: delete it, or choose another name");
        }
        require(templates.size() < MAX_TEMPLATES, "The account has " + MAX_TEMPLATES + " templates already: delete some");
        ObjectNode added = put(name, language, category, request.path("components").deepCopy());
        if (request.has("parameter_format")) {
            added.put("parameter_format", request.path("parameter_format").asText().toUpperCase(Locale.ROOT));
        }
        if (request.has("bid_spec")) {
            added.set("bid_spec", request.path("bid_spec").deepCopy());
        }
        return JsonNodeFactory.instance.objectNode().put("id", added.path("id").asText())
                .put("status", added.path("status").asText()).put("category", category);
    }

    /**
     * Puts a template there as it is, in place of one of its name and language.
     *
     * @param status null: there is none from now on
     * @param body   the text of its body
     */
    public synchronized void set(String name, String language, String status, String body) {
        templates.remove(key(name, language));
        if (status == null) {
            return;
        }
        require(STATUSES.contains(status), "status must be one of " + String.join(", ", STATUSES));
        ArrayNode components = JsonNodeFactory.instance.arrayNode();
        components.addObject().put("type", "BODY").put("text", body);
        judge(put(name, language, "UTILITY", components).path("id").asText(), status, null, null);
    }

    /** Replaces the components or the category of a template; it is then reviewed again. Returns false if there is none with this id. */
    synchronized boolean edit(String id, JsonNode request) {
        ObjectNode template = byId(id);
        if (template == null) {
            return false;
        }
        require(request.has("category") || request.has("components"), "components or category is missing");
        String category = request.has("category") ? text(request, "category").toUpperCase(Locale.ROOT)
                : template.path("category").asText();
        require(CATEGORIES.contains(category), "category must be AUTHENTICATION, MARKETING or UTILITY");
        if (request.has("components")) {
            checkComponents(request, category);
            template.set("components", request.path("components").deepCopy());
        }
        template.put("category", category).put("status", firstStatus(template.path("name").asText()));
        return true;
    }

    private static void checkComponents(JsonNode request, String category) {
        JsonNode components = request.path("components");
        require(components.isArray(), "components must be a list");
        boolean body = components.isEmpty();
        for (JsonNode component : components) {
            String type = text(component, "type").toUpperCase(Locale.ROOT);
            require(COMPONENTS.contains(type), "components[].type must be one of " + String.join(", ", COMPONENTS));
            body |= type.equals("BODY") || type.equals("CAROUSEL");
            switch (type) {
                case "BODY" -> {
                    if (!category.equals("AUTHENTICATION")) {
                        checkText(component, BODY, request);
                    }
                }
                case "HEADER" -> {
                    String format = component.path("format").asText("TEXT").toUpperCase(Locale.ROOT);
                    require(FORMATS.contains(format), "components[].format must be one of " + String.join(", ", FORMATS));
                    if (format.equals("TEXT")) {
                        checkText(component, LINE, request);
                    }
                }
                case "FOOTER" -> {
                    if (!category.equals("AUTHENTICATION")) {
                        checkText(component, LINE, request);
                    }
                }
                case "BUTTONS" -> checkButtons(component.path("buttons"));
                default -> {
                    // what else these need is not checked
                }
            }
        }
        require(body, "components needs one of type BODY");
    }

    private static void checkText(JsonNode component, int most, JsonNode request) {
        String text = text(component, "text");
        require(text.codePointCount(0, text.length()) <= most, "components[].text may have " + most + " characters here");
        List<String> names = TemplateParameters.variables(text);
        if ("NAMED".equalsIgnoreCase(request.path("parameter_format").asText())) {
            require(names.stream().allMatch(name -> name.matches("[a-z][a-z0-9_]*")),
                    "with parameter_format NAMED, variables are named with a-z, 0-9 and _, as in {{first_name}}");
        } else {
            for (int number = 1; number <= names.size(); number++) {
                require(names.contains(Integer.toString(number)),
                        "variables must be numbered from {{1}} on, or parameter_format be NAMED");
            }
        }
    }

    private static void checkButtons(JsonNode buttons) {
        require(buttons.isArray() && !buttons.isEmpty() && buttons.size() <= BUTTONS,
                "components[].buttons must be a list of 1 to " + BUTTONS);
        for (JsonNode button : buttons) {
            String type = text(button, "type");
            require(!button.has("text") || button.path("text").asText().length() <= TITLE,
                    "components[].buttons[].text may have " + TITLE + " characters");
            require(!type.equalsIgnoreCase("URL") || button.hasNonNull("url"), "components[].buttons[].url is missing");
            require(!type.equalsIgnoreCase("PHONE_NUMBER") || button.hasNonNull("phone_number"),
                    "components[].buttons[].phone_number is missing");
        }
    }

    /**
     * One page: {@code {"data":[{"name","language","status","category","components","id"}],"paging":{"cursors":{"before","after"},"next"?}}}.
     *
     * @param wanted  which templates, by their JSON
     * @param limit   how many, 25 if null
     * @param after   a cursor, or null for the beginning
     * @param address what the address of the next page starts with: this list's own, its filters and a {@code ?} in it
     */
    public synchronized ObjectNode list(Predicate<JsonNode> wanted, String limit, String after, String before, String address) {
        List<ObjectNode> all = new ArrayList<>(templates.values().stream().filter(wanted).toList());
        int size = size(limit);
        int from = after == null || after.isEmpty() ? 0 : position(all, after) + 1;
        if (before != null && !before.isEmpty()) {
            from = Math.max(0, position(all, before) - size);
        }
        List<ObjectNode> page = all.subList(Math.min(from, all.size()), Math.min(from + size, all.size()));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode data = answer.putArray("data");
        page.forEach(template -> data.add(template.deepCopy().without(PACING)));
        ObjectNode paging = answer.putObject("paging");
        if (!page.isEmpty()) {
            String last = cursor(page.get(page.size() - 1));
            paging.putObject("cursors").put("before", cursor(page.get(0))).put("after", last);
            if (from + size < all.size()) {
                paging.put("next", address + "limit=" + size + "&after=" + last);
            }
        }
        return answer;
    }

    private static int size(String limit) {
        if (limit == null || limit.isEmpty()) {
            return PAGE;
        }
        require(limit.matches("[0-9]{1,6}") && Integer.parseInt(limit) > 0, "limit must be a number from 1");
        return Math.min(Integer.parseInt(limit), MAX_PAGE);
    }

    private static String cursor(JsonNode template) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(template.path("id").asText().getBytes(StandardCharsets.US_ASCII));
    }

    private static int position(List<ObjectNode> all, String cursor) {
        for (int at = 0; at < all.size(); at++) {
            if (cursor(all.get(at)).equals(cursor)) {
                return at;
            }
        }
        throw Refusal.invalidParameter("after and before must be cursors of this list");
    }

    /** Deletes a template in all its languages, or with {@code id} in the one that has it. */
    synchronized void delete(String name, String id) {
        require(name != null && !name.isBlank(), "name is missing: DELETE …/message_templates?name=…");
        if (!templates.values().removeIf(template -> name.equals(template.path("name").asText())
                && (id == null || id.equals(template.path("id").asText())))) {
            throw Refusal.graph(404, 100, 2593002, "Invalid parameter", "The account has no template of this name");
        }
    }

    /**
     * The template that a message may be sent from.
     *
     * @throws Refusal 132001 if there is none, or it is not approved; 132015 if it is paused; 132016 if it is disabled
     */
    synchronized JsonNode sendable(String name, String language) {
        ObjectNode template = templates.get(key(name, language));
        String status = template == null ? "" : template.path("status").asText();
        return switch (status) {
            case "APPROVED", "FLAGGED" -> template.deepCopy();
            case "PAUSED" -> throw Refusal.graph(400, 132015, null, "(#132015) Template is Paused",
                    "template.name: the template is paused, wait until it is active again");
            case "DISABLED" -> throw Refusal.graph(400, 132016, null, "(#132016) Template is Disabled",
                    "template.name: the template is disabled, create another");
            default -> throw Refusal.graph(404, 132001, null, "(#132001) Template name does not exist in the translation",
                    "template.name and template.language.code are in no approved template; create it, or name it in"
                            + " whatsapp.simulator.templates");
        };
    }

    /** The template with this id, as {@link #list} shows it. */
    synchronized Optional<JsonNode> find(String id) {
        return Optional.ofNullable(byId(id)).map(ObjectNode::deepCopy);
    }

    /** The templates of this name, in all languages or in one. */
    synchronized List<JsonNode> named(String name, String language) {
        List<JsonNode> found = new ArrayList<>();
        templates.values().stream().filter(template -> name.equals(template.path("name").asText())
                && (language == null || language.equals(template.path("language").asText())))
                .forEach(template -> found.add(template.deepCopy()));
        return found;
    }

    /**
     * Gives a template another status.
     *
     * @param reason why it was rejected, or null
     * @param pacing whether messages from it are held at first, or null to leave that as it is
     */
    synchronized void judge(String id, String status, String reason, Boolean pacing) {
        ObjectNode template = byId(id);
        if (template == null) {
            return;
        }
        template.put("status", status).remove("rejected_reason");
        if (status.equals("REJECTED")) {
            template.put("rejected_reason", reason == null ? "INVALID_FORMAT" : reason);
        }
        if (pacing != null) {
            template.put(PACING, pacing);
        }
    }

    /** Gives a template another quality, or another category; null leaves it as it is. */
    synchronized void rate(String id, String quality, String category) {
        ObjectNode template = byId(id);
        if (template != null && quality != null) {
            template.putObject("quality_score").put("score", quality);
        }
        if (template != null && category != null) {
            template.put("category", category);
        }
    }

    private ObjectNode byId(String id) {
        return templates.values().stream().filter(template -> template.path("id").asText().equals(id)).findFirst().orElse(null);
    }

    private static String firstStatus(String name) {
        return name.startsWith(REJECTED) ? "REJECTED" : name.startsWith(PENDING) ? "PENDING" : "APPROVED";
    }

    /** The components of a template, empty when there is none or it was configured by its name. */
    synchronized JsonNode components(String name, String language) {
        ObjectNode template = templates.get(key(name, language));
        return template == null ? JsonNodeFactory.instance.arrayNode() : template.path("components").deepCopy();
    }

    private ObjectNode put(String name, String language, String category, JsonNode components) {
        String status = firstStatus(name);
        ObjectNode template = JsonNodeFactory.instance.objectNode().put("name", name).put("language", language)
                .put("status", status).put("category", category).put("id", Ids.media());
        template.set("components", components);
        if (status.equals("REJECTED")) {
            template.put("rejected_reason", "INVALID_FORMAT");
        }
        templates.put(key(name, language), template);
        return template;
    }

    private static String key(String name, String language) {
        return name + ":" + language;
    }

    private static String text(JsonNode parent, String field) {
        String text = parent.path(field).textValue();
        require(text != null && !text.isBlank(), field + " is missing or not a string");
        return text;
    }

    private static void require(boolean holds, String details) {
        if (!holds) {
            throw Refusal.invalidParameter(details);
        }
    }
}
