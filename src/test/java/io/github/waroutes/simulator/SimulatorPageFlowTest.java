package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.waroutes.simulator.EventReader.Event;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the chat page is told, over real HTTP. */
class SimulatorPageFlowTest {

    private static final String USER = "15555550101";
    private static SimulatorServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new SimulatorServer(Map.of("whatsapp.simulator.status-delay", "50"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void forget() throws Exception {
        for (JsonNode user : get("/simulator/users")) {
            SimulatorServer.json(server.http("DELETE", "/simulator/users/" + user.path("user").asText() + "/messages", null,
                    SimulatorServer.PATIENCE), 200);
        }
        SimulatorServer.json(server.http("DELETE", "/simulator/faults", null, SimulatorServer.PATIENCE), 200);
    }

    @Test
    void aReaderHearsOfAMessageOfAUserAndOfWhatBecomesOfIt() throws Exception {
        try (EventReader reader = EventReader.of(server.url)) {
            await().atMost(SimulatorServer.PATIENCE).until(() -> reader.lastId > 0);
            SimulatorServer.json(server.say(USER, "{\"text\":\"Grüße 🎈\",\"name\":\"Kim\",\"username\":\"kim\"}"), 200);

            await().atMost(SimulatorServer.PATIENCE).until(() -> reader.named("message").stream()
                    .anyMatch(event -> event.data().at("/message/status").asText().equals("delivered")));
            JsonNode told = reader.named("message").get(0).data();
            assertThat(told.path("user").asText()).isEqualTo(USER);
            assertThat(told.path("name").asText()).isEqualTo("Kim");
            assertThat(told.path("username").asText()).isEqualTo("kim");
            assertThat(told.at("/message/text").asText()).isEqualTo("Grüße 🎈");
            assertThat(told.at("/message/message/text/body").asText()).isEqualTo("Grüße 🎈");
            assertThat(told.at("/message/message/from").asText()).isEqualTo(USER);
            await().atMost(SimulatorServer.PATIENCE).until(() -> reader.named("call").size() == 1);
            assertThat(reader.named("call").get(0).data().path("summary").asText()).isEqualTo("webhook text → 200");
            assertThat(reader.events).extracting(Event::id).isSorted();
            assertThat(reader.head).contains("Content-Type: text/event-stream; charset=utf-8");
        }
    }

    private static JsonNode get(String path) throws Exception {
        return SimulatorServer.json(server.http("GET", path, null, SimulatorServer.PATIENCE), 200);
    }
}
