package io.github.waroutes.send;

/** What may be done with a message whose send ended without an answer. */
public enum Verdict {

    /** A status has come: Meta has the message. Sending it again would send it twice. */
    SETTLED_SENT,
    /** A failed status has come: Meta had the message and gave it up. */
    SETTLED_FAILED,
    /** Nothing has been heard yet, and it is too early to think that nothing will. */
    WAITING,
    /** Nothing has been heard for the whole time of waiting. */
    SILENT,
    /** It was given up without knowing. */
    GIVEN_UP,
    /** Nobody has said that the outcome of this message is unknown. */
    NOT_UNKNOWN
}
