package io.github.waroutes.graph;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.error.WhatsAppTemplateException;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.Variable;

/**
 * Writes the body of {@code POST /{phone-number-id}/messages}.
 * <p>
 * A route names the method only: Camel takes the quotes off a text that is given in a call's brackets, and reads the word null
 * there as no text at all.
 * <p>
 * Shapes: Meta, "Send messages", "Templates", "Business-scoped user IDs" and "Groups API" (2026).
 */
public class OutboundMessages {

    /** Meta's limit for a text message, in characters. */
    public static final int MAX_TEXT = 4096;
    /** Meta's limit for a caption, in characters. */
    public static final int MAX_CAPTION = 1024;

    private static final Pattern BUSINESS_SCOPED_ID = Pattern.compile("[A-Z]{2}\\.(ENT\\.)?[A-Za-z0-9]{1,128}");
    private static final Pattern PHONE = Pattern.compile("\\+?[0-9]{5,20}");

    private static final Set<String> CAPTIONED = Set.of("image", "video", "document");

    private final ObjectMapper json = new ObjectMapper();
    private boolean typingIndicator = true;

    /**
     * A text message.
     *
     * @param user  a phone number with or without {@code +}, or a business-scoped user id
     * @param group the group to write in, or null
     * @param text  1 to 4096 characters
     * @param quote the wamid to quote, or null
     */
    public String text(@Header(UpdateHeaders.USER) String user, @Header(UpdateHeaders.GROUP_ID) String group, @Body String text,
            @Header(OutboundHeaders.QUOTE) String quote) {
        if (text == null || text.isBlank()) {
            throw refused("A text message needs a text");
        }
        if (text.length() > MAX_TEXT) {
            throw refused("A text message may have " + MAX_TEXT + " characters, and this one has " + text.length());
        }
        ObjectNode message = message(user, group, "text");
        message.putObject("text").put("body", text);
        quote(message, quote);
        return message.toString();
    }

    /**
     * A template message.
     *
     * @param parameters the body's parameters: a map for named ones, a collection for positional ones, null for none
     */
    public String template(@Header(UpdateHeaders.USER) String user, @Header(OutboundHeaders.TEMPLATE) String name,
            @Header(OutboundHeaders.TEMPLATE_LANGUAGE) String language, @Body Object parameters) {
        if (name == null || name.isBlank() || language == null || language.isBlank()) {
            throw new WhatsAppTemplateException(ErrorDetails.builder("A template message needs the template's name and language")
                    .build(), name);
        }
        ObjectNode message = message(user, null, "template");
        ObjectNode template = message.putObject("template").put("name", name);
        template.putObject("language").put("code", language);
        ArrayNode values = json.createArrayNode();
        if (parameters instanceof Map<?, ?> named) {
            named.forEach((key, value) -> parameter(values, value).put("parameter_name", String.valueOf(key)));
        } else if (parameters instanceof Collection<?> positional) {
            positional.forEach(value -> parameter(values, value));
        } else if (parameters != null && !parameters.toString().isEmpty()) {
            throw new WhatsAppTemplateException(ErrorDetails.builder("The parameters of a template must be a map (named)"
                    + " or a list (positional)").build(), name);
        }
        if (!values.isEmpty()) {
            template.putArray("components").addObject().put("type", "body").set("parameters", values);
        }
        return message.toString();
    }

    private static ObjectNode parameter(ArrayNode values, Object value) {
        return values.addObject().put("type", "text").put("text", String.valueOf(value));
    }

    /**
     * A media message that has everything but the media id, so that one that cannot be sent costs no upload.
     *
     * @param kind     {@code image}, {@code audio}, {@code voice}, {@code video}, {@code document} or {@code sticker}
     * @param caption  up to 1024 characters, with an image, a video or a document; or null
     * @param filename the name to show for a document; its end says what it is; or null
     * @param quote    the wamid to quote, or null
     */
    public String media(@Header(UpdateHeaders.USER) String user, @Header(UpdateHeaders.GROUP_ID) String group,
            @Variable("whatsappMediaKind") String kind, @Header(OutboundHeaders.CAPTION) String caption,
            @Variable("whatsappMediaFilename") String filename, @Header(OutboundHeaders.QUOTE) String quote) {
        boolean voice = "voice".equals(kind);
        String type = voice ? "audio" : kind;
        ObjectNode message = message(user, group, type);
        ObjectNode media = message.putObject(type);
        if (voice) {
            media.put("voice", true);
        }
        if (caption != null && !caption.isBlank()) {
            if (!CAPTIONED.contains(type)) {
                throw refused("A caption goes with an image, a video or a document, and not with the kind " + kind
                        + ". Leave the header " + OutboundHeaders.CAPTION + " out and send a text beside it");
            }
            if (caption.length() > MAX_CAPTION) {
                throw refused("A caption may have " + MAX_CAPTION + " characters, and this one has " + caption.length());
            }
            media.put("caption", caption);
        }
        if ("document".equals(type) && filename != null && !filename.isBlank()) {
            media.put("filename", filename);
        }
        quote(message, quote);
        return message.toString();
    }

    /** The media message, with the media id in it. */
    public String withMedia(@Variable("whatsappMediaMessage") String message, @Body String mediaId) throws JsonProcessingException {
        ObjectNode whole = (ObjectNode) json.readTree(message);
        ((ObjectNode) whole.get(whole.get("type").asText())).put("id", mediaId);
        return whole.toString();
    }

    /** @param typingIndicator whether marking as read also shows that an answer is being written */
    public void setTypingIndicator(boolean typingIndicator) {
        this.typingIndicator = typingIndicator;
    }

    /** Marks a message as read and, with it, every earlier one; with the typing indicator, for up to 25 seconds. */
    public String read(@Header(UpdateHeaders.MESSAGE_ID) String messageId) {
        ObjectNode message = json.createObjectNode()
                .put("messaging_product", "whatsapp")
                .put("status", "read")
                .put("message_id", messageId);
        if (typingIndicator) {
            message.putObject("typing_indicator").put("type", "text");
        }
        return message.toString();
    }

    private ObjectNode message(String user, String group, String type) {
        ObjectNode message = json.createObjectNode().put("messaging_product", "whatsapp");
        if (group != null && !group.isBlank()) {
            message.put("recipient_type", "group").put("to", group);
        } else {
            message.put("recipient_type", "individual");
            if (user != null && BUSINESS_SCOPED_ID.matcher(user).matches()) {
                message.put("recipient", user);
            } else if (user != null && PHONE.matcher(user).matches()) {
                // without the plus, Meta takes the number for one of the business's own country
                message.put("to", user.startsWith("+") ? user : '+' + user);
            } else {
                throw refused("A message needs a user to go to: a phone number with its country code, or a business-scoped user id");
            }
        }
        return message.put("type", type);
    }

    private static void quote(ObjectNode message, String quote) {
        if (quote != null && !quote.isBlank()) {
            message.putObject("context").put("message_id", quote);
        }
    }

    private static WhatsAppMessageException refused(String why) {
        return new WhatsAppMessageException(ErrorDetails.builder(why).build());
    }
}
