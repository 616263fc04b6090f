package io.github.waroutes.understanding;

import java.util.List;

/** What was said last in each conversation, for a model that has no memory of its own. */
public interface ConversationMemory {

    /**
     * The last turns of a conversation, oldest first: user and assistant in turn, starting with the user; empty for a new or forgotten
     * one.
     */
    List<Turn> turns(String conversation);

    /**
     * Adds what a user wrote and what was answered. Several replies are one turn of the assistant, a blank line between them, because
     * many models accept only roles that alternate. For the same reason a text that got no reply is not kept.
     */
    void add(String conversation, String userText, List<String> replies);
}
