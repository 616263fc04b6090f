package io.github.waroutes.understanding;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

import io.github.waroutes.state.RecentValues;
import org.apache.camel.Body;
import org.apache.camel.Variable;

/**
 * Keeps the last turns of conversations in this process; a restart forgets them. Bounded in turns, conversations and time, and safe
 * for concurrent use.
 */
public final class LocalConversationMemory implements ConversationMemory {

    private static final int TURNS_OF_AN_EXCHANGE = 2;

    private final int turns;
    private final RecentValues<List<Turn>> conversations;

    /**
     * @param turns            how many turns to keep of a conversation, the user's and the assistant's counted each; only whole
     *                         exchanges are kept, so an odd number counts as the even one below; 0 remembers nothing
     * @param idle             how long an untouched conversation is remembered
     * @param maxConversations how many conversations are remembered; beyond it those used longest ago are forgotten
     */
    public LocalConversationMemory(int turns, Duration idle, int maxConversations) {
        this(turns, idle, maxConversations, System::nanoTime);
    }

    /** The same, for a configuration that knows numbers only: {@code idleMinutes} in minutes. */
    public LocalConversationMemory(int turns, int idleMinutes, int maxConversations) {
        this(turns, Duration.ofMinutes(idleMinutes), maxConversations);
    }

    LocalConversationMemory(int turns, Duration idle, int maxConversations, LongSupplier nanos) {
        if (turns < 0) {
            throw new IllegalArgumentException("The number of turns to remember is " + turns + "; give 0 or more");
        }
        if (idle == null || idle.isNegative() || idle.isZero()) {
            throw new IllegalArgumentException("The time a conversation is remembered is " + idle + "; give a time such as PT30M");
        }
        if (maxConversations < 1) {
            throw new IllegalArgumentException("The number of conversations to remember is " + maxConversations + "; give 1 or more");
        }
        this.turns = turns - turns % TURNS_OF_AN_EXCHANGE;
        this.conversations = new RecentValues<>(maxConversations, idle, nanos);
    }

    @Override
    public List<Turn> turns(String conversation) {
        List<Turn> known = conversations.get(named(conversation));
        return known == null ? List.of() : known;
    }

    @Override
    public void add(@Variable("whatsappConversation") String conversation, @Variable("whatsappSaid") String userText,
            @Body List<String> replies) {
        if (turns == 0 || userText == null || userText.isBlank() || replies.isEmpty()) {
            return;
        }
        List<Turn> exchange = List.of(Turn.user(userText), Turn.assistant(String.join("\n\n", replies)));
        synchronized (conversations) {
            List<Turn> before = conversations.get(named(conversation));
            conversations.put(conversation, before == null ? exchange : lastOf(before, exchange));
        }
    }

    private static String named(String conversation) {
        if (conversation == null) {
            throw new IllegalArgumentException("There is no conversation to remember; set the WhatsAppConversation header");
        }
        return conversation;
    }

    private List<Turn> lastOf(List<Turn> before, List<Turn> exchange) {
        List<Turn> all = new ArrayList<>(before);
        all.addAll(exchange);
        return List.copyOf(all.subList(Math.max(0, all.size() - turns), all.size()));
    }
}
