package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.waroutes.simulator.common.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks the parameters of a template message against the template. Source: WhatsApp Cloud API, "Templates" and "Error codes":
 * 132000 for another number of parameters, 132012 for another kind, 132005 for a text that becomes too long, 132018 for parameters
 * that a button does not have, 131008 for a button's parameter that is missing, 100 for a name that is missing or unknown. Of a
 * template without components only the name is known: any parameters are accepted.
 */
final class TemplateParameters {

    private static final Pattern VARIABLE = Pattern.compile("\\{\\{\\s*([A-Za-z0-9_]+)\\s*}}");
    private static final int HYDRATED = 32_768;
    private static final int CODE = 15;
    private static final Set<String> MEDIA = Set.of("IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "GIF", "PRODUCT");

    private TemplateParameters() {
    }

    /**
     * @param template as {@link Templates} keeps it
     * @param sent     the message's {@code template.components}
     */
    static void check(JsonNode template, JsonNode sent) {
        if (template.path("components").isEmpty()) {
            return;
        }
        boolean named = "NAMED".equalsIgnoreCase(template.path("parameter_format").asText());
        boolean code = "AUTHENTICATION".equals(template.path("category").asText());
        check(template.path("components"), sent, named, code, "");
    }

    private static void check(JsonNode defined, JsonNode sent, boolean named, boolean code, String where) {
        JsonNode body = find(defined, "body");
        // the text of an authentication template is Meta's own, with the code in it
        String text = code && !body.has("text") ? "{{1}}" : body.path("text").asText();
        checkTexts(text, find(sent, "body").path("parameters"), named, where + "body");
        if (code && find(sent, "body").at("/parameters/0/text").asText().length() > CODE) {
            throw wrongFormat(where + "body: the code may have " + CODE + " characters");
        }
        checkHeader(find(defined, "header"), find(sent, "header").path("parameters"), named, where);
        checkButtons(find(defined, "buttons").path("buttons"), sent, where);
        checkCards(find(defined, "carousel").path("cards"), find(sent, "carousel").path("cards"), named);
    }

    private static void checkTexts(String text, JsonNode parameters, boolean named, String where) {
        List<String> names = variables(text);
        if (parameters.size() != names.size()) {
            throw Refusal.graph(400, 132000, null,
                    "(#132000) Number of parameters does not match the expected number of params", where
                            + ": number of localizable_params (" + parameters.size()
                            + ") does not match the expected number of params (" + names.size() + ")");
        }
        int length = VARIABLE.matcher(text).replaceAll("").length();
        for (JsonNode parameter : parameters) {
            String name = parameter.path("parameter_name").textValue();
            if (named && (name == null || name.isBlank())) {
                throw Refusal.invalidParameter(where + ": Parameter name is missing or empty");
            }
            if (named && !names.contains(name)) {
                throw Refusal.invalidParameter(where + ": a parameter_name is none of the template's: "
                        + String.join(", ", names));
            }
            if (!named && name != null) {
                throw wrongFormat(where + ": the template's parameters have no names, leave parameter_name out");
            }
            length += parameter.path("text").asText().length();
        }
        if (length > HYDRATED) {
            throw Refusal.graph(400, 132005, null, "(#132005) Translated text too long",
                    where + " may have " + HYDRATED + " characters with its parameters");
        }
    }

    private static void checkHeader(JsonNode defined, JsonNode parameters, boolean named, String where) {
        String format = defined.path("format").asText("TEXT").toUpperCase(Locale.ROOT);
        if (!MEDIA.contains(format)) {
            checkTexts(defined.path("text").asText(), parameters, named, where + "header");
            return;
        }
        String received = parameters.at("/0/type").asText("UNKNOWN").toUpperCase(Locale.ROOT);
        if (!received.equals(format)) {
            throw wrongFormat(where + "header: Format mismatch, expected " + format + ", received "
                    + (MEDIA.contains(received) || received.equals("TEXT") ? received : "UNKNOWN"));
        }
    }

    private static void checkButtons(JsonNode defined, JsonNode sent, String where) {
        for (int index = 0; index < defined.size(); index++) {
            String type = defined.path(index).path("type").asText().toUpperCase(Locale.ROOT);
            JsonNode given = button(sent, index);
            boolean dynamic = type.equals("URL") && !variables(defined.path(index).path("url").asText()).isEmpty();
            if (given.isMissingNode()) {
                if (dynamic || Set.of("OTP", "COPY_CODE", "MPM").contains(type)) {
                    throw Refusal.missingParameter(where + "buttons: Button at index " + index + " of type " + type
                            + " requires a parameter");
                }
                continue;
            }
            String expected = switch (type) {
                case "OTP" -> "URL";
                default -> type;
            };
            if (!expected.equals(given.path("sub_type").asText().toUpperCase(Locale.ROOT))
                    || type.equals("URL") && !dynamic || type.equals("PHONE_NUMBER")) {
                throw Refusal.graph(400, 132018, null, "(#132018) There is an issue with the parameters in the template",
                        where + "buttons: Button at index " + index + " is of type " + type
                                + (type.equals("URL") ? " and takes no parameter" : ""));
            }
        }
        for (JsonNode component : sent) {
            if ("button".equalsIgnoreCase(component.path("type").asText())
                    && component.path("index").asInt(-1) >= defined.size()) {
                throw Refusal.wrongValue(where + "buttons: the template has " + defined.size()
                        + " buttons; index counts from 0");
            }
        }
    }

    private static void checkCards(JsonNode defined, JsonNode sent, boolean named) {
        if (defined.size() != sent.size()) {
            throw wrongFormat("carousel: the template has " + defined.size() + " cards, received " + sent.size());
        }
        for (int card = 0; card < defined.size(); card++) {
            check(defined.path(card).path("components"), sent.path(card).path("components"), named, false,
                    "carousel card " + card + " ");
        }
    }

    private static JsonNode button(JsonNode sent, int index) {
        for (JsonNode component : sent) {
            if ("button".equalsIgnoreCase(component.path("type").asText()) && component.path("index").asInt(-1) == index) {
                return component;
            }
        }
        return MissingNode.getInstance();
    }

    private static JsonNode find(JsonNode components, String type) {
        for (JsonNode component : components) {
            if (type.equalsIgnoreCase(component.path("type").asText())) {
                return component;
            }
        }
        return MissingNode.getInstance();
    }

    /** The names of the variables in a text, each once, in their order. */
    static List<String> variables(String text) {
        Set<String> names = new LinkedHashSet<>();
        Matcher matcher = VARIABLE.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return new ArrayList<>(names);
    }

    private static Refusal wrongFormat(String details) {
        return Refusal.graph(400, 132012, null, "(#132012) Parameter format does not match format in the created template",
                details);
    }
}
