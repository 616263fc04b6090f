package io.github.waroutes.send;

/** Whether a user's customer service window with a business number is open. */
public enum WindowState {
    OPEN,
    CLOSED,
    /** We have not seen the user write, or no longer know. */
    UNKNOWN
}
