package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * What Meta requires of the body of {@code POST /{phone_number_id}/messages}, as far as the simulator checks it.
 * Source: WhatsApp Cloud API, "Send messages" and the pages of the message types. Every refusal is a
 * {@link SimulatorFault} in Graph's shape whose {@code error_data.details} names the field.
 */
final class OutboundRules {

    private static final Set<String> MEDIA = Set.of("image", "video", "audio", "document", "sticker");
    private static final Set<String> WITH_CAPTION = Set.of("image", "video", "document");
    private static final Set<String> INTERACTIVE = Set.of("button", "list", "cta_url", "flow", "product", "product_list",
            "catalog_message", "location_request_message", "address_message", "carousel", "voice_call",
            "call_permission_request", "request_contact_info", "order_details", "order_status");
    private static final Set<String> WITHOUT_BODY = Set.of("product");

    private final BiPredicate<String, String> isApproved;
    private final Predicate<String> mediaExists;

    /**
     * @param isApproved  whether there is an approved template of this name and language
     * @param mediaExists whether a media id is known
     */
    OutboundRules(BiPredicate<String, String> isApproved, Predicate<String> mediaExists) {
        this.isApproved = isApproved;
        this.mediaExists = mediaExists;
    }

    /** Whether this is a read mark rather than a message. */
    static boolean isReadMark(JsonNode body) {
        return body.has("status");
    }

    /** Checks what all bodies share. */
    static void checkEnvelope(JsonNode body) {
        require(body.isObject(), "The body must be a JSON object");
        require("whatsapp".equals(body.path("messaging_product").textValue()), "messaging_product must be \"whatsapp\"");
    }

    /** Checks {@code {"status":"read","message_id","typing_indicator":{"type":"text"}?}}. */
    static void checkReadMark(JsonNode body) {
        require("read".equals(body.path("status").textValue()), "status must be \"read\"");
        text(body, "message_id", 1, 1024, "message_id");
        if (body.has("typing_indicator")) {
            require("text".equals(body.path("typing_indicator").path("type").textValue()),
                    "typing_indicator.type must be \"text\"");
        }
    }

    /** Meta takes a message without {@code type} as text. */
    static String typeOf(JsonNode body) {
        return body.has("type") ? body.path("type").asText() : "text";
    }

    /** What the caller wrote in {@code to}, or in {@code recipient} when there is no {@code to}. */
    static String inputOf(JsonNode body) {
        return body.path(body.has("to") ? "to" : "recipient").asText();
    }

    /** The person a message goes to: {@code to} wins over {@code recipient}. */
    static Recipient recipientOf(JsonNode body) {
        if (body.has("to")) {
            return Recipient.ofPhone(inputOf(body)).orElseThrow(() -> SimulatorFault.invalidParameter(
                    "to must be a phone number: + and 7 to 15 digits, country code included"));
        }
        require(body.has("recipient"), "to (a phone number) or recipient (a business-scoped user id) is missing");
        return Recipient.ofUserId(inputOf(body)).orElseThrow(() -> SimulatorFault.invalidParameter(
                "recipient must be a business-scoped user id, such as US.13491208655302741918"));
    }

    /** Checks a message; its recipient is checked by {@link #recipientOf}. */
    void checkMessage(JsonNode body) {
        require(!body.has("recipient_type") || "individual".equals(body.path("recipient_type").textValue()),
                "recipient_type must be \"individual\": the simulator has no groups");
        if (body.has("biz_opaque_callback_data")) {
            text(body, "biz_opaque_callback_data", 0, 512, "biz_opaque_callback_data");
        }
        if (body.has("context")) {
            text(body.path("context"), "message_id", 1, 1024, "context.message_id");
        }
        String type = typeOf(body);
        JsonNode content = body.path(type);
        if (MEDIA.contains(type)) {
            checkMedia(type, object(content, type));
            return;
        }
        switch (type) {
            case "text" -> text(object(content, type), "body", 1, 4096, "text.body");
            case "location" -> checkLocation(object(content, type));
            case "contacts" -> checkContacts(content);
            case "reaction" -> {
                text(object(content, type), "message_id", 1, 1024, "reaction.message_id");
                text(content, "emoji", 0, 64, "reaction.emoji");
            }
            case "interactive" -> checkInteractive(object(content, type));
            case "template" -> checkTemplate(object(content, type));
            default -> throw SimulatorFault.invalidParameter("type must be text, image, video, audio, document, sticker,"
                    + " location, contacts, reaction, interactive or template");
        }
    }

    private void checkMedia(String type, JsonNode media) {
        require(media.has("id") != media.has("link"), type + " needs either id or link, and not both");
        if (media.has("id")) {
            require(mediaExists.test(media.path("id").asText()), type + ".id is no media of this simulator");
        } else {
            require(isHttp(media.path("link").asText()), type + ".link must be an http or https address");
        }
        if (media.has("caption")) {
            require(WITH_CAPTION.contains(type), type + " takes no caption");
            text(media, "caption", 0, 1024, type + ".caption");
        }
    }

