package io.github.waroutes.error;

/** What a sender must do after an error. */
public enum RetryClass {

    /** Back off and lower the rate, then send the same request again: it was refused for its pace, not its content. */
    THROTTLE,

    /** Send the same request again after a backoff, a bounded number of times. */
    TRANSIENT,

    /**
     * Send the same request again only after a long wait (minutes to days, see
     * {@link WhatsAppException#getMinimumWait()}); a quick retry makes matters worse. It must not hold a thread meanwhile.
     */
    WAIT_LONG,

    /** Never send the same request again: it, or its recipient, has to change first. */
    NEVER,

    /** Stop sending to what the {@link ErrorScope} names and call a person: it stays broken until someone acts. */
    ALARM
}
