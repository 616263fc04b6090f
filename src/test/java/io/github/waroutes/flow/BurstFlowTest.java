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
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import io.github.waroutes.TestRedis;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import io.github.waroutes.queue.StoredMessage;
import io.github.waroutes.simulator.GraphCall;
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
@WhatsAppSimulator(accessToken = TestGateway.TOKEN, appSecret = TestGateway.SECRET)
class BurstFlowTest {

    private static final int WINDOW = 1000;
    private static final String RASA = "/webhooks/rest/webhook";
    private static final Duration START = Duration.ofSeconds(60);

    @TempDir
    static Path directory;

    /** For the gateway that the tests share, and for those that a test starts: two on one Redis would be two nodes. */
    @RegisterExtension
    static final TestRedis shared = new TestRedis();
    @RegisterExtension
    static final TestRedis other = new TestRedis();

    private static final EchoUnderstanding UNDERSTANDING = new EchoUnderstanding();
    private static SimulatedWhatsApp whatsapp;
    private static SimulatedGraph graph;
    private static TestGateway gateway;
    private static List<Map<String, Object>> toldAtStart;

    @WhatsAppUser
    private SimulatedUser kim;

    @BeforeAll
    static void start() {
        try (CapturedLog log = new CapturedLog()) {
            gateway = bursting(shared, "shared", WINDOW).with("whatsapp.on.audio", "direct:mine-audio").with("whatsapp.burst.size", 4)
                    .with(new RouteBuilder() {
                        @Override
                        public void configure() {
                            from("direct:mine-audio").setBody(constant("heard")).to("direct:whatsapp-reply");
                        }
                    }).start();
            toldAtStart = log.events("whatsapp.burst.on");
        }
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void usersWriteToTheSharedOne() {
        whatsapp.webhookPort(gateway.port);
    }

    private static TestGateway bursting(TestRedis redis, String name, int window) {
        return Flows.gateway(directory.resolve(name)).with(whatsapp).with("whatsapp.redis.url", redis.url()).with("whatsapp.burst.window", window)
                .with("whatsapp.understanding", "mine").with(UNDERSTANDING);
    }

    private static ObjectNode text(String user, String text) {
        return Payloads.text(Payloads.id(), user, text);
    }

    private static void deliver(ObjectNode... messages) {
        assertThat(gateway.webhook(Payloads.messages(messages)).statusCode()).isEqualTo(200);
    }

    /** Everything that the user was sent, and nothing else. */
    private void awaitTexts(String... texts) {
        Flows.awaitTexts(graph, kim.id(), texts);
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
        kim.sends("1 hello");
        kim.sends("1 do you");
        kim.sends("1 open?");

        awaitTexts("re: 1 hello\n1 do you\n1 open?");
        awaitQuiet(gateway);
        assertThat(UNDERSTANDING.texts()).filteredOn(text -> text.startsWith("1 ")).containsExactly("1 hello\n1 do you\n1 open?");
        assertThat(UNDERSTANDING.heard("1 hello\n1 do you\n1 open?").headers()).containsEntry("WhatsAppBurst", "3")
                .containsEntry("WhatsAppUser", kim.id()).containsEntry("WhatsAppMessageType", "text");
        assertThat(graph.callsTo(kim)).hasSize(1);
    }

    @Test
    void twoUsersDoNotMix() {
        String one = Flows.user();
        String other = Flows.user();
        deliver(text(one, "2 a"), text(other, "2 x"), text(one, "2 b"), text(other, "2 y"));

        Flows.awaitTexts(graph, one, "re: 2 a\n2 b");
        Flows.awaitTexts(graph, other, "re: 2 x\n2 y");
    }

    @Test
    void textsFurtherApartThanTheWindowAreTwoTurns() {
        String first = kim.sends("3 early").id();
        awaitTexts("re: 3 early");
        kim.sends("3 late");

        awaitTexts("re: 3 early", "re: 3 late");
        assertThat(UNDERSTANDING.heard("3 early").headers()).containsEntry("WhatsAppUpdateId", "message:" + first)
                .doesNotContainKey("WhatsAppBurst");
    }

    @Test
    void aVoiceMessageEndsTheBurstAndIsAnsweredAfterIt() {
        CountDownLatch slow = UNDERSTANDING.hold("4 one\n4 two");
        deliver(text(kim.id(), "4 one"), text(kim.id(), "4 two"), Payloads.audio(Payloads.id(), kim.id(), "77", "x"), text(kim.id(), "4 three"));
        await().atMost(LIMIT).until(() -> UNDERSTANDING.texts().contains("4 one\n4 two"));
        String last = kim.sends("4 four").id();
        awaitHandled(shared, last);
        assertThat(graph.callsTo(kim)).isEmpty();

        slow.countDown();
        awaitTexts("re: 4 one\n4 two", "heard", "re: 4 three\n4 four");
    }

    @Test
    void aFullBurstEndsBeforeTheNextText() {
        kim.sendsTogether("5 a", "5 b", "5 c", "5 d", "5 e");

        awaitTexts("re: 5 a\n5 b\n5 c\n5 d", "re: 5 e");
    }

    @Test
    void textsOfAGroupAreNotJoined() {
        kim.says("{\"batch\":[{\"text\":\"6 a\",\"group_id\":\"G6\"},{\"text\":\"6 b\",\"group_id\":\"G6\"}]}");

        await().atMost(LIMIT).until(() -> UNDERSTANDING.texts().containsAll(List.of("6 a", "6 b")));
        awaitQuiet(gateway);
    }

    @Test
    void everyTextOfABurstIsCountedAndMarkedAsRead() {
        double before = gateway.counter("whatsapp.messages.received", "type", "text");
        String one = kim.sends("7 a").id();
        String two = kim.sends("7 b").id();

        awaitTexts("re: 7 a\n7 b");
        assertThat(gateway.counter("whatsapp.messages.received", "type", "text")).isEqualTo(before + 2);
        assertThat(graph.calls()).filteredOn(GraphCall::isReadMark).extracting(call -> call.body().path("message_id").asText())
                .contains(one, two);
    }

    @Test
    void anUpdateThatMetaRepeatsIsInTheBurstOnce() {
        ObjectNode once = text(kim.id(), "8 a");
        deliver(once);
        deliver(once);
        deliver(text(kim.id(), "8 b"));

        awaitTexts("re: 8 a\n8 b");
        awaitQuiet(gateway);
    }

    @Test
    void aBurstThatFailsHasOneApologyAndOneDeadLetterWithEveryText() {
        UNDERSTANDING.fail("9 a\n9 b");
        String one = kim.sends("9 a").id();
        String two = kim.sends("9 b").id();

        awaitTexts(Flows.APOLOGY);
        StoredMessage letter = Flows.awaitDeadLetter(gateway, "WhatsAppUser", kim.id());
        awaitQuiet(gateway);
        assertThat(letter.queueHeaders()).containsEntry("WhatsAppDeadLetterSource", "whatsapp.turns").containsEntry("WhatsAppBurst", "2");
        JsonNode messages = Flows.json(letter.queueBody()).at("/entry/0/changes/0/value/messages");
        assertThat(messages.findValuesAsText("id")).containsExactly(one, two);
        assertThat(messages.findValuesAsText("body")).containsExactly("9 a", "9 b");
        assertThat(graph.callsTo(kim)).hasSize(1);
    }

    @Test
    void anOpenBurstIsAnsweredOnceAfterAStopAndAStart() {
        try (TestGateway stopped = bursting(other, "stopped", 600_000).start()) {
            kim.sends("10 a");
            awaitHandled(other, kim.sends("10 b").id());
            assertThat(graph.callsTo(kim)).isEmpty();

            stopped.stop();
            assertThat(bursts(other)).as("left in Redis by a stop").isZero();
            stopped.start();

            awaitTexts("re: 10 a\n10 b");
            awaitQuiet(stopped);
            assertThat(UNDERSTANDING.texts()).filteredOn(text -> text.startsWith("10 ")).containsExactly("10 a\n10 b");
            assertThat(stopped.deadLetters()).isEmpty();
            assertThat(graph.callsTo(kim)).hasSize(1);
        }
    }

    @Test
    void anOpenBurstIsAnsweredOnceAfterACrash() {
        gateway.meta().stubFor(post(urlEqualTo(RASA)).willReturn(okJson("[{\"text\":\"answer\"}]")));
        try (ChildGateway crashing = new ChildGateway(directory)
                .with("WHATSAPP_GRAPH_URL", whatsapp.graphUrl())
                .with("WHATSAPP_BROKER_DIRECTORY", directory.resolve("crashing").toString())
                .with("WHATSAPP_UNDERSTANDING", "rasa")
                .with("WHATSAPP_UNDERSTANDING_RASA_URL", gateway.meta().baseUrl() + RASA)
                .with("WHATSAPP_REDIS_URL", other.url())
                .with("WHATSAPP_BURST_WINDOW", "5000")
                .start()) {
            crashing.awaitReady();
            assertThat(crashing.webhook(Payloads.messages(text(kim.id(), "11 a"))).statusCode()).isEqualTo(200);
            ObjectNode last = text(kim.id(), "11 b");
            assertThat(crashing.webhook(Payloads.messages(last)).statusCode()).isEqualTo(200);
            awaitHandled(other, last.path("id").asText());
            crashing.kill();
            assertThat(graph.callsTo(kim)).as("the kill came too late to test anything").isEmpty();

            crashing.start();
            await().atMost(START).untilAsserted(() -> assertThat(Flows.textsTo(graph, kim.id())).containsExactly("answer"));
            await().atMost(LIMIT).until(() -> bursts(other) == 0);
            assertThat(gateway.meta().findAll(postRequestedFor(urlEqualTo(RASA)))).singleElement().satisfies(request ->
                    assertThat(Flows.json(request.getBody()).path("message").asText()).isEqualTo("11 a\n11 b"));
        }
    }

    /** The crash came between the end of the burst and the queue; or after the queue, which then drops the second copy. */
    @Test
    void anEndedBurstThatNobodyConfirmedIsAnsweredOnce() {
        RedissonClient objects = RedisClients.further(other.newConnection(), new SerializationCodec());
        RMap<Object, Object> open = objects.getMap("whatsapp:burst");
        RMap<Object, Object> ended = objects.getMap("whatsapp:burst:completed");
        try (TestGateway recovering = bursting(other, "recovering", 2000).start()) {
            kim.sends("13 a");
            awaitHandled(other, kim.sends("13 b").id());
            DefaultExchangeHolder burst = (DefaultExchangeHolder) open.values().iterator().next();
            Exchange read = new DefaultExchange(recovering.camel());
            DefaultExchangeHolder.unmarshal(read, burst);
            awaitTexts("re: 13 a\n13 b");
            awaitQuiet(recovering);
            recovering.stop();

            ended.put(read.getExchangeId(), burst);
            recovering.start();
            await().atMost(LIMIT).until(() -> bursts(other) == 0);
            awaitQuiet(recovering);
            assertThat(graph.callsTo(kim)).hasSize(1);

            recovering.stop();
            recovering.with("whatsapp.broker.directory", directory.resolve("a-new-disk"));
            graph.reset();
            ended.put(read.getExchangeId(), burst);
            recovering.start();
            awaitTexts("re: 13 a\n13 b");
            awaitQuiet(recovering);
        }
    }

    @Test
    void theStartSaysWhatItMeans() {
        assertThat(toldAtStart).singleElement().satisfies(event ->
                assertThat(event).containsEntry("window", (long) WINDOW).containsKey("meaning"));
    }
}
