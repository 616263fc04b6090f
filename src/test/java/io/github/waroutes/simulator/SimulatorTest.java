package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.sun.net.httpserver.HttpServer;
import io.github.waroutes.RouteFiles;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SimulatorTest {

    private static int status(Simulator simulator, String path) throws Exception {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(simulator.graphUrl() + "/v26.0/" + path))
                .timeout(Duration.ofSeconds(20)).header("Authorization", "Bearer " + simulator.accessToken()).build(),
                HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    @Test
    void whatTheHostHasConfiguredForItselfDoesNotReachIt() throws Exception {
        System.setProperty("whatsapp.phone-number-id", "999");
        System.setProperty("camel.main.routesIncludePattern", "none");
        try (Simulator simulator = Simulator.builder().start()) {
            assertThat(simulator.phoneNumberId()).isEqualTo("106540352242922");
            assertThat(status(simulator, "106540352242922")).isEqualTo(200);
            assertThat(status(simulator, "999")).isEqualTo(400);
            assertThat(simulator.calls()).extracting(GraphCall::status).containsExactly(200, 400);
        } finally {
            System.clearProperty("whatsapp.phone-number-id");
            System.clearProperty("camel.main.routesIncludePattern");
        }
    }

    @Test
    void everyPropertyThatTheRoutesReadIsSet() throws Exception {
        Set<String> read = new TreeSet<>();
        for (Path file : RouteFiles.of("simulator")) {
            Matcher placeholder = Pattern.compile("\\{\\{(whatsapp\\.[a-z.-]+)").matcher(Files.readString(file));
            while (placeholder.find()) {
                read.add(placeholder.group(1));
            }
        }
        assertThat(read).hasSizeGreaterThan(10);
        assertThat(Simulator.builder().propertiesOn(8090)).containsKeys(read.toArray(String[]::new));
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        try (Simulator simulator = Simulator.builder().start()) {
            assertThatIllegalStateException().isThrownBy(() -> Simulator.builder().port(simulator.port()).start())
                    .withMessageContaining("port " + simulator.port());
        }
    }

    @Test
    void settingsThatCannotBeUsedAreRefusedBeforeTheStart() {
        assertThatIllegalArgumentException().isThrownBy(() -> Simulator.builder().port(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> Simulator.builder().webhookUrl("http://192.0.2.1/"));
        assertThatIllegalArgumentException().isThrownBy(() -> Simulator.builder().templates("hello"));
        assertThatIllegalArgumentException().isThrownBy(() -> Simulator.builder().accountId("none"));
    }

    @Test
    void aClosedOneCanBeClosedAgain() {
        Simulator simulator = Simulator.builder().start();
        simulator.close();
        simulator.close();
    }

    @Test
    void withAHandshakeTheCallbackMustAnswerBeforeItsFirstWebhookAndThePageIsThereToo() throws Exception {
        List<String> requests = new CopyOnWriteArrayList<>();
        HttpServer callback = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        callback.createContext("/webhook", exchange -> {
            String query = exchange.getRequestURI().getQuery();
            requests.add(exchange.getRequestMethod() + (query != null && query.contains("hub.verify_token=word") ? " word" : ""));
            exchange.getRequestBody().readAllBytes();
            byte[] answer = query == null ? new byte[0]
                    : query.replaceFirst(".*hub\\.challenge=([0-9]+).*", "$1").getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        callback.start();
        try (Simulator simulator = Simulator.builder().handshake("word")
                .webhookUrl("http://127.0.0.1:" + callback.getAddress().getPort() + "/webhook").start()) {
            HttpClient http = HttpClient.newHttpClient();
            URI say = URI.create(simulator.url() + "/simulator/users/15555550101/messages");
            HttpResponse<String> said = http.send(HttpRequest.newBuilder(say).timeout(Duration.ofSeconds(20))
                    .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString("{\"text\":\"hello\"}")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(said.statusCode()).as(said.body()).isEqualTo(200);
            assertThat(requests).containsExactly("GET word", "POST");
            HttpResponse<String> page = http.send(HttpRequest.newBuilder(URI.create(simulator.url() + "/simulator/"))
                    .timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).contains("<!doctype html>");
        } finally {
            callback.stop(0);
        }
    }
}
