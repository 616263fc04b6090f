package io.github.waroutes.operate;

import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Whether a template can carry a text whose window is closed: one parameter, without a name, in its body, and no other that must be given. Source:
 * WhatsApp Business Management API, "Message templates".
 */
final class WindowTemplate {

    private static final Pattern VARIABLE = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}");
    private static final Set<String> BUTTONS = Set.of("OTP", "COPY_CODE", "MPM", "ORDER_DETAILS");
    private static final Set<String> WITH_PARAMETERS = Set.of("CAROUSEL", "LIMITED_TIME_OFFER");

    private WindowTemplate() {
    }

    /**
     * What does not fit.
     *
     * @param template as Graph tells it; one without components fits, as nothing is known of it
     */
    static Optional<String> problem(JsonNode template) {
        if (template.path("components").isEmpty()) {
            return Optional.empty();
        }
        if ("AUTHENTICATION".equalsIgnoreCase(template.path("category").asText())) {
            return Optional.of("it is an authentication template, which takes a code");
        }
        int inBody = 0;
        for (JsonNode component : template.path("components")) {
            String type = upper(component, "type");
            if (type.equals("BODY")) {
                inBody = variables(component.path("text").asText());
            } else if (WITH_PARAMETERS.contains(type)) {
                return Optional.of("it has a " + type.toLowerCase(Locale.ROOT).replace('_', ' '));
            } else if (type.equals("HEADER") && (!Set.of("", "TEXT").contains(upper(component, "format")) || variables(component.path("text").asText()) > 0)) {
                return Optional.of("its header needs a parameter");
            }
            for (JsonNode button : component.path("buttons")) {
                if (BUTTONS.contains(upper(button, "type")) || variables(button.path("url").asText()) > 0) {
                    return Optional.of("a button needs a parameter");
                }
            }
        }
        if (inBody != 1) {
            return Optional.of("its body has " + inBody + " parameters, not one");
        }
        return "NAMED".equalsIgnoreCase(template.path("parameter_format").asText()) ? Optional.of("its parameter has a name in place of {{1}}") : Optional.empty();
    }

    private static String upper(JsonNode parent, String field) {
        return parent.path(field).asText().toUpperCase(Locale.ROOT);
    }

    private static int variables(String text) {
        Set<String> names = new HashSet<>();
        Matcher matcher = VARIABLE.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names.size();
    }
}
