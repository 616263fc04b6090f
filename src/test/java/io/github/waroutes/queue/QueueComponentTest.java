package io.github.waroutes.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queue as a route sees it, with a real embedded broker. */
class QueueComponentTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private CamelContext context;
    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void stop() {
        if (context != null) {
            context.stop();
        }
    }

    private QueueComponent start(int bytesInHand, Processor handler) throws Exception {
        return start(64L << 20, bytesInHand, handler);
    }

    private QueueComponent start(long maxBytes, int bytesInHand, Processor handler) throws Exception {
        context = new DefaultCamelContext();
        context.getShutdownStrategy().setTimeout(5);
        QueueComponent component = new QueueComponent();
        component.setUrl("vm://" + ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE));
        component.setDirectory(directory.toString());
        component.setMaxBytes(maxBytes);
        context.addComponent("whatsapp-queue", component);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in").to("whatsapp-queue:test");
                if (handler != null) {
                    from("whatsapp-queue:test?failureDelay=50&bytesInHand=" + bytesInHand).routeId("handle")
                            .process(handler);
                }
            }
        });
        context.start();
        return component;
    }

    private void restart(Processor handler) throws Exception {
        context.stop();
        start(1 << 20, handler);
    }

    private void send(String id, String conversation, String body) {
        Map<String, Object> headers = new java.util.HashMap<>();
        headers.put("WhatsAppUpdateId", id);
        headers.put("WhatsAppConversation", conversation);
        headers.put("CamelHttpUri", "http://elsewhere.example");
        headers.put("Other", "x");
        context.createProducerTemplate().sendBodyAndHeaders("direct:in", body, headers);
    }

    private void collect(Exchange exchange) {
        seen.add(exchange.getIn().getBody(String.class));
    }

    @Test
    void keepsOrderWithinAConversationWhileOthersRunBesideIt() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        start(1 << 20, exchange -> {
            if ("slow 0".equals(exchange.getIn().getBody(String.class))) {
                release.await(20, TimeUnit.SECONDS);
            }
            collect(exchange);
        });
        for (int i = 0; i < 5; i++) {
            send("s" + i, "slow", "slow " + i);
            send("q" + i, "quick", "quick " + i);
        }
        await().atMost(LIMIT).until(() -> seen.size() == 5);
        assertThat(seen).containsExactly("quick 0", "quick 1", "quick 2", "quick 3", "quick 4");
        release.countDown();
        await().atMost(LIMIT).until(() -> seen.size() == 10);
        assertThat(seen.subList(5, 10)).containsExactly("slow 0", "slow 1", "slow 2", "slow 3", "slow 4");
    }

    @Test
    void dropsASecondMessageWithTheSameId() throws Exception {
        start(1 << 20, this::collect);
        send("same", "c", "first");
        send("same", "c", "second");
        send("other", "c", "third");
        await().atMost(LIMIT).until(() -> seen.contains("third"));
        assertThat(seen).containsExactly("first", "third");
        assertThat(context.getComponent("whatsapp-queue", QueueComponent.class).repeats("test")).isEqualTo(1);
    }

    @Test
    void tellsHowMuchItHoldsSinceWhenAndWhatIsInFlight() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        QueueComponent component = start(1 << 20, exchange -> release.await(20, TimeUnit.SECONDS));
        Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        send("a", "one", "first");
        send("b", "one", "second");
        send("c", "other", "third");
        await().atMost(LIMIT).until(() -> component.inFlight("test").equals(new InFlight(2, 1)));
        QueueDepth held = component.look("test").get(0);
        assertThat(held.messages()).isEqualTo(3);
        assertThat(held.oldest()).isBetween(before, Instant.now());
        release.countDown();
        await().atMost(LIMIT).until(() -> component.look("test").get(0).messages() == 0);
        assertThat(component.inFlight("test")).isEqualTo(new InFlight(0, 0));
    }

    @Test
    void tellsTheAgeOfWhatNobodyReads() throws Exception {
        QueueComponent component = start(1 << 20, null);
        send("a", "one", "first");
        // the broker counts a message a moment before it shows it
        Instant first = await().atMost(LIMIT).until(() -> component.look("test").get(0).oldest(), Objects::nonNull);
        await().atMost(LIMIT).until(() -> System.currentTimeMillis() > first.toEpochMilli());
        send("b", "one", "second");
        assertThat(component.look("test")).containsExactly(new QueueDepth(null, 2, first));
        assertThat(component.shelf().count("test")).isEqualTo(2);
    }

    @Test
    void knowsARepeatAfterARestartAndInsideABatch() throws Exception {
        start(1 << 20, null);
        send("a", "c", "first");
        restart(null);
        QueueComponent component = context.getComponent("whatsapp-queue", QueueComponent.class);
        component.store("test", List.of(message("b", "second"), message("a", "again"), message("b", "again"),
                message("d", "third"))).get(10, TimeUnit.SECONDS);
        component.store("test", List.of(message("b", "again"), message("e", "fourth"))).get(10, TimeUnit.SECONDS);
        restart(this::collect);
        await().atMost(LIMIT).until(() -> seen.contains("fourth"));
        assertThat(seen).containsExactly("first", "second", "third", "fourth");
    }

    private static StoredMessage message(String id, String body) {
        return new StoredMessage(id, "c", Map.of(), body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsNotDoneAtAStopComesAgainInOrderAfterTheStart() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        start(1 << 20, exchange -> never.await(20, TimeUnit.SECONDS));
        for (int i = 0; i < 20; i++) {
            send("m" + i, "c", "m" + i);
        }
        context.getShutdownStrategy().setTimeout(1);
        restart(this::collect);
        await().atMost(LIMIT).until(() -> seen.size() >= 20);
        assertThat(seen).containsExactly("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "m10", "m11", "m12",
                "m13", "m14", "m15", "m16", "m17", "m18", "m19");
    }

    @Test
    void aFailedExchangeIsTriedAgainBeforeTheNextOfItsConversation() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        start(1 << 20, exchange -> {
            if ("first".equals(exchange.getIn().getBody(String.class)) && tries.incrementAndGet() < 3) {
                throw new IllegalStateException("not yet");
            }
            collect(exchange);
        });
        send("1", "c", "first");
        send("2", "c", "second");
        await().atMost(LIMIT).until(() -> seen.size() == 2);
        assertThat(seen).containsExactly("first", "second");
        assertThat(tries).hasValue(3);
    }

    @Test
    void moreThanAThousandConversationsMayWaitAtOnceAndAllAreDone() throws Exception {
        int conversations = 1_500;
        AtomicInteger waiting = new AtomicInteger();
        Map<String, Integer> done = new ConcurrentHashMap<>();
        QueueComponent component = start(4 << 20, exchange -> {
            if (!memo(exchange).containsKey("waited")) {
                memo(exchange).put("waited", true);
                waiting.incrementAndGet();
            }
            if (waiting.get() < conversations) {
                exchange.setProperty(QueueConstants.AGAIN_AFTER, 3_000L);
            } else {
                done.merge(exchange.getIn().getBody(String.class), 1, Integer::sum);
            }
        });
        List<QueueMessage> many = new ArrayList<>();
        for (int i = 0; i < conversations; i++) {
            many.add(new StoredMessage("w" + i, "c" + i, Map.of(), ("w" + i).getBytes(StandardCharsets.UTF_8)));
        }
        component.store("test", many).get(20, TimeUnit.SECONDS);
        await().atMost(LIMIT).until(() -> done.size() == conversations);
        assertThat(done.values()).containsOnly(1);
        await().atMost(LIMIT).until(() -> component.messageCount("test") == 0);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> memo(Exchange exchange) {
        return exchange.getProperty(QueueConstants.MEMO, Map.class);
    }

    @Test
    void aMessageLeavesTheQueueOnlyWhenItsExchangeIsDone() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        QueueComponent component = start(1 << 20, exchange -> release.await(20, TimeUnit.SECONDS));
        send("1", "c", "first");
        await().atMost(LIMIT).until(() -> component.messageCount("test") == 1);
        release.countDown();
        await().atMost(LIMIT).until(() -> component.messageCount("test") == 0);
    }

    @Test
    void aQueueIsBehindAMomentUntilWhatWasStoredBeforeItIsDone() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        QueueComponent component = start(1 << 20, exchange ->
                ("first".equals(exchange.getIn().getBody(String.class)) ? first : second).await(20, TimeUnit.SECONDS));
        assertThat(component.isBehind("test", Instant.now())).as("nothing was ever stored").isFalse();
        send("1", "c", "first");
        Instant between = Instant.now();
        await().atMost(LIMIT).until(() -> Instant.now().isAfter(between.plusMillis(5)));
        send("2", "d", "second");
        assertThat(component.isBehind("test", between)).isTrue();
        assertThat(component.isBehind("test", between.minusSeconds(60))).as("what is there is younger").isFalse();
        first.countDown();
        await().atMost(LIMIT).until(() -> !component.isBehind("test", between));
        assertThat(component.isBehind("test", Instant.now())).as("the second still waits").isTrue();
        second.countDown();
        await().atMost(LIMIT).until(() -> !component.isBehind("test", Instant.now()));
    }

    @Test
    void aQueueThatNobodyReadsIsBehind() throws Exception {
        QueueComponent component = start(1 << 20, null);
        send("1", "c", "first");
        // the broker counts a message a moment after it has stored it
        await().atMost(LIMIT).until(() -> component.isBehind("test", Instant.now().minusSeconds(60)));
    }

    @Test
    void aSuspendedConsumerBeginsNothingUntilItIsResumed() throws Exception {
        start(1 << 20, this::collect);
        context.getRouteController().suspendRoute("handle");
        send("1", "c", "first");
        send("2", "d", "second");
        await().during(Duration.ofMillis(300)).atMost(LIMIT).until(seen::isEmpty);
        context.getRouteController().resumeRoute("handle");
        await().atMost(LIMIT).until(() -> seen.size() == 2);
    }

    @Test
    void carriesLargeBodiesAndOnlyOurHeaders() throws Exception {
        byte[] large = new byte[3 << 20];
        new Random(7).nextBytes(large);
        List<Exchange> got = Collections.synchronizedList(new ArrayList<>());
        start(1 << 20, exchange -> got.add(exchange.copy()));
        Map<String, Object> headers = Map.of("WhatsAppUpdateId", "l", "WhatsAppConversation", "c",
                "WhatsAppTimestamp", 1749416383L, "CamelHttpUri", "http://elsewhere.example", "Other", "x");
        context.createProducerTemplate().sendBodyAndHeaders("direct:in", large, headers);
        await().atMost(LIMIT).until(() -> got.size() == 1);
        assertThat(got.get(0).getIn().getBody(byte[].class)).isEqualTo(large);
        assertThat(got.get(0).getIn().getHeaders()).containsOnlyKeys("WhatsAppUpdateId", "WhatsAppConversation",
                "WhatsAppTimestamp").containsEntry("WhatsAppTimestamp", 1749416383L);
        assertThat(got.get(0).getProperty(QueueConstants.MESSAGE_ID, Long.class)).isPositive();
    }

    @Test
    void aFullQueueRefusesAndTakesAgainWhenThereIsRoom() throws Exception {
        QueueComponent component = start(2L << 20, 1 << 20, null);
        byte[] body = new byte[60_000];
        int stored = 0;
        CamelExecutionException refused = null;
        while (refused == null && stored < 1000) {
            try {
                context.createProducerTemplate().sendBodyAndHeader("direct:in", body, "WhatsAppUpdateId", "f" + stored);
                stored++;
            } catch (CamelExecutionException e) {
                refused = e;
            }
        }
        assertThat(refused).isNotNull();
        assertThat(refused.getCause()).isInstanceOf(QueueUnavailableException.class).hasMessage("The queue is full");
        assertThat(stored).isBetween(10, 200);
        assertThat(component.messageCount("test")).isEqualTo(stored);
        AtomicInteger taken = new AtomicInteger();
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("whatsapp-queue:test").process(e -> taken.incrementAndGet());
            }
        });
        int all = stored;
        await().atMost(LIMIT).until(() -> taken.get() == all);
        // the broker gives the room back a moment after the last message is gone
        await().atMost(LIMIT).ignoreExceptions().untilAsserted(() -> send("after", "c", "fits again"));
        await().atMost(LIMIT).until(() -> taken.get() == all + 1);
    }

    @Test
    void whoeverDoesNotWaitForTheStoreIsToldThatItMayHaveBeenTaken() throws Exception {
        QueueComponent component = start(1 << 20, null);
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> send("1", "c", "first")).hasCauseInstanceOf(QueueOutcomeUnknownException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        await().atMost(LIMIT).until(() -> component.messageCount("test") == 1);
    }

    @Test
    void browsesWithoutTaking() throws Exception {
        QueueComponent component = start(1 << 20, null);
        send("1", "c", "first");
        send("2", "c", "second");
        assertThat(component.browse("test", 10)).extracting(m -> new String(m.queueBody(), StandardCharsets.UTF_8))
                .containsExactly("first", "second");
        assertThat(component.browse("test", 1)).hasSize(1);
        assertThat(component.messageCount("test")).isEqualTo(2);
    }

    @Test
    void browsesAllOfAQueueThatIsLargerThanTheClientsWindow() throws Exception {
        QueueComponent component = start(1 << 20, null);
        List<QueueMessage> many = new ArrayList<>();
        for (int i = 0; i < 4_000; i++) {
            many.add(new StoredMessage("m" + i, null, Map.of(), new byte[1_000]));
        }
        component.store("test", many).get(20, TimeUnit.SECONDS);
        for (int i = 0; i < 10; i++) {
            assertThat(component.browse("test", 10_000)).hasSize(4_000);
        }
    }

    @Test
    void aDirectoryInUseStopsTheStartWithAReadableLine() throws Exception {
        start(1 << 20, null);
        CamelContext first = context;
        try {
            assertThatThrownBy(() -> start(1 << 20, null)).rootCause().hasMessageContaining("is in use by another process");
        } finally {
            first.stop();
        }
    }

    @Test
    void aBrokersIdInUseInThisJvmStopsTheStartWithAReadableLine() throws Exception {
        int id = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
        try (DefaultCamelContext first = contextWith(id, "first"); DefaultCamelContext second = contextWith(id, "second")) {
            first.start();
            assertThatThrownBy(second::start).rootCause()
                    .hasMessageContaining("whatsapp.broker.url vm://" + id + " is in use by another CamelContext in this JVM.");
        }
    }

    private DefaultCamelContext contextWith(int id, String name) {
        QueueComponent component = new QueueComponent();
        component.setUrl("vm://" + id);
        component.setDirectory(directory.resolve(name).toString());
        DefaultCamelContext made = new DefaultCamelContext();
        made.addComponent("whatsapp-queue", component);
        return made;
    }

    @Test
    void anExternalBrokerThatDoesNotAnswerStopsTheStartWithAReadableLine() throws Exception {
        try (DefaultCamelContext other = new DefaultCamelContext()) {
            QueueComponent component = new QueueComponent();
            component.setUrl("tcp://127.0.0.1:1");
            other.addComponent("whatsapp-queue", component);
            assertThatThrownBy(() -> {
                other.start();
                other.getEndpoint("whatsapp-queue:x");
            }).hasStackTraceContaining("whatsapp.broker.url tcp://127.0.0.1:1 does not answer");
        }
    }
}
