package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls that wait for a webhook to the very server they are served by, more of them than it has workers. */
class SimulatorPlacesFlowTest {

    private static final int MANY = 100;
    private static final long SECONDS = 15;
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static SimulatorServer simulator;

    @BeforeAll
    static void start() throws Exception {
        simulator = new SimulatorServer(Map.of());
    }

    @AfterAll
    static void stop() {
        simulator.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/simulator/webhooks                          | {\"field\":\"account_update\"}",
        "/simulator/templates/hello_world             | {\"status\":\"APPROVED\"}",
        "/simulator/callback                          | {\"url\":\"CALLBACK\",\"verify_token\":\"x\"}",
        "/graph/v26.0/102290129340398/subscribed_apps | {\"override_callback_uri\":\"CALLBACK\",\"verify_token\":\"x\"}",
        "/graph/v26.0/106540352242922                 | {\"webhook_configuration\":{\"override_callback_uri\":\"CALLBACK\",\"verify_token\":\"x\"}}"})
    void moreCallsThanWorkersAreAllAnsweredAndAUserCanStillTalk(String path, String body) throws Exception {
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int n = 0; n < MANY; n++) {
            calls.add(HTTP.sendAsync(request(path, body.replace("CALLBACK", simulator.url + "/nobody")),
                    HttpResponse.BodyHandlers.ofString()));
        }
        int said;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        do {
            said = simulator.say("15555550101", "{\"text\":\"hello\"}").statusCode();
        } while (said == 503 && System.nanoTime() < end);
        assertThat(said).isEqualTo(200);
        // the callback that is asked for is not there, which is 400
        assertThat(calls).allSatisfy(call -> {
            HttpResponse<String> answer = call.get(SECONDS, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isIn(200, 400, 503);
            if (answer.statusCode() == 503) {
                assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
                assertThat(answer.body()).contains("in a second");
            }
        });
        assertThat(calls).anyMatch(call -> call.join().statusCode() != 503);
    }

    @Test
    void repeatingRequestsTakesPlacesToo() throws Exception {
        simulator.send("15555550102", "once");
        long seq = SimulatorServer.json(simulator.http("GET", "/simulator/calls?limit=1", null, Duration.ofSeconds(SECONDS)), 200)
                .at("/0/seq").asLong();
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int n = 0; n < MANY; n++) {
            calls.add(HTTP.sendAsync(request("/simulator/calls/" + seq + "/replay", "{}"), HttpResponse.BodyHandlers.ofString()));
        }
        assertThat(calls).allSatisfy(call -> assertThat(call.get(SECONDS, TimeUnit.SECONDS).statusCode()).isIn(200, 503));
    }

    private static HttpRequest request(String path, String body) {
        return HttpRequest.newBuilder(URI.create(simulator.url + path)).timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json").header("Authorization", "Bearer " + SimulatorServer.TOKEN)
                .POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }
}
