package io.github.waroutes.error;

/** What else the same error will hit, from the narrowest to the widest. */
public enum ErrorScope {

    /** Nothing else: the fault is in this request. */
    MESSAGE,

    /** Other messages in the same conversation: this business number with this user (or group). */
    PAIR,

    /** Other messages made from the same template or flow. */
    TEMPLATE,

    /** Everything this business phone number sends. */
    NUMBER,

    /** Every number of the same WhatsApp Business Account. */
    ACCOUNT,

    /** Every call the same Meta app makes. */
    APP,

    /** Every call made with the same access token. */
    TOKEN,

    /** Every call to the same server. */
    SERVICE
}
