package io.github.waroutes.update;

/**
 * Names of the headers that travel with an update, and with a reply to it. Every one is a valid JMS property name.
 */
public final class UpdateHeaders {

    /** {@code message}, {@code status}, {@code error} or {@code change}. */
    public static final String KIND = "WhatsAppUpdateKind";
    /** The same for every delivery of one update. */
    public static final String ID = "WhatsAppUpdateId";
    /**
     * Meta's message {@code type}, as in {@code text}; of a status {@code status}, or its {@code type} if that is not about delivery, as in
     * {@code payment}; of a change its {@code field}.
     */
    public static final String TYPE = "WhatsAppMessageType";
    /** The wamid: of the message, or of the message that the status is about. */
    public static final String MESSAGE_ID = "WhatsAppMessageId";
    /** The business number, by Meta's id. */
    public static final String PHONE_NUMBER_ID = "WhatsAppPhoneNumberId";
    /** The WhatsApp Business Account. */
    public static final String ACCOUNT_ID = "WhatsAppAccountId";
    /** The person: business-scoped user id if there is one, else the phone number without {@code +}. */
    public static final String USER = "WhatsAppUser";
    /** The id that the person had until this message, one of the type {@code system}; absent in all others. */
    public static final String PREVIOUS_USER = "WhatsAppPreviousUser";
    /** The group that a message was written in; absent outside groups. */
    public static final String GROUP_ID = "WhatsAppGroupId";
    /** Number and person (or group): what order is kept within. */
    public static final String CONVERSATION = "WhatsAppConversation";
    /** Seconds since 1970, a Long. */
    public static final String TIMESTAMP = "WhatsAppTimestamp";
    /** The name the person gave themselves. */
    public static final String PROFILE_NAME = "WhatsAppProfileName";
    /** The media id, for messages that carry media. */
    public static final String MEDIA_ID = "WhatsAppMediaId";
    /** The wamid of the message that this one answers or quotes. */
    public static final String REPLY_TO = "WhatsAppReplyTo";

    /**
     * 32 hexadecimal digits, the {@link TraceId} that the log events have; absent: it is made of the update's id, or of the message's.
     * A message to be sent may be given one.
     */
    public static final String TRACE_ID = "WhatsAppTraceId";

    /** How many texts the update joins, if it is a burst; absent otherwise. */
    public static final String BURST = "WhatsAppBurst";

    private UpdateHeaders() {
    }
}
