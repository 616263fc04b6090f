package io.github.waroutes.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What waits stands in nobody's way: queues that rest, long lanes, split queues, with a real embedded broker. */
class WaitingQueueTest {

    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final long LONG = 600_000;

    @TempDir
    Path directory;

    private CamelContext context;
    private QueueComponent component;
    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void stop() {
        if (context != null) {
            context.stop();
        }
    }

    private void start(String split, int workers, Processor handler) throws Exception {
        context = new DefaultCamelContext();
        context.getShutdownStrategy().setTimeout(1);
        component = new QueueComponent();
        component.setUrl("vm://" + ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE));
        component.setDirectory(directory.toString());
        component.setSplit(split);
        context.addComponent("whatsapp-queue", component);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                if (handler != null) {
                    from("whatsapp-queue:test?failureDelay=50&bytesInHand=65536&workers=" + workers).process(handler);
                }
            }
        });
        context.start();
    }

    private void restart(String split, int workers, Processor handler) throws Exception {
        context.stop();
        start(split, workers, handler);
    }

    private void store(String conversation, String number, int from, int to) throws Exception {
        List<StoredMessage> all = new ArrayList<>();
        for (int i = from; i < to; i++) {
            String body = conversation + ' ' + i;
            all.add(new StoredMessage(body, conversation, Map.of("WhatsAppPhoneNumberId", number), body.getBytes(StandardCharsets.UTF_8)));
        }
        component.store("test", all).get(20, TimeUnit.SECONDS);
    }

    private void collect(Exchange exchange) {
        seen.add(exchange.getIn().getBody(String.class));
    }

    private static List<String> numbered(String conversation, int from, int to) {
        List<String> all = new ArrayList<>();
        for (int i = from; i < to; i++) {
            all.add(conversation + ' ' + i);
        }
        return all;
    }

    private List<String> seenOf(String conversation) {
        synchronized (seen) {
            return seen.stream().filter(body -> body.startsWith(conversation + ' ')).toList();
        }
    }

    @Test
    void aFloodOfOneUserDelaysNoOther() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        start("test=1", 4, exchange -> {
            if (exchange.getIn().getBody(String.class).startsWith("flood ")) {
                release.await(40, TimeUnit.SECONDS);
            }
            collect(exchange);
        });
        store("flood", "1", 0, 2_000);
        for (int user = 0; user < 20; user++) {
            store("user" + user, "1", 0, 1);
        }
        await().atMost(LIMIT).until(() -> seen.size() == 20);
        // what is done is acknowledged a moment later
        await().atMost(LIMIT).until(() -> component.messageCount("test") == 2_000);
        release.countDown();
        store("flood", "1", 2_000, 2_100);
        await().atMost(LIMIT).until(() -> seen.size() == 2_120);
        assertThat(seenOf("flood")).isEqualTo(numbered("flood", 0, 2_100));
        await().atMost(LIMIT).until(() -> component.messageCount("test") == 0);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(component.physicalQueues("test")).containsExactly("test.part.0-of-1"));
    }

    @Test
    void aFloodThatIsStoppedInTheMiddleGoesOnInOrder() throws Exception {
        AtomicInteger allowed = new AtomicInteger(30);
        Processor handler = exchange -> {
            if (exchange.getIn().getBody(String.class).startsWith("flood ") && allowed.getAndDecrement() <= 0) {
                exchange.setProperty(QueueConstants.AGAIN_AFTER, LONG);
                return;
            }
            collect(exchange);
        };
        start("test=1", 4, handler);
        store("flood", "1", 0, 1_500);
        await().atMost(LIMIT).until(() -> seen.size() == 30);
        restart("test=1", 4, null);
        store("flood", "1", 1_500, 1_800);
        allowed.set(40);
        restart("test=1", 4, handler);
        await().atMost(LIMIT).until(() -> seen.size() == 70);
        allowed.set(Integer.MAX_VALUE);
        restart("test=1", 4, handler);
        store("other", "1", 0, 5);
        await().atMost(LIMIT).until(() -> seen.size() >= 1_805);
        assertThat(seenOf("flood")).isEqualTo(numbered("flood", 0, 1_800));
    }

    @Test
    void aQueueThatRestsHoldsNothingAndOneMessageIsTriedAlone() throws Exception {
        AtomicBoolean stopped = new AtomicBoolean(true);
        AtomicInteger tries = new AtomicInteger();
        AtomicInteger others = new AtomicInteger();
        start("test=WhatsAppPhoneNumberId", 8, exchange -> {
            if ("stopped".equals(exchange.getIn().getHeader("WhatsAppPhoneNumberId")) && stopped.get()) {
                tries.incrementAndGet();
                exchange.setProperty(QueueConstants.REST, 1_000L);
                return;
            }
            if (exchange.getIn().getBody(String.class).startsWith("busy")) {
                others.incrementAndGet();
                return;
            }
            collect(exchange);
        });
        for (int user = 0; user < 50; user++) {
            store("c" + user, "stopped", 0, 4);
        }
        await().atMost(LIMIT).until(() -> tries.get() > 0);
        int before = tries.get();
        for (int user = 0; user < 50; user++) {
            store("busy" + user, "works", 0, 4);
        }
        await().atMost(LIMIT).until(() -> others.get() == 200);
        assertThat(component.look("test")).filteredOn(depth -> "stopped".equals(depth.value())).singleElement()
                .satisfies(depth -> assertThat(depth.messages()).isEqualTo(200))
                .satisfies(depth -> assertThat(depth.oldest()).as("a queue that rests has its ages at the broker").isNotNull());
        await().atMost(LIMIT).until(() -> tries.get() >= before + 3);
        // eight workers begin before the first of them says that the queue rests; after that it is one at a time
        assertThat(tries.get() - before).isLessThanOrEqualTo(4);
        stopped.set(false);
        await().atMost(LIMIT).until(() -> seen.size() == 200);
        for (int user = 0; user < 50; user++) {
            assertThat(seenOf("c" + user)).isEqualTo(numbered("c" + user, 0, 4));
        }
    }

    @Test
    void whatAnEarlierVersionStoredIsTakenOverInOrder() throws Exception {
        start("", 1, null);
        for (int i = 0; i < 40; i++) {
            store("a", "1", i, i + 1);
            store("b", "2", i, i + 1);
        }
        restart("test=4", 8, null);
        assertThat(component.messageCount("test")).isEqualTo(80);
        restart("test=7", 8, this::collect);
        store("a", "1", 40, 50);
        await().atMost(LIMIT).until(() -> seen.size() == 90);
        assertThat(seenOf("a")).isEqualTo(numbered("a", 0, 50));
        assertThat(seenOf("b")).isEqualTo(numbered("b", 0, 40));
        await().atMost(LIMIT).until(() -> component.messageCount("test") == 0);
    }

    @Test
    void whoeverAsksToHearOfTheAcknowledgementHearsOfItOnce() throws Exception {
        Map<String, Integer> heard = new ConcurrentHashMap<>();
        start("test=2", 2, exchange -> {
            String body = exchange.getIn().getBody(String.class);
            exchange.setProperty(QueueConstants.ON_ACKNOWLEDGED, (Runnable) () -> heard.merge(body, 1, Integer::sum));
        });
        store("a", "1", 0, 10);
        await().atMost(LIMIT).until(() -> heard.size() == 10);
        assertThat(heard.values()).containsOnly(1);
        assertThat(component.messageCount("test")).isZero();
    }
}
