package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.ReceivedMessage;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.apache.camel.processor.aggregate.MemoryAggregationRepository;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Order within a conversation, and independence between conversations. */
@WhatsAppSimulator(patience = 30_000)
class ConversationOrderTest {

    @TempDir
    static Path directory;

    private static final EchoUnderstanding UNDERSTANDING = new EchoUnderstanding();
    private static TestGateway gateway;
    private static SimulatedWhatsApp whatsapp;

    @BeforeAll
    static void start(SimulatedWhatsApp simulated) {
        whatsapp = simulated;
        gateway = new TestGateway(directory).with(simulated).with("whatsapp.mark-read", false).with("whatsapp.understanding", "mine").with(UNDERSTANDING).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static void awaitHeard(String text) {
        await().atMost(LIMIT).until(() -> UNDERSTANDING.texts().contains(text));
    }

    private static List<String> answers(SimulatedUser user) {
        return user.inbox().stream().map(ReceivedMessage::text).toList();
    }

    private static List<SimulatedUser> users(int count) {
        return IntStream.range(0, count).mapToObj(i -> whatsapp.newUser("User " + i)).toList();
    }

    @Test
    void twoMessagesOfOneWebhookAreAnsweredInOrderThoughTheFirstIsSlow(SimulatedUser kim) {
        CountDownLatch slow = UNDERSTANDING.hold("one webhook, first");
        kim.sendsTogether("one webhook, first", "one webhook, second");
        awaitHeard("one webhook, first");
        assertThat(UNDERSTANDING.texts()).doesNotContain("one webhook, second");
        assertThat(kim.inbox()).isEmpty();
        slow.countDown();
        kim.receives("re: one webhook, first", "re: one webhook, second");
    }

    @Test
    void withoutAWindowEachTextIsATurnAndNoQueueOfTurnsIsUsed(SimulatedUser kim) {
        kim.sendsTogether("one turn", "another turn");
        kim.receives("re: one turn", "re: another turn");
        assertThat(gateway.camel().getRegistry().lookupByName("whatsappBurstRepository")).isInstanceOf(MemoryAggregationRepository.class);
    }

    @Test
    void aSlowMessageDelaysNoOtherUserOfTheSameWebhook() {
        String kim = "15555555001";
        String sam = "15555555002";
        CountDownLatch slow = UNDERSTANDING.hold("same webhook, first");
        assertThat(gateway.webhook(Payloads.messages(Payloads.text(Payloads.id(), kim, "same webhook, first"),
                Payloads.text(Payloads.id(), kim, "same webhook, second"), Payloads.text(Payloads.id(), sam, "same webhook, other")))
                .statusCode()).isEqualTo(200);
        awaitHeard("same webhook, first");
        whatsapp.user("Sam", sam).receives("re: same webhook, other");
        assertThat(UNDERSTANDING.texts()).doesNotContain("same webhook, second");
        assertThat(whatsapp.user("Kim", kim).inbox()).isEmpty();
        slow.countDown();
        whatsapp.user("Kim", kim).receives("re: same webhook, first", "re: same webhook, second");
    }

    @Test
    void messagesOfTwoWebhooksAreAnsweredInOrderThoughTheFirstIsSlow(SimulatedUser kim, SimulatedUser sam) {
        CountDownLatch slow = UNDERSTANDING.hold("two webhooks, first");
        kim.sends("two webhooks, first");
        kim.sends("two webhooks, second");
        sam.sends("two webhooks, other");
        awaitHeard("two webhooks, first");
        sam.receives("re: two webhooks, other");
        assertThat(UNDERSTANDING.texts()).doesNotContain("two webhooks, second");
        slow.countDown();
        kim.receives("re: two webhooks, first", "re: two webhooks, second");
    }

    @Test
    void slowHopsOfManyUsersDelayNobodyElse(SimulatedUser kim, SimulatedGraph graph) {
        List<CountDownLatch> slow = new ArrayList<>();
        List<SimulatedUser> users = users(20);
        for (int i = 0; i < 20; i++) {
            slow.add(UNDERSTANDING.hold("slow " + i));
            users.get(i).sendsTogether("slow " + i, "waits " + i);
        }
        await().atMost(LIMIT).until(() -> UNDERSTANDING.texts().stream().filter(t -> t.startsWith("slow ")).count() == 20);
        for (int i = 0; i < 5; i++) {
            kim.sends("quick " + i);
        }
        kim.receives("re: quick 0", "re: quick 1", "re: quick 2", "re: quick 3", "re: quick 4");
        assertThat(graph.sent()).hasSize(5);
        slow.forEach(CountDownLatch::countDown);
        await().atMost(LIMIT).until(() -> graph.sent().size() == 45);
        for (int i = 0; i < 20; i++) {
            assertThat(answers(users.get(i))).containsExactly("re: slow " + i, "re: waits " + i);
        }
    }

    @Test
    void manyMessagesOfManyUsersKeepEachUsersOrder(SimulatedGraph graph) {
        List<String> users = IntStream.range(0, 10).mapToObj(u -> "1555555520" + u).toList();
        for (int i = 0; i < 20; i++) {
            ObjectNode[] messages = new ObjectNode[users.size()];
            for (int u = 0; u < messages.length; u++) {
                messages[u] = Payloads.text(Payloads.id(), users.get(u), u + " says " + i);
            }
            assertThat(gateway.webhook(Payloads.messages(messages)).statusCode()).isEqualTo(200);
        }
        await().atMost(LIMIT).until(() -> graph.sent().size() >= 200);
        for (int u = 0; u < users.size(); u++) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                expected.add("re: " + u + " says " + i);
            }
            assertThat(answers(whatsapp.user("User " + u, users.get(u)))).containsExactlyElementsOf(expected);
        }
    }
}
