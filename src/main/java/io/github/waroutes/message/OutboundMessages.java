package io.github.waroutes.message;

import java.util.Collection;
import java.util.Map;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.error.WhatsAppTemplateException;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.Variable;
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
        int length = text.codePointCount(0, text.length());
        if (length > MAX_TEXT) {
            throw refused("A text message may have " + MAX_TEXT + " characters, and this one has " + length);
        }
        return addressed(quoted(Text.of(text), quote), user, group).toJson();
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
        Template template = Template.of(name.strip(), language.strip());
        if (parameters instanceof Map<?, ?> named) {
            template = template.texts(named);
        } else if (parameters instanceof Collection<?> positional) {
            template = template.texts(positional);
        } else if (parameters != null && !parameters.toString().isEmpty()) {
            throw new WhatsAppTemplateException(ErrorDetails.builder("The parameters of a template must be a map (named)"
                    + " or a list (positional)").build(), name);
        }
        return addressed(template, user, null).toJson();
    }

    /**
     * A media message.
     *
     * @param kind     {@code image}, {@code audio}, {@code voice}, {@code video}, {@code document} or {@code sticker}
     * @param mediaId  null: a stand-in, so that the rest can be checked before anything is uploaded
     * @param caption  for an image, a video or a document; or null
     * @param filename how a document is called; its end says what it is; or null
     * @param quote    the wamid to quote, or null
     */
    public String media(@Header(UpdateHeaders.USER) String user, @Header(UpdateHeaders.GROUP_ID) String group,
            @Variable("whatsappMediaKind") String kind, @Variable("whatsappUploadedId") String mediaId,
            @Header(OutboundHeaders.CAPTION) String caption, @Variable("whatsappMediaFilename") String filename,
            @Header(OutboundHeaders.QUOTE) String quote) {
        String id = mediaId == null ? "0" : mediaId;
        Media media = switch (kind) {
            case "image" -> Media.image(id);
            case "audio" -> Media.audio(id);
            case "voice" -> Media.voice(id);
            case "video" -> Media.video(id);
            case "document" -> Media.document(id);
            case "sticker" -> Media.sticker(id);
            default -> throw refused("There is no kind of media that is called so");
        };
        if (caption != null && !caption.isBlank()) {
            media = media.caption(caption);
        }
        if ("document".equals(kind) && filename != null && !filename.isBlank()) {
            media = media.filename(filename);
        }
        return addressed(quoted(media, quote), user, group).toJson();
    }

    /**
     * Marks a message as read and, with it, every earlier one.
     *
     * @param typing whether it also shows, for up to 25 seconds, that an answer is being written
     */
    public String read(@Header(UpdateHeaders.MESSAGE_ID) String messageId, @Variable("whatsappTyping") boolean typing) {
        Read read = Read.of(messageId);
        return (typing ? read.typing() : read).toJson();
    }

    private static <M extends OutboundMessage<M>> M addressed(M message, String user, String group) {
        if (group != null && !group.isBlank()) {
            return message.toGroup(group);
        }
        if (user == null || user.isBlank()) {
            throw refused("A message needs a user to go to: a phone number with its country code, or a business-scoped user id");
        }
        return message.to(user.strip());
    }

    private static <M extends OutboundMessage<M>> M quoted(M message, String quote) {
        return quote == null || quote.isBlank() ? message : message.quote(quote);
    }

    private static WhatsAppMessageException refused(String why) {
        return new WhatsAppMessageException(ErrorDetails.builder(why).build());
    }
}
