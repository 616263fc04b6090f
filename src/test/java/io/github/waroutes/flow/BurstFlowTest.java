package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.TestRedis;
import io.github.waroutes.queue.StoredMessage;
import io.github.waroutes.state.RedisClients;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.DefaultExchangeHolder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.redisson.api.RMap;
import org.redisson.api.RedissonClient;
import org.redisson.codec.SerializationCodec;

/** Several texts of one user as one turn, with a real Redis. */
class BurstFlowTest {

    private static final int WINDOW = 1500;
    private static final String RASA = "/webhooks/rest/webhook";
    private static final Duration START = Duration.ofSeconds(60);

    @TempDir
    static Path directory;

    /** For the gateway that the tests share, and for those that a test starts: two on one Redis would be two nodes. */
    @RegisterExtension
    static final TestRedis shared = new TestRedis();
    @RegisterExtension
    static final TestRedis other = new TestRedis();

    private static TestGateway gateway;
    private static EchoUnderstanding understanding;

    @BeforeAll
    static void start() {
        understanding = new EchoUnderstanding();
        gateway = bursting(shared, "shared", WINDOW).with("whatsapp.understanding", "mine").with(understanding)
                .with("whatsapp.on.audio", "direct:mine-audio").with("whatsapp.burst.size", 4)
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:mine-audio").setBody(constant("heard")).to("direct:whatsapp-reply");
                    }
                }).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void reset() {
        Flows.reset(gateway);
    }

    private static TestGateway bursting(TestRedis redis, String name, int window) {
        return Flows.gateway(directory.resolve(name)).with("whatsapp.redis.url", redis.url()).with("whatsapp.burst.window", window);
    }

    private static ObjectNode text(String user, String text) {
        return Payloads.text(Payloads.id(), user, text);
    }

    private static void deliver(TestGateway gateway, ObjectNode... messages) {
        assertThat(gateway.webhook(Payloads.messages(messages)).statusCode()).isEqualTo(200);
    }

    /** Open ones, and ended ones that are not in the queue. */
    private static int bursts(TestRedis redis) {
        return redis.client().getMap("whatsapp:burst").size() + redis.client().getMap("whatsapp:burst:completed").size();
    }

    private static void awaitHandled(TestRedis redis, String wamid) {
        await().atMost(LIMIT).until(() -> redis.client().getBucket("whatsapp:handled:message:" + wamid).isExists());
    }

    private static void awaitQuiet(TestGateway gateway) {
        TestRedis redis = gateway == BurstFlowTest.gateway ? shared : other;
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(gateway.queued("whatsapp.inbound")).isZero();
            assertThat(bursts(redis)).isZero();
            assertThat(gateway.queued("whatsapp.turns")).isZero();
            assertThat(gateway.queued("whatsapp.outbound")).isZero();
        });
    }

    @Test
    void threeQuickTextsAreUnderstoodAndAnsweredOnce() {
        String user = Flows.user();
        Flows.write(gateway, user, "1 hello");
        Flows.write(gateway, user, "1 do you");
        Flows.write(gateway, user, "1 open?");

        Flows.awaitTexts(gateway, user, "re: 1 hello\n1 do you\n1 open?");
        awaitQuiet(gateway);
        assertThat(understanding.texts()).filteredOn(text -> text.startsWith("1 ")).containsExactly("1 hello\n1 do you\n1 open?");
        assertThat(understanding.heard("1 hello\n1 do you\n1 open?").headers()).containsEntry("WhatsAppBurst", "3")
                .containsEntry("WhatsAppUser", user).containsEntry("WhatsAppMessageType", "text");
        assertThat(Flows.textsTo(gateway, user)).hasSize(1);
    }

    @Test
    void twoUsersDoNotMix() {
        String one = Flows.user();
        String other = Flows.user();
        deliver(gateway, text(one, "2 a"), text(other, "2 x"), text(one, "2 b"), text(other, "2 y"));

        Flows.awaitTexts(gateway, one, "re: 2 a\n2 b");
        Flows.awaitTexts(gateway, other, "re: 2 x\n2 y");
    }

    @Test
    void textsFurtherApartThanTheWindowAreTwoTurns() {
        String user = Flows.user();
        String first = Flows.write(gateway, user, "3 early");
        Flows.awaitTexts(gateway, user, "re: 3 early");
        Flows.write(gateway, user, "3 late");

        Flows.awaitTexts(gateway, user, "re: 3 early", "re: 3 late");
        assertThat(understanding.heard("3 early").headers()).containsEntry("WhatsAppUpdateId", "message:" + first)
                .doesNotContainKey("WhatsAppBurst");
    }

    @Test
    void aVoiceMessageEndsTheBurstAndIsAnsweredAfterIt() {
        String user = Flows.user();
        CountDownLatch slow = understanding.hold("4 one\n4 two");
        deliver(gateway, text(user, "4 one"), text(user, "4 two"), Payloads.audio(Payloads.id(), user, "77", "x"), text(user, "4 three"));
        await().atMost(LIMIT).until(() -> understanding.texts().contains("4 one\n4 two"));
        String last = Flows.write(gateway, user, "4 four");
        awaitHandled(shared, last);
        assertThat(Flows.textsTo(gateway, user)).isEmpty();

        slow.countDown();
        Flows.awaitTexts(gateway, user, "re: 4 one\n4 two", "heard", "re: 4 three\n4 four");
    }

    @Test
    void aFullBurstEndsBeforeTheNextText() {
        String user = Flows.user();
        deliver(gateway, text(user, "5 a"), text(user, "5 b"), text(user, "5 c"), text(user, "5 d"), text(user, "5 e"));

        Flows.awaitTexts(gateway, user, "re: 5 a\n5 b\n5 c\n5 d", "re: 5 e");
    }

    @Test
    void textsOfAGroupAreNotJoined() {
        String user = Flows.user();
        deliver(gateway, text(user, "6 a").put("group_id", "G6"), text(user, "6 b").put("group_id", "G6"));

        await().atMost(LIMIT).until(() -> understanding.texts().containsAll(List.of("6 a", "6 b")));
        awaitQuiet(gateway);
    }

    @Test
    void everyTextOfABurstIsCountedAndMarkedAsRead() {
        String user = Flows.user();
        double before = gateway.counter("whatsapp.messages.received", "type", "text");
        String one = Flows.write(gateway, user, "7 a");
        String two = Flows.write(gateway, user, "7 b");

        Flows.awaitTexts(gateway, user, "re: 7 a\n7 b");
        assertThat(gateway.counter("whatsapp.messages.received", "type", "text")).isEqualTo(before + 2);
        assertThat(gateway.meta.findAll(postRequestedFor(urlEqualTo(TestGateway.MESSAGES)))).extracting(request ->
                Flows.json(request.getBody()).path("message_id").asText()).contains(one, two);
    }

    @Test
    void anUpdateThatMetaRepeatsIsInTheBurstOnce() {
        String user = Flows.user();
        ObjectNode once = text(user, "8 a");
        deliver(gateway, once);
        deliver(gateway, once);
        deliver(gateway, text(user, "8 b"));

        Flows.awaitTexts(gateway, user, "re: 8 a\n8 b");
        awaitQuiet(gateway);
    }

    @Test
    void aBurstThatFailsHasOneApologyAndOneDeadLetterWithEveryText() {
        String user = Flows.user();
        try (TestGateway failing = bursting(other, "failing", WINDOW).with("whatsapp.understanding", "failing")
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:whatsapp-understanding-failing").errorHandler(noErrorHandler()).process(exchange -> {
                            throw new IllegalStateException("broken");
                        });
                    }
                }).start()) {
            Flows.reset(failing);
            String one = Flows.write(failing, user, "9 a");
            String two = Flows.write(failing, user, "9 b");

            Flows.awaitTexts(failing, user, Flows.APOLOGY);
            StoredMessage letter = Flows.awaitDeadLetter(failing, "WhatsAppUser", user);
            awaitQuiet(failing);
            assertThat(letter.queueHeaders()).containsEntry("WhatsAppDeadLetterSource", "whatsapp.turns").containsEntry("WhatsAppBurst", "2");
            JsonNode messages = Flows.json(letter.queueBody()).at("/entry/0/changes/0/value/messages");
            assertThat(messages.findValuesAsText("id")).containsExactly(one, two);
            assertThat(messages.findValuesAsText("body")).containsExactly("9 a", "9 b");
            assertThat(Flows.textsTo(failing, user)).hasSize(1);
        }
    }

    @Test
    void anOpenBurstIsAnsweredOnceAfterAStopAndAStart() {
        String user = Flows.user();
        try (TestGateway stopped = bursting(other, "stopped", 600_000).with("whatsapp.understanding", "rasa").start()) {
            Flows.reset(stopped);
            stopped.meta.stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"answer\"}]")));
            Flows.write(stopped, user, "10 a");
            awaitHandled(other, Flows.write(stopped, user, "10 b"));
            assertThat(Flows.textsTo(stopped, user)).isEmpty();

            stopped.stop();
            assertThat(bursts(other)).as("left in Redis by a stop").isZero();
            stopped.start();

            Flows.awaitTexts(stopped, user, "answer");
            awaitQuiet(stopped);
            assertThat(stopped.meta.findAll(postRequestedFor(urlEqualTo(RASA)))).singleElement().satisfies(request ->
                    assertThat(Flows.json(request.getBody()).path("message").asText()).isEqualTo("10 a\n10 b"));
            assertThat(stopped.deadLetters()).isEmpty();
            assertThat(Flows.textsTo(stopped, user)).hasSize(1);
        }
    }

    @Test
    void anOpenBurstIsAnsweredOnceAfterACrash() {
        String user = Flows.user();
        gateway.meta.stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"answer\"}]")));
        try (ChildGateway crashing = new ChildGateway(directory)
                .with("WHATSAPP_GRAPH_URL", gateway.meta.baseUrl())
                .with("WHATSAPP_BROKER_DIRECTORY", directory.resolve("crashing").toString())
                .with("WHATSAPP_UNDERSTANDING", "rasa")
                .with("WHATSAPP_UNDERSTANDING_RASA_URL", gateway.meta.baseUrl() + RASA)
                .with("WHATSAPP_REDIS_URL", other.url())
                .with("WHATSAPP_BURST_WINDOW", "5000")
                .start()) {
            crashing.awaitReady();
            assertThat(crashing.webhook(Payloads.messages(text(user, "11 a"))).statusCode()).isEqualTo(200);
            ObjectNode last = text(user, "11 b");
            assertThat(crashing.webhook(Payloads.messages(last)).statusCode()).isEqualTo(200);
            awaitHandled(other, last.path("id").asText());
            crashing.kill();
            assertThat(Flows.textsTo(gateway, user)).as("the kill came too late to test anything").isEmpty();

            crashing.start();
            await().atMost(START).untilAsserted(() -> assertThat(Flows.textsTo(gateway, user)).containsExactly("answer"));
            await().atMost(LIMIT).until(() -> bursts(other) == 0);
            assertThat(gateway.meta.findAll(postRequestedFor(urlEqualTo(RASA)))).singleElement().satisfies(request ->
                    assertThat(Flows.json(request.getBody()).path("message").asText()).isEqualTo("11 a\n11 b"));
        }
    }

    /** The crash came between the end of the burst and the queue; or after the queue, which then drops the second copy. */
    @Test
    void anEndedBurstThatNobodyConfirmedIsAnsweredOnce() {
        String user = Flows.user();
        RedissonClient objects = RedisClients.further(other.newConnection(), new SerializationCodec());
        RMap<Object, Object> open = objects.getMap("whatsapp:burst");
        RMap<Object, Object> ended = objects.getMap("whatsapp:burst:completed");
        try (TestGateway recovering = bursting(other, "recovering", 3000).with("whatsapp.understanding", "mine").with(understanding).start()) {
            Flows.reset(recovering);
            Flows.write(recovering, user, "13 a");
            awaitHandled(other, Flows.write(recovering, user, "13 b"));
            DefaultExchangeHolder burst = (DefaultExchangeHolder) open.values().iterator().next();
            Exchange read = new DefaultExchange(recovering.camel());
            DefaultExchangeHolder.unmarshal(read, burst);
            Flows.awaitTexts(recovering, user, "re: 13 a\n13 b");
            awaitQuiet(recovering);
            recovering.stop();

            ended.put(read.getExchangeId(), burst);
            recovering.start();
            await().atMost(LIMIT).until(() -> bursts(other) == 0);
            awaitQuiet(recovering);
            assertThat(Flows.textsTo(recovering, user)).hasSize(1);

            recovering.stop();
            recovering.with("whatsapp.broker.directory", directory.resolve("a-new-disk"));
            Flows.reset(recovering);
            ended.put(read.getExchangeId(), burst);
            recovering.start();
            Flows.awaitTexts(recovering, user, "re: 13 a\n13 b");
            awaitQuiet(recovering);
        }
    }

    @Test
    void withoutAWindowEachTextIsATurnAndNoQueueOfTurnsIsUsed() {
        String user = Flows.user();
        try (TestGateway plain = Flows.gateway(directory.resolve("plain")).with("whatsapp.understanding", "mine").with(understanding).start()) {
            Flows.reset(plain);
            deliver(plain, text(user, "12 a"), text(user, "12 b"));

            Flows.awaitTexts(plain, user, "re: 12 a", "re: 12 b");
            assertThat(plain.camel().getRegistry().lookupByName("whatsappBurstRepository"))
                    .isInstanceOf(org.apache.camel.processor.aggregate.MemoryAggregationRepository.class);
        }
    }

    @Test
    void theStartSaysWhatItMeans() {
        try (CapturedLog log = new CapturedLog();
                TestGateway started = bursting(other, "says", 2000).start()) {
            assertThat(started.camel().isStarted()).isTrue();
            assertThat(log.events("whatsapp.burst.on")).singleElement().satisfies(event ->
                    assertThat(event).containsEntry("window", 2000L).containsKey("meaning"));
        }
    }
}