    private static void checkLocation(JsonNode location) {
        range(location, "latitude", 90);
        range(location, "longitude", 180);
    }

    private static void checkContacts(JsonNode contacts) {
        require(contacts.isArray() && !contacts.isEmpty(), "contacts must be a list of one or more contacts");
        for (JsonNode contact : contacts) {
            text(contact.path("name"), "formatted_name", 1, 1024, "contacts[].name.formatted_name");
        }
    }

    private void checkTemplate(JsonNode template) {
        String name = text(template, "name", 1, 512, "template.name");
        String language = text(template.path("language"), "code", 1, 16, "template.language.code");
        require(!template.has("components") || template.path("components").isArray(),
                "template.components must be a list");
        if (!isApproved.test(name, language)) {
            throw SimulatorFault.graph(404, 132001, null, "(#132001) Template name does not exist in the translation",
                    "template.name and template.language.code are in no approved template; create it, or name it in"
                            + " whatsapp.simulator.templates");
        }
    }

    private static void checkInteractive(JsonNode interactive) {
        String type = text(interactive, "type", 1, 64, "interactive.type");
        require(INTERACTIVE.contains(type), "interactive.type is not known");
        if (interactive.has("body") || !WITHOUT_BODY.contains(type)) {
            text(interactive.path("body"), "text", 1, type.equals("list") ? 4096 : 1024, "interactive.body.text");
        }
        if (interactive.has("footer")) {
            text(interactive.path("footer"), "text", 1, 60, "interactive.footer.text");
        }
        if ("text".equals(interactive.path("header").path("type").textValue())) {
            text(interactive.path("header"), "text", 1, 60, "interactive.header.text");
        }
        JsonNode action = object(interactive.path("action"), "interactive.action");
        if (type.equals("button")) {
            checkButtons(action.path("buttons"));
        } else if (type.equals("list")) {
            text(action, "button", 1, 20, "interactive.action.button");
            checkSections(action.path("sections"));
        }
    }

    private static void checkButtons(JsonNode buttons) {
        count(buttons, 3, "interactive.action.buttons");
        Set<String> ids = new HashSet<>();
        for (JsonNode button : buttons) {
            require("reply".equals(button.path("type").textValue()), "interactive.action.buttons[].type must be \"reply\"");
            JsonNode reply = button.path("reply");
            text(reply, "title", 1, 20, "interactive.action.buttons[].reply.title");
            require(ids.add(text(reply, "id", 1, 256, "interactive.action.buttons[].reply.id")),
                    "interactive.action.buttons[].reply.id must differ from button to button");
        }
    }

    private static void checkSections(JsonNode sections) {
        count(sections, 10, "interactive.action.sections");
        Set<String> ids = new HashSet<>();
        for (JsonNode section : sections) {
            if (sections.size() > 1) {
                text(section, "title", 1, 24, "interactive.action.sections[].title");
            }
            count(section.path("rows"), 10, "interactive.action.sections[].rows");
            for (JsonNode row : section.path("rows")) {
                text(row, "title", 1, 24, "interactive.action.sections[].rows[].title");
                require(ids.add(text(row, "id", 1, 200, "interactive.action.sections[].rows[].id")),
                        "interactive.action.sections[].rows[].id must differ from row to row");
                if (row.has("description")) {
                    text(row, "description", 0, 72, "interactive.action.sections[].rows[].description");
                }
            }
        }
        require(ids.size() <= 10, "interactive.action.sections may have 10 rows in all");
    }

    private static void count(JsonNode list, int most, String field) {
        require(list.isArray() && !list.isEmpty() && list.size() <= most, field + " must be a list of 1 to " + most);
    }

    private static void range(JsonNode location, String field, int most) {
        double degrees = location.path(field).asDouble(Double.NaN);
        require(Math.abs(degrees) <= most, "location." + field + " must be a number from -" + most + " to " + most);
    }

    private static JsonNode object(JsonNode node, String field) {
        require(node.isObject(), field + " is missing or not an object");
        return node;
    }

    /** Length counts characters as people see them on the wire: code points, not UTF-16 units. */
    private static String text(JsonNode parent, String field, int least, int most, String name) {
        String text = parent.path(field).textValue();
        int length = text == null ? -1 : text.codePointCount(0, text.length());
        require(length >= least && length <= most, name + " must be a string of " + least + " to " + most + " characters");
        return text;
    }

    private static boolean isHttp(String link) {
        try {
            URI uri = URI.create(link);
            return uri.getHost() != null && ("https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void require(boolean holds, String details) {
        if (!holds) {
            throw SimulatorFault.invalidParameter(details);
        }
    }
}
