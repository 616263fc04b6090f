package io.github.waroutes.message;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;

/**
 * Other ways of writing a message that say the same, as clients of other providers and SDKs send them, become Meta's. What could be meant in two
 * ways is left as it is, and refused by the checks: a number without its country code, {@code 0049…}, a language's name.
 * <ul>
 * <li>{@code to}: {@code whatsapp:+1…} (Twilio), {@code tel:+1…} (RFC 3966), a JSON number, dots and typographical blanks and hyphens</li>
 * <li>{@code messaging_product} left out: there is one</li>
 * <li>the object of the message's type as a text that holds its JSON, which Graph takes for every parameter (whatsapp-api-js)</li>
 * <li>a template's {@code language} as a text, and {@code en-US} (BCP 47) for Meta's {@code en_US}</li>
 * </ul>
 */
public final class CallerForms {

    private static final Pattern SCHEME = Pattern.compile("(?i)^\\s*(whatsapp|tel):\\s*");
    private static final Pattern SEPARATORS = Pattern.compile("[\\p{Z}\\p{Pd}().]");
    /** What Meta takes itself stays as it was written. */
    private static final Pattern METAS = Pattern.compile("[-+() 0-9]*");
    private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})+");
    private static final List<String> IN_TEXT = List.of("text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction", "interactive",
            "template", "context");

    private final ObjectMapper json = new ObjectMapper();

    /** @return whether something was changed */
    boolean settle(ObjectNode message) {
        boolean changed = false;
        if (!message.hasNonNull("messaging_product")) {
            message.put("messaging_product", "whatsapp");
            changed = true;
        }
        JsonNode to = message.get("to");
        if (to != null && (to.isIntegralNumber() || to.isTextual() && !METAS.matcher(to.textValue()).matches())) {
            String plain = phone(to.asText());
            changed |= to.isNumber() || !plain.equals(to.textValue());
            message.put("to", plain);
        }
        for (String name : IN_TEXT) {
            JsonNode object = message.get(name) instanceof TextNode text ? parsed(text.textValue()) : null;
            if (object != null) {
                message.set(name, object);
                changed = true;
            }
        }
        if (message.get("template") instanceof ObjectNode template) {
            changed |= language(template);
        }
        return changed;
    }

    private JsonNode parsed(String text) {
        String stripped = text.strip();
        if (!stripped.startsWith("{") && !stripped.startsWith("[")) {
            return null;
        }
        try {
            JsonNode parsed = json.readTree(stripped);
            return parsed.isContainerNode() ? parsed : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static boolean language(ObjectNode template) {
        JsonNode language = template.get("language");
        JsonNode code = language instanceof ObjectNode object ? object.get("code") : language;
        if (!(code instanceof TextNode text)) {
            return false;
        }
        String metas = language(text.textValue());
        if (language instanceof ObjectNode object) {
            object.put("code", metas);
            return !metas.equals(text.textValue());
        }
        template.putObject("language").put("code", metas);
        return true;
    }

    /** Meta's code of a language that may be written as BCP 47 has it: {@code pt-br} is {@code pt_BR}. */
    public static String language(String code) {
        if (!LANGUAGE.matcher(code).matches()) {
            return code;
        }
        String[] parts = code.split("-");
        StringBuilder metas = new StringBuilder(parts[0].toLowerCase(Locale.ROOT));
        for (int at = 1; at < parts.length; at++) {
            // two letters are a region; Meta has no other parts but for zh_Hant and the like, which keep their letters
            metas.append('_').append(parts[at].length() == 2 ? parts[at].toUpperCase(Locale.ROOT) : parts[at]);
        }
        return metas.toString();
    }

    /** A phone number as Meta takes it; what is none stays as it is. */
    public static String phone(String to) {
        String plain = SEPARATORS.matcher(SCHEME.matcher(to).replaceFirst("")).replaceAll("");
        return MessageRules.PHONE.matcher(plain).matches() ? plain : to;
    }
}
