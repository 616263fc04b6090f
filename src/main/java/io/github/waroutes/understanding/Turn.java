package io.github.waroutes.understanding;

/**
 * One side's part in a conversation, in the words of the chat-completions API.
 *
 * @param role    {@link #USER} or {@link #ASSISTANT}
 * @param content the text
 */
public record Turn(String role, String content) {

    public static final String USER = "user";
    public static final String ASSISTANT = "assistant";

    public static Turn user(String content) {
        return new Turn(USER, content);
    }

    public static Turn assistant(String content) {
        return new Turn(ASSISTANT, content);
    }

    /** Says the role only: the content is personal. */
    @Override
    public String toString() {
        return "Turn[role=" + role + "]";
    }
}
