package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
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

import io.github.waroutes.Payloads;
import io.github.waroutes.TestGateway;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.RoutePolicySupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways that docs/architecture.md describes are those that messages take. */
class ArchitectureTest {

    private static final String MEDIA = "777003";
    private static final String API_TOKEN = "architecture-token";
    private static final Pattern ROW = Pattern.compile("\\| (`([a-z-]+)`|\\*\\*waits\\*\\*) \\|.*");
    private static final Passed PASSED = new Passed();

    @TempDir
    static Path directory;

    private static TestGateway gateway;

    private String user;
    private String wamid;

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
    static void start() {
        gateway = Flows.gateway(directory).with("whatsapp.api.token", API_TOKEN).with("whatsapp.outcome.silence-seconds", 600)
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
    void allGoesWell() {
        Flows.reset(gateway);
        // one of its own, as a status goes by it
        wamid = Payloads.id();
        gateway.meta.stubFor(post(urlEqualTo(TestGateway.MESSAGES)).atPriority(1)
                .willReturn(okJson("{\"messaging_product\":\"whatsapp\",\"messages\":[{\"id\":\"" + wamid + "\"}]}")));
        gateway.meta.stubFor(get(urlEqualTo("/v26.0/" + MEDIA))
                .willReturn(okJson("{\"url\":\"" + gateway.meta.url("/bytes") + "\",\"mime_type\":\"audio/ogg\"}")));
        gateway.meta.stubFor(get(urlEqualTo("/bytes")).willReturn(aResponse().withHeader("Content-Type", "audio/ogg").withBody("OggS")));
        gateway.meta.stubFor(post(urlEqualTo("/v1/audio/transcriptions")).willReturn(okJson("{\"text\":\"when do you open?\"}")));
        user = Flows.user();
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
        Flows.write(gateway, user, "when do you open?");
        awaitWay("a text");
        Flows.awaitQuiet(gateway);
        long calls = described("a text").stream().mapToLong(part -> part.size() - 1).sum();
        assertThat(Files.readString(Path.of("docs/architecture.md"))).contains("A text passes " + calls + " `direct:` calls");
    }

    @Test
    void theWayOfAVoiceMessage() throws IOException {
        assertThat(gateway.webhook(Payloads.messages(Payloads.audio(Payloads.id(), user, MEDIA, "x"))).statusCode()).isEqualTo(200);
        awaitWay("a voice message");
        Flows.awaitQuiet(gateway);
    }

    @Test
    void theWayOfASend() throws IOException {
        assertThat(TestGateway.send(HttpRequest.newBuilder(gateway.url("/api/messages")).timeout(LIMIT)
                .header("Authorization", "Bearer " + API_TOKEN).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"messaging_product\":\"whatsapp\",\"to\":\"+" + user
                        + "\",\"type\":\"text\",\"text\":{\"body\":\"hello\"}}")).build()).statusCode()).isEqualTo(202);
        awaitWay("a send");
        Flows.awaitQuiet(gateway);
    }

    @Test
    void theWayOfAStatus() throws IOException {
        String id = Flows.sendText(gateway, user, "hello");
        await().atMost(LIMIT).until(() -> "accepted".equals(Flows.state(gateway, id)));
        Flows.awaitQuiet(gateway);
        PASSED.forget();
        Flows.status(gateway, id, wamid, user, "read");
        awaitWay("a status");
        Flows.awaitQuiet(gateway);
    }
}
