package io.github.waroutes.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BusySimulatorTest {

    private static final int PLACES = 16;

    @Test
    void aUserWhoFindsAllPlacesTakenSaysItAgain() {
        try (SimulatedWhatsApp whatsapp = SimulatedWhatsApp.builder().patience(Duration.ofSeconds(20)).start()) {
            // its own server answers 404, so that each holds its place for 50 + 100 + 200 + 400 ms
            whatsapp.webhookUrl(whatsapp.url() + "/nobody");
            HttpClient http = HttpClient.newHttpClient();
            List<CompletableFuture<HttpResponse<String>>> others = new ArrayList<>();
            for (int n = 0; n < 3 * PLACES; n++) {
                others.add(http.sendAsync(HttpRequest.newBuilder(URI.create(whatsapp.url() + "/simulator/users/1555555%04d/messages"
                        .formatted(n))).header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"text\":\"hi\"}")).build(), HttpResponse.BodyHandlers.ofString()));
            }
            // a refusal shows that all places are taken
            assertThat((Object) CompletableFuture.anyOf(others.toArray(new CompletableFuture<?>[0])).join())
                    .isInstanceOfSatisfying(HttpResponse.class, answer -> assertThat(answer.statusCode()).isEqualTo(503));

            assertThat(whatsapp.newUser("Kim").triesToSay("{\"text\":\"hello\"}")).isEqualTo(404);
        }
    }
}
