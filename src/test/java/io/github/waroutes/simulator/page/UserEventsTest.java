package io.github.waroutes.simulator.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.waroutes.simulator.SimulatorServer;
import io.github.waroutes.simulator.common.Events;
import io.github.waroutes.simulator.page.EventReader.Event;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code GET /simulator/events?user=}, over real HTTP. */
class UserEventsTest {

    private static final AtomicInteger USERS = new AtomicInteger(15_555_560);
    private static SimulatorServer server;

    /** Each test has users of its own. */
    private final String user = USERS.incrementAndGet() + "000";
    private final String other = USERS.incrementAndGet() + "000";

    @BeforeAll
    static void start() {
        server = new SimulatorServer(Map.of());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Something that changes, and counts how often it was written down. */
    private static final class Thing extends Events.Source {
        private final String user;
        private final AtomicInteger written = new AtomicInteger();

        Thing(String user) {
            this.user = user;
        }

        @Override
        public String event() {
            return "thing";
        }

        @Override
        public String user() {
            return user;
        }

        @Override
        public JsonNode data() {
            written.incrementAndGet();
            return JsonNodeFactory.instance.objectNode().put("user", user);
        }
    }

    @Test
    void aReaderOfOneUserHearsOfMessagesAndCallsWithThisUserAndOfNoOther() throws Exception {
        try (EventReader reader = about(user)) {
            server.say(other, "{\"text\":\"not for you\"}");
            server.send(other, "nor this");
            SimulatorServer.json(server.graph("GET", SimulatorServer.NUMBER, null), 200);
            server.say(user, "{\"text\":\"hello\"}");
            server.send(user, "good day");

            await().atMost(SimulatorServer.PATIENCE).until(() -> summaries(reader).contains("POST messages text → 200")
                    && summaries(reader).contains("webhook status read → 200"));
            assertThat(summaries(reader)).contains("webhook text → 200");
            assertThat(texts(reader)).contains("hello", "good day");
            assertThat(reader.events).extracting(Event::name).containsOnly("message", "call");
            assertThat(reader.events).extracting(event -> event.data().path("user").asText()).containsOnly(user);
            assertThat(reader.events).extracting(Event::id).isSorted().doesNotHaveDuplicates();
        }
    }

    @Test
    void aReaderOfOneUserHearsOfAReadMarkForThisUser() throws Exception {
        String id = SimulatorServer.json(server.say(user, "{\"text\":\"hello\"}"), 200).path("message_id").asText();
        try (EventReader reader = about(user)) {
            SimulatorServer.json(server.graph("POST", SimulatorServer.NUMBER + "/messages",
                    "{\"messaging_product\":\"whatsapp\",\"status\":\"read\",\"message_id\":\"" + id + "\"}"), 200);

            await().atMost(SimulatorServer.PATIENCE).until(() -> summaries(reader).contains("POST messages read → 200")
                    && reader.named("message").stream().anyMatch(event -> event.data().at("/message/status").asText().equals("read")));
        }
    }

    @Test
    void aReaderOfOneUserHearsOfFaultsAndWhenTheConversationIsForgotten() throws Exception {
        server.say(user, "{\"text\":\"hello\"}");
        server.say(other, "{\"text\":\"hello\"}");
        try (EventReader reader = about(user)) {
            server.http("DELETE", "/simulator/users/" + other + "/messages", null, SimulatorServer.PATIENCE);
            server.fault("{\"fault\":\"graph-error\",\"code\":131056,\"recipient\":\"" + other + "\"}");
            server.http("DELETE", "/simulator/users/" + user + "/messages", null, SimulatorServer.PATIENCE);

            await().atMost(SimulatorServer.PATIENCE).until(() -> !reader.named("forgotten").isEmpty() && !reader.named("faults").isEmpty());
            assertThat(reader.named("forgotten")).extracting(event -> event.data().path("user").asText()).containsExactly(user);
        }
    }

    @Test
    void aReaderOfOneUserThatComesBackGetsWhatItMissedOfThisUser() throws Exception {
        long last;
        try (EventReader reader = about(user)) {
            server.say(user, "{\"text\":\"one\"}");
            await().atMost(SimulatorServer.PATIENCE).until(() -> texts(reader).contains("one") && summaries(reader).size() == 1);
            last = reader.lastId;
        }
        server.say(user, "{\"text\":\"two\"}");
        server.say(other, "{\"text\":\"not for you\"}");
        server.say(user, "{\"text\":\"three\"}");
        try (EventReader reader = EventReader.about(user, server.url, "Last-Event-ID: " + last)) {
            await().atMost(SimulatorServer.PATIENCE).until(() -> texts(reader).contains("three") && summaries(reader).size() == 2);

            assertThat(texts(reader)).doesNotContain("one", "not for you").containsSubsequence("two", "three");
            assertThat(reader.events).extracting(Event::id).isSorted().doesNotHaveDuplicates().allMatch(id -> id > last);
            assertThat(reader.named("reset")).isEmpty();
        }
    }

    @Test
    void aSilentUsersReaderIsToldFromTimeToTimeWhereItIs() throws Exception {
        try (EventReader reader = about(user); EventReader all = about("")) {
            long began = reader.lastId;
            Thing thing = new Thing(other);
            events().publish(thing);
            await().atMost(SimulatorServer.PATIENCE).until(() -> all.named("thing").size() == 1);

            stream().keepAlive();

            await().atMost(SimulatorServer.PATIENCE).until(() -> reader.lastId > began);
            assertThat(reader.lastId).isEqualTo(events().now());
            assertThat(reader.events).isEmpty();
        }
    }

    @Test
    void anEventIsWrittenDownOnceForAllItsReadersAndNotWithoutAny() throws Exception {
        List<EventReader> readers = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                readers.add(about(user));
            }
            Thing unwanted = new Thing(other);
            Thing ofNobody = new Thing(null);
            Thing wanted = new Thing(user);
            Thing forAll = new Thing(Events.Source.EVERYBODY);
            List.of(unwanted, ofNobody, wanted, forAll).forEach(events()::publish);

            await().atMost(SimulatorServer.PATIENCE).until(() -> readers.stream().allMatch(reader -> reader.named("thing").size() == 2));
            assertThat(List.of(unwanted, ofNobody, wanted, forAll)).extracting(thing -> thing.written.get()).containsExactly(0, 0, 1, 1);
            assertThat(readers).allSatisfy(reader -> assertThat(reader.events).extracting(event -> event.data().path("user").asText())
                    .containsExactly(user, Events.Source.EVERYBODY));
        } finally {
            for (EventReader reader : readers) {
                reader.close();
            }
        }
    }

    @Test
    void manyEventsAtOnceReachReadersOfAUserAndOfAllOnceAndInTheirOrder() throws Exception {
        try (EventReader mine = about(user); EventReader all = about(""); EventReader others = about(other)) {
            List<Thing> things = new ArrayList<>();
            for (int i = 0; i < 4000; i++) {
                // longer than what is written in one piece
                things.add(new Thing(i % 2 == 0 ? user : other));
            }
            things.forEach(events()::publish);

            await().atMost(SimulatorServer.PATIENCE).until(() -> all.named("thing").size() == 4000
                    && mine.named("thing").size() == 2000 && others.named("thing").size() == 2000);
            assertThat(List.of(mine, all, others)).allSatisfy(reader -> assertThat(reader.events).extracting(Event::id).isSorted().doesNotHaveDuplicates());
            assertThat(mine.events).extracting(event -> event.data().path("user").asText()).containsOnly(user);
            assertThat(things).extracting(thing -> thing.written.get()).containsOnly(1);
        }
    }

    @Test
    void whoIsKnownByAPhoneNumberIsFoundByTheUserIdToo() throws Exception {
        String id = "US.2" + user;
        server.say(user, "{\"text\":\"hello\",\"user_id\":\"" + id + "\"}");
        try (EventReader byId = about(id); EventReader byPhone = about("%2B" + user)) {
            SimulatorServer.json(server.graph("POST", SimulatorServer.NUMBER + "/messages", "{\"messaging_product\":\"whatsapp\",\"recipient\":\"" + id
                    + "\",\"type\":\"text\",\"text\":{\"body\":\"by id\"}}"), 200);

            for (EventReader reader : List.of(byId, byPhone)) {
                await().atMost(SimulatorServer.PATIENCE).until(() -> texts(reader).contains("by id")
                        && summaries(reader).contains("POST messages text → 200"));
            }
        }
    }

    @Test
    void whatIsNoUserIsRefusedAndToldWhy() throws Exception {
        for (String query : List.of("user=nonsense", "user=12", "user=15555550101&user=15555550102")) {
            HttpResponse<String> answer = server.http("GET", "/simulator/events?" + query, null, SimulatorServer.PATIENCE);

            assertThat(answer.statusCode()).as(query).isEqualTo(400);
            assertThat(answer.body()).as(query).contains("phone number").doesNotContain("nonsense");
        }
    }

    private EventReader about(String user) throws Exception {
        EventReader reader = EventReader.about(user, server.url);
        await().atMost(SimulatorServer.PATIENCE).until(() -> reader.lastId > 0);
        return reader;
    }

    private static Events events() {
        return server.camel().getRegistry().lookupByNameAndType("simulatorEvents", Events.class);
    }

    /** The stream in use: Camel may have built another. */
    private static EventStream stream() {
        return (EventStream) server.camel().getRoute("simulator-stream-events").getRoutePolicyList().stream()
                .filter(EventStream.class::isInstance).findFirst().orElseThrow();
    }

    private static List<String> summaries(EventReader reader) {
        return reader.named("call").stream().map(event -> event.data().path("summary").asText()).toList();
    }

    private static List<String> texts(EventReader reader) {
        return reader.named("message").stream().map(event -> event.data().at("/message/text").asText()).toList();
    }
}
