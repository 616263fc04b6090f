package io.github.waroutes.send;

/** What is known of a message whose send ended without an answer. */
public enum Verdict {

    /** A status arrived: Meta accepted the message, and a resend would be a duplicate. */
    SETTLED_SENT,
    /** A failed status arrived: Meta accepted the message, and could not deliver it. */
    SETTLED_FAILED,
    /** No status has arrived yet, and the waiting time is not over. */
    WAITING,
    /** No status has arrived within the waiting time. */
    SILENT,
    /** It was given up while its outcome was unknown. */
    GIVEN_UP,
    /** No attempt is recorded. */
    NOT_UNKNOWN
}
