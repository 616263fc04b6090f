package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.media.MediaStore;
import io.github.waroutes.simulator.people.EntryParts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A template as its reader sees it: the texts of its definition with the sent parameters put in. Source: WhatsApp Business
 * Management API, "Template components"; Cloud API, "Send template messages".
 */
final class TemplateText {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Pattern PLACE = Pattern.compile("\\{\\{\\s*([A-Za-z0-9_]+)\\s*}}");

    private TemplateText() {
    }

    /**
     * @param definition the components of the template; empty when only its name is known
     * @param sent       the {@code template} object of the message
     * @return {@code {"header"?,"header_media"?,"body","footer"?,"buttons":[{"type","text","payload"?,"url"?,"phone_number"?}]}};
     *         a place without a parameter stays as it is
     */
    static ObjectNode render(JsonNode definition, JsonNode sent, MediaStore files) {
        ObjectNode rendered = JSON.objectNode();
        JsonNode header = component(definition, "HEADER");
        JsonNode headerParameters = parameters(sent, "header", null);
        for (JsonNode parameter : headerParameters) {
            String kind = parameter.path("type").asText();
            if (parameter.path(kind).isObject() && (parameter.path(kind).has("id") || parameter.path(kind).has("link"))) {
                rendered.set("header_media", EntryParts.media(parameter.path(kind), files).put("type", kind));
            }
        }
        if (header.path("text").isTextual()) {
            rendered.put("header", fill(header.path("text").asText(), headerParameters));
        }
        JsonNode body = component(definition, "BODY");
        JsonNode bodyParameters = parameters(sent, "body", null);
        rendered.put("body", body.path("text").isTextual() ? fill(body.path("text").asText(), bodyParameters)
                : ofName(sent.path("name").asText(), bodyParameters));
        JsonNode footer = component(definition, "FOOTER");
        if (footer.path("text").isTextual()) {
            rendered.put("footer", footer.path("text").asText());
        }
        buttons(component(definition, "BUTTONS").path("buttons"), sent, rendered.putArray("buttons"));
        return rendered;
    }

    /** The text of a template of which only the name is known: {@code order_update} with Kim is "Order update: Kim". */
    private static String ofName(String name, JsonNode parameters) {
        String words = name.replace('_', ' ').strip();
        String start = words.isEmpty() ? "Template" : Character.toUpperCase(words.charAt(0)) + words.substring(1);
        List<String> values = new ArrayList<>();
        parameters.forEach(parameter -> values.add(value(parameter)));
        return values.isEmpty() ? start + "!" : start + ": " + String.join(", ", values);
    }

    private static void buttons(JsonNode defined, JsonNode sent, ArrayNode buttons) {
        int index = 0;
        for (JsonNode button : defined) {
            JsonNode parameters = parameters(sent, "button", Integer.toString(index++));
            String type = button.path("type").asText();
            ObjectNode shown = buttons.addObject().put("type", type).put("text", button.path("text").asText());
            switch (type) {
                // a user who taps a button without a payload sends its text
                case "QUICK_REPLY" -> shown.put("payload", parameters.path(0).path("payload").asText(button.path("text").asText()));
                case "URL" -> shown.put("url", fill(button.path("url").asText(), parameters));
                case "PHONE_NUMBER" -> shown.put("phone_number", button.path("phone_number").asText());
                case "COPY_CODE" -> shown.put("payload",
                        parameters.path(0).path("coupon_code").asText(button.path("example").asText()));
                default -> { }
            }
        }
        if (defined.isEmpty()) {
            // only the name is known, so only buttons with parameters can be shown
            for (JsonNode component : sent.path("components")) {
                if (isKind(component, "button") && component.path("sub_type").asText().equalsIgnoreCase("quick_reply")) {
                    String payload = component.at("/parameters/0/payload").asText();
                    buttons.addObject().put("type", "QUICK_REPLY").put("text", payload).put("payload", payload);
                }
            }
        }
    }

    private static String fill(String text, JsonNode parameters) {
        Map<String, String> values = new HashMap<>();
        int position = 0;
        for (JsonNode parameter : parameters) {
            position++;
            values.put(parameter.path("parameter_name").asText(Integer.toString(position)), value(parameter));
        }
        return PLACE.matcher(text).replaceAll(place -> Matcher.quoteReplacement(
                values.getOrDefault(place.group(1), place.group())));
    }

    private static String value(JsonNode parameter) {
        String type = parameter.path("type").asText("text");
        JsonNode value = parameter.path(type);
        return value.isObject() ? value.path("fallback_value").asText() : value.asText();
    }

    private static JsonNode component(JsonNode definition, String type) {
        for (JsonNode component : definition) {
            if (isKind(component, type)) {
                return component;
            }
        }
        return JSON.objectNode();
    }

    private static JsonNode parameters(JsonNode sent, String type, String index) {
        for (JsonNode component : sent.path("components")) {
            if (isKind(component, type) && (index == null || index.equals(component.path("index").asText()))) {
                return component.path("parameters");
            }
        }
        return JSON.arrayNode();
    }

    private static boolean isKind(JsonNode component, String type) {
        return component.path("type").asText().equalsIgnoreCase(type);
    }
}
