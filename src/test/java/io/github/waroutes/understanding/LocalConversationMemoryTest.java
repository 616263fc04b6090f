package io.github.waroutes.understanding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

class LocalConversationMemoryTest {

    private static final Duration IDLE = Duration.ofMinutes(30);

    private final AtomicLong now = new AtomicLong();

    private LocalConversationMemory memory(int turns, int maxConversations) {
        return new LocalConversationMemory(turns, IDLE, maxConversations, now::get);
    }

    @Test
    void remembersBothSidesOldestFirst() {
        ConversationMemory memory = memory(4, 10);
        memory.add("a", "hi", List.of("hello", "how can I help"));
        memory.add("a", "bye", List.of("see you"));

        assertThat(memory.turns("a")).containsExactly(Turn.user("hi"), Turn.assistant("hello\n\nhow can I help"),
                Turn.user("bye"), Turn.assistant("see you"));
        assertThat(memory.turns("b")).isEmpty();
    }

    @Test
    void keepsTheLastTurnsAndStartsWithTheUser() {
        ConversationMemory memory = memory(5, 10);
        for (int i = 1; i <= 4; i++) {
            memory.add("a", "question " + i, List.of("answer " + i));
        }

        assertThat(memory.turns("a")).containsExactly(Turn.user("question 3"), Turn.assistant("answer 3"),
                Turn.user("question 4"), Turn.assistant("answer 4"));
    }

    @Test
    void whatGotNoReplyIsNotKept() {
        ConversationMemory memory = memory(4, 10);
        memory.add("a", "hi", List.of());
        memory.add("a", " ", List.of("hello"));
        memory.add("a", null, List.of("hello"));

        assertThat(memory.turns("a")).isEmpty();
    }

    @Test
    void forgetsAConversationThatWasIdle() {
        ConversationMemory memory = memory(4, 10);
        memory.add("a", "hi", List.of("hello"));

        now.addAndGet(IDLE.minusSeconds(1).toNanos());
        assertThat(memory.turns("a")).hasSize(2);
        now.addAndGet(IDLE.toNanos());
        assertThat(memory.turns("a")).isEmpty();
    }

    @Test
    void holdsNoMoreConversationsThanItMay() {
        ConversationMemory memory = memory(2, 10);
        IntStream.range(0, 200).forEach(i -> memory.add("conversation " + i, "hi", List.of("hello")));

        assertThat(IntStream.range(0, 200).filter(i -> !memory.turns("conversation " + i).isEmpty()).count()).isBetween(1L, 10L);
    }

    @Test
    void theNewestAreRememberedHoweverOftenOthersSpoke() {
        ConversationMemory memory = memory(2, 10);
        for (int i = 0; i < 500; i++) {
            memory.add("conversation " + i % 10, "hi", List.of("hello"));
        }
        memory.add("another", "hi", List.of("hello"));
        assertThat(memory.turns("another")).hasSize(2);
    }

    @Test
    void withNoTurnsItRemembersNothing() {
        ConversationMemory memory = memory(0, 10);
        memory.add("a", "hi", List.of("hello"));

        assertThat(memory.turns("a")).isEmpty();
    }

    @Test
    void concurrentExchangesStayWholeAndNoneIsLost() throws Exception {
        ConversationMemory memory = memory(1600, 10);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Void>> work = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                String name = "thread " + thread;
                work.add(() -> {
                    for (int i = 0; i < 100; i++) {
                        memory.add("a", name, List.of("to " + name));
                    }
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(work, 30, TimeUnit.SECONDS)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }

        List<Turn> turns = memory.turns("a");
        assertThat(turns).hasSize(1600);
        assertThat(IntStream.range(0, 800)).allMatch(i -> turns.get(2 * i + 1).content().equals("to " + turns.get(2 * i).content()));
    }

    @Test
    void wrongBoundsAreRefused() {
        assertThatThrownBy(() -> new LocalConversationMemory(-1, IDLE, 1)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The number of turns to remember is -1; give 0 or more");
        assertThatThrownBy(() -> new LocalConversationMemory(2, Duration.ZERO, 1)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The time a conversation is remembered is PT0S; give a time such as PT30M");
        assertThatThrownBy(() -> new LocalConversationMemory(2, IDLE, 0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The number of conversations to remember is 0; give 1 or more");
    }

    @Test
    void aMissingConversationIsRefused() {
        assertThatThrownBy(() -> memory(2, 1).turns(null)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no conversation to remember; set the WhatsAppConversation header");
    }

    @Test
    void aTurnDoesNotPrintItsContent() {
        assertThat(Turn.user("my secret")).hasToString("Turn[role=user]");
    }
}
