package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Order within a conversation, and independence between conversations. */
class ConversationOrderTest {

    @TempDir
    static Path directory;

    private static final EchoUnderstanding UNDERSTANDING = new EchoUnderstanding();
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        gateway = new TestGateway(directory).with("whatsapp.understanding", "mine").with(UNDERSTANDING).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void metaAcceptsEverything() {
        Flows.reset(gateway);
    }

    private static void post(ObjectNode... messages) {
        assertThat(gateway.webhook(Payloads.messages(messages)).statusCode()).isEqualTo(200);
    }

    private static ObjectNode text(String user, String text) {
        return Payloads.text(Payloads.id(), user, text);
    }

    private static void awaitHeard(String text) {
        await().atMost(LIMIT).until(() -> UNDERSTANDING.texts().contains(text));
    }

    private static void awaitAnswers(String user, String... answers) {
        await().atMost(LIMIT).until(() -> Sends.textsTo(gateway.meta, user).size() >= answers.length);
        assertThat(Sends.textsTo(gateway.meta, user)).containsExactly(answers);
    }

    @Test
    void twoMessagesOfOneWebhookAreAnsweredInOrderThoughTheFirstIsSlow() {
        String kim = "15555555001";
        String sam = "15555555002";
        CountDownLatch slow = UNDERSTANDING.hold("one webhook, first");
        post(text(kim, "one webhook, first"), text(kim, "one webhook, second"), text(sam, "one webhook, other"));
        awaitHeard("one webhook, first");
        awaitAnswers(sam, "re: one webhook, other");
        assertThat(UNDERSTANDING.texts()).doesNotContain("one webhook, second");
        assertThat(Sends.textsTo(gateway.meta, kim)).isEmpty();
        slow.countDown();
        awaitAnswers(kim, "re: one webhook, first", "re: one webhook, second");
    }

    @Test
    void messagesOfTwoWebhooksAreAnsweredInOrderThoughTheFirstIsSlow() {
        String kim = "15555555003";
        String sam = "15555555004";
        CountDownLatch slow = UNDERSTANDING.hold("two webhooks, first");
        post(text(kim, "two webhooks, first"));
        post(text(kim, "two webhooks, second"));
        post(text(sam, "two webhooks, other"));
        awaitHeard("two webhooks, first");
        awaitAnswers(sam, "re: two webhooks, other");
        assertThat(UNDERSTANDING.texts()).doesNotContain("two webhooks, second");
        slow.countDown();
        awaitAnswers(kim, "re: two webhooks, first", "re: two webhooks, second");
    }

    @Test
    void slowHopsOfManyUsersDelayNobodyElse() {
        List<CountDownLatch> slow = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            slow.add(UNDERSTANDING.hold("slow " + i));
            post(text("1555555510" + (10 + i), "slow " + i), text("1555555510" + (10 + i), "waits " + i));
        }
        await().atMost(LIMIT).until(() -> UNDERSTANDING.texts().stream().filter(t -> t.startsWith("slow ")).count() == 20);
        String kim = "15555555005";
        for (int i = 0; i < 5; i++) {
            post(text(kim, "quick " + i));
        }
        awaitAnswers(kim, "re: quick 0", "re: quick 1", "re: quick 2", "re: quick 3", "re: quick 4");
        assertThat(Sends.texts(gateway.meta)).hasSize(5);
        slow.forEach(CountDownLatch::countDown);
        await().atMost(LIMIT).until(() -> Sends.texts(gateway.meta).size() == 45);
        for (int i = 0; i < 20; i++) {
            assertThat(Sends.textsTo(gateway.meta, "1555555510" + (10 + i))).containsExactly("re: slow " + i, "re: waits " + i);
        }
    }

    @Test
    void manyMessagesOfManyUsersKeepEachUsersOrder() {
        for (int i = 0; i < 20; i++) {
            ObjectNode[] messages = new ObjectNode[10];
            for (int u = 0; u < messages.length; u++) {
                messages[u] = text("1555555520" + u, u + " says " + i);
            }
            post(messages);
        }
        await().atMost(LIMIT).until(() -> Sends.texts(gateway.meta).size() >= 200);
        for (int u = 0; u < 10; u++) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                expected.add("re: " + u + " says " + i);
            }
            assertThat(Sends.textsTo(gateway.meta, "1555555520" + u)).containsExactlyElementsOf(expected);
        }
    }
}
