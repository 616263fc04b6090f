package io.github.waroutes.message;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The rules that look at several fields at once, which a JSON Schema says badly or not at all. Stateless; a part of another shape
 * than expected is passed over here, because the schemas tell it.
 * <p>
 * Sources: Meta, "Send messages", "Interactive list messages", "Interactive reply buttons messages", "Interactive media carousel
 * messages", "Templates" and "Business-scoped user IDs" (2026).
 */
final class MessageRules {

    static final String RECIPIENT = "recipient";
    static final String COUNT = "count";
    static final String TEXT_LENGTH = "text-length";
    static final String DUPLICATES = "duplicates";
    static final String SECTION_TITLES = "section-titles";
    static final String TEMPLATE_PARAMETERS = "template-parameters";
    static final String CAROUSEL_CARDS = "carousel-cards";
    static final String AUTHENTICATION_RECIPIENT = "authentication-recipient";

    private static final Pattern BUSINESS_SCOPED_ID = Pattern.compile("[A-Z]{2}\\.(ENT\\.)?[A-Za-z0-9]{1,128}");
    static final Pattern PHONE = Pattern.compile("\\+?[1-9][0-9]{6,14}");
    private static final Pattern TOLERATED = Pattern.compile("[-() ]");
    /** What Meta refuses in the text of a template's parameter (132018, 131008). */
    private static final Pattern BROKEN = Pattern.compile("[\\n\\r\\t]| {5}");
    private static final Pattern LINE = Pattern.compile("\\s*[\\n\\r\\t\\f\\x0B\\u0085\\u2028\\u2029]\\s*| {5,}");
    private static final int ROWS = 10;
    private static final int PRODUCTS = 30;
    private static final int TEMPLATE_TEXT = 32768;

    private MessageRules() {
    }

    /** Whether this is a user's id within a business portfolio, or a parent's: {@code US.1349…}, {@code US.ENT.1181…}. */
    static boolean isBusinessScopedId(String user) {
        return user != null && BUSINESS_SCOPED_ID.matcher(user).matches();
    }

    /** A text as a template's parameter may be: its line breaks, tabs and long runs of blanks are one blank each. */
    static String oneLine(String text) {
        return LINE.matcher(text.strip()).replaceAll(" ");
    }

    /** Adds what is wrong with who a message goes to. With both given, Meta takes {@code to}. */
    static void recipient(JsonNode message, Collection<MessageProblem> problems) {
        if (message.has("status")) {
            return;
        }
        JsonNode to = message.path("to");
        JsonNode recipient = message.path("recipient");
        if (given(to)) {
            if ("group".equals(message.path("recipient_type").asText())) {
                if (to.asText().isBlank()) {
                    problems.add(new MessageProblem(RECIPIENT, "to", "must be the id of a group"));
                }
            } else if (!PHONE.matcher(TOLERATED.matcher(to.asText()).replaceAll("")).matches()) {
                problems.add(new MessageProblem(RECIPIENT, "to", "must be a phone number with its country code, 7 to 15 digits in all"
                        + (isBusinessScopedId(to.asText()) ? "; a business-scoped user id goes into recipient" : "")));
            }
        } else if (!given(recipient)) {
            problems.add(new MessageProblem(RECIPIENT, "to", "(a phone number) or recipient (a business-scoped user id) is missing"));
        } else if (!isBusinessScopedId(recipient.asText())) {
            problems.add(new MessageProblem(RECIPIENT, "recipient",
                    "must be a business-scoped user id: a country code, a dot, and 1 to 128 letters and digits"));
        }
    }

    /**
     * Adds what is wrong with a message's content.
     *
     * @param authenticationTemplates the names of the templates that carry a one-time password
     */
    static void content(JsonNode message, Set<String> authenticationTemplates, Collection<MessageProblem> problems) {
        if (message.has("status")) {
            return;
        }
        direct(message, problems);
        switch (message.path("type").asText()) {
            case "interactive" -> interactive(message.path("interactive"), problems);
            case "template" -> {
                template(message.path("template"), problems);
                authentication(message, authenticationTemplates, problems);
            }
            default -> {
                // all there is to say about the others is in their schemas
            }
        }
    }

    private static boolean given(JsonNode field) {
        return !field.isMissingNode() && !field.isNull();
    }

