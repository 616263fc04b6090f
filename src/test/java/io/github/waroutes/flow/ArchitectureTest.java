package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.RoutePolicySupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways that docs/architecture.md describes are those that messages take; no status comes but the one that a test sends. */
@WhatsAppSimulator(statusDelay = 600_000, reset = false)
class ArchitectureTest {

    private static final String API_TOKEN = "architecture-token";
    private static final Pattern ROW = Pattern.compile("\\| (`([a-z-]+)`|\\*\\*waits\\*\\*) \\|.*");
    private static final Passed PASSED = new Passed();

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    @WhatsAppUser
    private SimulatedUser kim;

    /** The routes that each exchange passes, exchanges in the order in which they began: what waits goes on in another one. */
    private static final class Passed extends RoutePolicySupport {

        private final Map<String, List<String>> byExchange = new LinkedHashMap<>();

        @Override
        public synchronized void onExchangeBegin(Route route, Exchange exchange) {
            byExchange.computeIfAbsent(exchange.getExchangeId(), id -> new ArrayList<>()).add(route.getRouteId());
        }

        synchronized void forget() {
            byExchange.clear();
        }

        synchronized List<List<String>> routes() {
            return byExchange.values().stream().map(List::copyOf).toList();
        }
    }

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        gateway = Flows.gateway(directory).with(whatsapp).with("whatsapp.api.token", API_TOKEN).with("whatsapp.outcome.silence-seconds", 600)
                .with("whatsapp.http.read-timeout", 30_000)
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        getContext().addRoutePolicyFactory((context, id, route) -> PASSED);
                    }
                }).start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void forget() {
        PASSED.forget();
    }

    /** The parts of a way, between its waits. */
    private static List<List<String>> described(String way) throws IOException {
        String text = Files.readString(Path.of("docs/architecture.md"));
        int begin = text.indexOf("\n## The way of " + way + "\n");
        assertThat(begin).as(way).isPositive();
        List<List<String>> parts = new ArrayList<>(List.of(new ArrayList<>()));
        for (String line : text.substring(begin + 1, text.indexOf("\n## ", begin + 1)).split("\n")) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                if (row.group(2) == null) {
                    parts.add(new ArrayList<>());
                } else {
                    parts.get(parts.size() - 1).add(row.group(2));
                }
            }
        }
        assertThat(parts).as(way).hasSizeGreaterThan(1);
        return parts;
    }

    private static void awaitWay(String way) throws IOException {
        List<List<String>> described = described(way);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(PASSED.routes()).isEqualTo(described));
    }

    @Test
    void theWayOfAText() throws IOException {
        kim.sends("when do you open?");
        awaitWay("a text");
        Flows.awaitQuiet(gateway);
        long calls = described("a text").stream().mapToLong(part -> part.size() - 1).sum();
        assertThat(Files.readString(Path.of("docs/architecture.md"))).contains("A text passes " + calls + " `direct:` calls");
    }

    @Test
    void theWayOfAVoiceMessage() throws IOException {
        kim.sendsVoice("when do you open?");
        awaitWay("a voice message");
        Flows.awaitQuiet(gateway);
    }

    @Test
    void theWayOfASend() throws IOException {
        assertThat(TestGateway.send(HttpRequest.newBuilder(gateway.url("/api/messages")).timeout(LIMIT)
                .header("Authorization", "Bearer " + API_TOKEN).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"messaging_product\":\"whatsapp\",\"to\":\"+" + kim.id()
                        + "\",\"type\":\"text\",\"text\":{\"body\":\"hello\"}}")).build()).statusCode()).isEqualTo(202);
        awaitWay("a send");
        Flows.awaitQuiet(gateway);
    }

    @Test
    void theWayOfAStatus(SimulatedGraph graph) throws IOException {
        String id = Flows.sendText(gateway, kim.id(), "hello");
        await().atMost(LIMIT).until(() -> "accepted".equals(Flows.state(gateway, id)));
        Flows.awaitQuiet(gateway);
        PASSED.forget();
        Flows.status(gateway, id, graph.sentTo(kim).get(0).messageId(), kim.id(), "read");
        awaitWay("a status");
        Flows.awaitQuiet(gateway);
    }
}
