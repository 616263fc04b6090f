package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.message.MessageChecks;
import io.github.waroutes.message.MessageProblem;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SendBody;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What Meta requires of the body of {@code POST /{phone_number_id}/messages}. Source: WhatsApp Cloud API, "Send messages", the
 * pages of the message types, and "Error codes". Every refusal is a {@link Refusal} in Graph's shape whose
 * {@code error_data.details} names the field: code 131008 for a missing field, 100 for one that is too long or of the wrong
 * type, 131009 for a wrong value, 131051 for an unknown message type.
 */
final class OutboundRules {

    private static final Set<String> MEDIA = Set.of("image", "video", "audio", "document", "sticker");
    private static final Set<String> TYPES = Set.of("text", "image", "video", "audio", "document", "sticker", "location",
            "contacts", "reaction", "interactive", "template", "pin");
    private static final Set<String> INTERACTIVE = Set.of("button", "list", "cta_url", "flow", "product", "product_list",
            "catalog_message", "location_request_message", "address_message", "carousel", "voice_call",
            "call_permission_request", "request_contact_info", "order_details", "order_status");
    /** Meta accepts phone numbers without + too, and {@link #recipientOf} checks them. */
    private static final Set<String> NOT_HERE = Set.of("recipient", "authentication-recipient");
    private static final Set<String> DIRECT = Set.of("text", "interactive");
    private static final int SHOWN = 3;

    private final MessageChecks checks = new MessageChecks();

    /** Checks what all bodies share. */
    static void checkEnvelope(JsonNode body) {
        require(body.isObject(), "The body must be a JSON object");
        require("whatsapp".equals(body.path("messaging_product").textValue()), "messaging_product must be \"whatsapp\"");
    }

    /** Checks {@code {"status":"read","message_id","typing_indicator":{"type":"text"}?}}. */
    static void checkReadMark(JsonNode body) {
        require("read".equals(body.path("status").textValue()), "status must be \"read\"");
        if (!body.hasNonNull("message_id")) {
            throw Refusal.missingParameter("message_id is missing");
        }
        String id = body.path("message_id").textValue();
        require(id != null && !id.isEmpty() && id.length() <= 1024, "message_id must be a string of 1 to 1024 characters");
        require(!body.has("typing_indicator") || "text".equals(body.path("typing_indicator").path("type").textValue()),
                "typing_indicator.type must be \"text\"");
    }

    /** Direct Send: the category of a text or interactive message, which then needs no open window; null if it has none. */
    static String directCategory(JsonNode body) {
        return body.path("category").isTextual() && DIRECT.contains(SendBody.typeOf(body))
                ? body.path("category").textValue().toLowerCase(Locale.ROOT) : null;
    }

    static boolean isToGroup(JsonNode body) {
        return "group".equals(body.path("recipient_type").textValue());
    }

    /** The person a message goes to: {@code to} wins over {@code recipient}. */
    static Recipient recipientOf(JsonNode body) {
        if (body.hasNonNull("to")) {
            return Recipient.ofPhone(SendBody.inputOf(body)).orElseThrow(() -> Refusal.invalidParameter(
                    "to must be a phone number: + and 7 to 15 digits, country code included"));
        }
        require(body.hasNonNull("recipient"), "to (a phone number) or recipient (a business-scoped user id) is missing");
        return Recipient.ofUserId(SendBody.inputOf(body)).orElseThrow(() -> Refusal.invalidParameter(
                "recipient must be a business-scoped user id, such as US.13491208655302741918"));
    }

    /**
     * Checks the form of a message; its recipient is checked by {@link #recipientOf}, its media and template by {@link #checkMedia}
     * and {@link TemplateParameters}.
     */
    void checkMessage(JsonNode body) {
        require(!body.has("type") || body.path("type").isTextual(), "type must be of type string");
        String type = SendBody.typeOf(body);
        if (!TYPES.contains(type)) {
            throw Refusal.graph(400, 131051, null, "(#131051) Unsupported message type",
                    "type must be one of " + TYPES.stream().sorted().collect(Collectors.joining(", ")));
        }
        if (type.equals("interactive") && body.path(type).path("type").isTextual()
                && !INTERACTIVE.contains(body.path(type).path("type").textValue().toLowerCase(Locale.ROOT))) {
            throw Refusal.wrongValue("interactive.type must be one of "
                    + INTERACTIVE.stream().sorted().collect(Collectors.joining(", ")));
        }
        if (type.equals("interactive")) {
            needs(body.path(type), "interactive");
            needs(body.at("/interactive/type"), "interactive.type");
            needs(body.at("/interactive/action"), "interactive.action");
        }
        if (type.equals("pin")) {
            require(isToGroup(body), "pin goes to groups: recipient_type must be \"group\"");
        }
        List<MessageProblem> problems = checks.problems(body).stream()
                .filter(problem -> !NOT_HERE.contains(problem.check())).distinct().toList();
        if (!problems.isEmpty()) {
            throw refusal(problems);
        }
    }

    private static Refusal refusal(List<MessageProblem> problems) {
        MessageProblem first = problems.get(0);
        String details = problems.stream().limit(SHOWN).map(MessageProblem::toString).collect(Collectors.joining("; "));
        if (first.rule().startsWith("is missing")) {
            return Refusal.missingParameter(details);
        }
        return first.check().equals("text-length") || first.rule().startsWith("must be of type")
                ? Refusal.invalidParameter(details) : Refusal.wrongValue(details);
    }

    /**
     * Checks that every file a message names by its id is there.
     *
     * @param mimeType a file's type by its id, empty if there is none
     * @return the code that the message will fail with because a file is of a type that cannot be sent like this; empty if none is
     */
    static Optional<Integer> checkMedia(JsonNode body, Function<String, Optional<String>> mimeType) {
        String type = SendBody.typeOf(body);
        boolean fits = switch (type) {
            case "interactive" -> inHeaders(body.path(type), "interactive", mimeType);
            case "template" -> inHeaders(body.path(type), "template", mimeType);
            default -> !MEDIA.contains(type) || fits(body.path(type), type, type, mimeType);
        };
        return fits ? Optional.empty() : Optional.of(131053);
    }

    private static boolean inHeaders(JsonNode node, String path, Function<String, Optional<String>> mimeType) {
        boolean fits = true;
        for (JsonNode child : node) {
            if (child.isContainerNode()) {
                fits &= inHeaders(child, path, mimeType);
            }
        }
        String type = node.path("type").textValue();
        if (type != null && MEDIA.contains(type) && node.path(type).isObject()) {
            fits &= fits(node.path(type), path + "…" + type, type, mimeType);
        }
        return fits;
    }

    private static boolean fits(JsonNode media, String field, String type, Function<String, Optional<String>> mimeType) {
        if (!media.hasNonNull("id")) {
            return true;
        }
        String found = mimeType.apply(media.path("id").asText()).orElseThrow(() -> Refusal.invalidParameter(
                field + ".id is no media of this simulator: upload it first; an uploaded file lives 30 days"));
        return switch (type) {
            case "sticker" -> found.startsWith("image/webp");
            case "document" -> true;
            default -> found.startsWith(type + "/");
        };
    }

    private static void needs(JsonNode node, String field) {
        if (node.isMissingNode() || node.isNull()) {
            throw Refusal.missingParameter(field + " is missing");
        }
    }

    private static void require(boolean holds, String details) {
        if (!holds) {
            throw Refusal.invalidParameter(details);
        }
    }
}
