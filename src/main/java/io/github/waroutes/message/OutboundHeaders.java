package io.github.waroutes.message;

/** Names of the headers that travel with an outbound message, beside those of the update it answers. */
public final class OutboundHeaders {

    /** Our id of the message; a second message with the same id is dropped. */
    public static final String ID = "WhatsAppOutboundId";
    /** Meta's message {@code type}. */
    public static final String TYPE = "WhatsAppOutboundType";
    /** Direct Send: the message's {@code category}; it needs no open window, and starts a conversation. */
    public static final String CATEGORY = "WhatsAppCategory";
    /** Whom the message goes to, as the caller wrote it in {@code to} or {@code recipient}; of a reply there is none. */
    public static final String TO = "WhatsAppTo";
    /** The caller's own reference, up to 512 characters: the message's state and its delivery report have it, and Meta does not get it. */
    public static final String REFERENCE = "WhatsAppReference";
    /** A wamid to quote; set it before {@code direct:whatsapp-reply}. */
    public static final String QUOTE = "WhatsAppQuote";
    /** {@code true}: the message goes to the Marketing Messages API. */
    public static final String MARKETING = "WhatsAppMarketing";
    /** {@code true}: the message is one of many, and replies go before it. */
    public static final String BULK = "WhatsAppBulk";
    /** The template's name, for {@code direct:whatsapp-send-template}. */
    public static final String TEMPLATE = "WhatsAppTemplate";
    /** The template's language, as in {@code en_US}. */
    public static final String TEMPLATE_LANGUAGE = "WhatsAppTemplateLanguage";
    /** A media file's mime type. */
    public static final String MEDIA_TYPE = "WhatsAppMediaType";
    /** What a media file is sent as: {@code image}, {@code audio}, {@code voice}, {@code video}, {@code document} or {@code sticker}. */
    public static final String MEDIA_KIND = "WhatsAppMediaKind";
    /** A media file's caption. */
    public static final String CAPTION = "WhatsAppCaption";
    /** The name to show for a document. */
    public static final String MEDIA_FILENAME = "WhatsAppMediaFilename";

    private OutboundHeaders() {
    }
}