    private static void interactive(JsonNode interactive, Collection<MessageProblem> problems) {
        JsonNode action = interactive.path("action");
        switch (interactive.path("type").asText()) {
            case "button" -> {
                distinct(action.path("buttons"), "interactive.action.buttons", ".reply.id", "/reply/id", problems);
                distinct(action.path("buttons"), "interactive.action.buttons", ".reply.title", "/reply/title", problems);
            }
            case "list" -> {
                sections(action, "interactive.action", "rows", ROWS, problems);
                rowIds(action.path("sections"), problems);
            }
            case "product_list" -> sections(action, "interactive.action", "product_items", PRODUCTS, problems);
            case "carousel" -> interactiveCards(action.path("cards"), problems);
            default -> {
                // told by its schema
            }
        }
    }

    private static void sections(JsonNode action, String path, String key, int most, Collection<MessageProblem> problems) {
        JsonNode sections = action.path("sections");
        int entries = 0;
        for (int i = 0; i < sections.size(); i++) {
            entries += sections.path(i).path(key).size();
            if (sections.size() > 1 && sections.path(i).path("title").asText("").isBlank()) {
                problems.add(new MessageProblem(SECTION_TITLES, path + ".sections[" + i + "].title",
                        "is missing: with more than one section, each needs a title"));
            }
        }
        if (entries > most) {
            problems.add(new MessageProblem(COUNT, path + ".sections",
                    "may have " + most + ' ' + key + " in all sections together, and has " + entries));
        }
    }

    private static void rowIds(JsonNode sections, Collection<MessageProblem> problems) {
        Set<String> seen = new HashSet<>();
        for (int s = 0; s < sections.size(); s++) {
            JsonNode rows = sections.path(s).path("rows");
            for (int r = 0; r < rows.size(); r++) {
                JsonNode id = rows.path(r).path("id");
                if (id.isTextual() && !seen.add(id.textValue())) {
                    problems.add(new MessageProblem(DUPLICATES, "interactive.action.sections[" + s + "].rows[" + r + "].id",
                            "is the same as in an earlier row"));
                }
            }
        }
    }

    private static void distinct(JsonNode list, String path, String field, String pointer, Collection<MessageProblem> problems) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < list.size(); i++) {
            JsonNode value = list.path(i).at(pointer);
            if (value.isTextual() && !seen.add(value.textValue())) {
                problems.add(new MessageProblem(DUPLICATES, path + '[' + i + ']' + field, "is the same as on an earlier button"));
            }
        }
    }

    private static void interactiveCards(JsonNode cards, Collection<MessageProblem> problems) {
        List<List<String>> buttons = new ArrayList<>();
        for (int i = 0; i < cards.size(); i++) {
            JsonNode action = cards.path(i).path("action");
            List<String> kinds = new ArrayList<>();
            if (action.has("buttons")) {
                action.path("buttons").forEach(button -> kinds.add(button.path("type").asText()));
                String path = "interactive.action.cards[" + i + "].action.buttons";
                distinct(action.path("buttons"), path, ".quick_reply.id", "/quick_reply/id", problems);
                distinct(action.path("buttons"), path, ".quick_reply.title", "/quick_reply/title", problems);
            } else {
                kinds.add(action.path("name").asText(action.has("product_retailer_id") ? "product" : ""));
            }
            buttons.add(kinds);
        }
        sameButtons(buttons, cards, "interactive.action.cards", problems);
    }

    private static void sameButtons(List<List<String>> buttons, JsonNode cards, String path, Collection<MessageProblem> problems) {
        Set<Integer> indexes = new HashSet<>();
        for (int i = 0; i < buttons.size(); i++) {
            String card = path + '[' + i + ']';
            if (!buttons.get(i).equals(buttons.get(0))) {
                problems.add(new MessageProblem(CAROUSEL_CARDS, card,
                        "must have as many buttons as the first card, and of the same kinds"));
            }
            JsonNode index = cards.path(i).path("card_index");
            if (index.isInt() && !indexes.add(index.intValue())) {
                problems.add(new MessageProblem(CAROUSEL_CARDS, card + ".card_index", "is the same as on an earlier card"));
            }
        }
    }

    private static void template(JsonNode template, Collection<MessageProblem> problems) {
        JsonNode components = template.path("components");
        parameters(components, "template.components", problems);
        for (int c = 0; c < components.size(); c++) {
            JsonNode component = components.path(c);
            String path = "template.components[" + c + ']';
            if (is(component, "type", "carousel")) {
                templateCards(component.path("cards"), path + ".cards", problems);
            } else if (is(component, "type", "button") && is(component, "sub_type", "mpm")) {
                sections(component.at("/parameters/0/action"), path + ".parameters[0].action", "product_items", PRODUCTS, problems);
            }
        }
    }

    /** The parameters of header and body are all named, or all told apart by their order. */
    private static void parameters(JsonNode components, String path, Collection<MessageProblem> problems) {
        Boolean named = null;
        for (int c = 0; c < components.size(); c++) {
            JsonNode component = components.path(c);
            boolean body = is(component, "type", "body");
            if (!body && !is(component, "type", "header")) {
                continue;
            }
            JsonNode parameters = component.path("parameters");
            Set<String> names = new HashSet<>();
            int length = 0;
            for (int p = 0; p < parameters.size(); p++) {
                JsonNode parameter = parameters.path(p);
                String field = path + '[' + c + "].parameters[" + p + ']';
                String name = parameter.path("parameter_name").textValue();
                if (name != null && !names.add(name)) {
                    problems.add(new MessageProblem(TEMPLATE_PARAMETERS, field + ".parameter_name",
                            "is the same as in an earlier parameter"));
                }
                // a picture, a place and the like have no name in either format
                if (body || parameter.has("text")) {
                    if (named != null && named != (name != null)) {
                        problems.add(new MessageProblem(TEMPLATE_PARAMETERS, field + ".parameter_name",
                                "must be on all parameters of header and body, or on none"));
                    }
                    named = named == null ? Boolean.valueOf(name != null) : named;
                }
                String text = parameter.path("text").asText("");
                if (BROKEN.matcher(text).find()) {
                    problems.add(new MessageProblem(TEMPLATE_PARAMETERS, field + ".text",
                            "must not have line breaks, tabs or more than four blanks in a row"));
                }
                length += text.codePointCount(0, text.length());
            }
            if (body && parameters.size() > 1 && length > TEMPLATE_TEXT) {
                problems.add(new MessageProblem(TEXT_LENGTH, path + '[' + c + "].parameters",
                        atMost(TEMPLATE_TEXT, "characters in all texts together", length)));
            }
        }
    }

    private static void templateCards(JsonNode cards, String path, Collection<MessageProblem> problems) {
        List<List<String>> buttons = new ArrayList<>();
        for (int i = 0; i < cards.size(); i++) {
            JsonNode components = cards.path(i).path("components");
            parameters(components, path + '[' + i + "].components", problems);
            List<String> kinds = new ArrayList<>();
            for (JsonNode component : components) {
                if (is(component, "type", "button")) {
                    kinds.add(component.path("sub_type").asText().toLowerCase(Locale.ROOT));
                }
            }
            buttons.add(kinds);
        }
        sameButtons(buttons, cards, path, problems);
    }

    /** Direct Send (Meta, "Send utility and authentication messages"): what carries a code goes to phone numbers only. */
    private static void direct(JsonNode message, Collection<MessageProblem> problems) {
        if (is(message, "category", "authentication") && !given(message.path("to"))) {
            problems.add(new MessageProblem(AUTHENTICATION_RECIPIENT, "recipient",
                    "must not be used for a message of the category authentication, which goes to a phone number, in to, only"));
        }
    }

    private static void authentication(JsonNode message, Set<String> authenticationTemplates, Collection<MessageProblem> problems) {
        if (!given(message.path("to")) && isBusinessScopedId(message.path("recipient").asText())
                && authenticationTemplates.contains(message.path("template").path("name").asText())) {
            problems.add(new MessageProblem(AUTHENTICATION_RECIPIENT, "recipient",
                    "must not be used for an authentication template, which goes to a phone number, in to, only"));
        }
    }

    /** Meta writes these words small; its users write them large as well. */
    private static boolean is(JsonNode node, String key, String word) {
        return word.equalsIgnoreCase(node.path(key).textValue());
    }

    static String length(int most, String text) {
        return atMost(most, "characters", text.codePointCount(0, text.length()));
    }

    static String atMost(int most, String what, int number) {
        return "may have " + most + ' ' + (most == 1 && what.equals("entries") ? "entry" : what) + ", and has " + number;
    }
}
