package io.github.waroutes.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WhatsAppSimulator
class HandOverTest {

    private static Recipe recipe;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) {
        recipe = new Recipe("hand-over", whatsapp, directory).with("hand-over.directory", directory.resolve("desk")).with("whatsapp.api.token", "desk").start();
    }

    @AfterAll
    static void stop() {
        recipe.close();
    }

    @Test
    void thePersonSpeaksInPlaceOfTheBot(@WhatsAppUser(name = "Kim") SimulatedUser kim, SimulatedUser sam) throws Exception {
        kim.sends("when do you open on Saturday?");
        String hours = kim.receivesMatching(".*Saturday.*").text();
        kim.sends("I want an agent!");
        kim.receives("I am getting somebody for you.");
        kim.sends("when do you open on Saturday?");
        kim.sendsImage();
        Path desk = recipe.directory().resolve("desk").resolve(kim.id() + ".txt");
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            List<String> lines = Files.readAllLines(desk);
            assertThat(lines).hasSize(3);
            assertThat(lines.get(0)).matches("\\d\\d:\\d\\d Kim: I want an agent!");
            assertThat(lines.get(1)).endsWith("Kim: when do you open on Saturday?");
            assertThat(lines.get(2)).contains("Kim sent: image ");
        });
        sam.sends("when do you open on Saturday?");
        sam.receives(hours);

        post("/api/messages", "{\"messaging_product\":\"whatsapp\",\"to\":\"+" + kim.id() + "\",\"type\":\"text\",\"text\":{\"body\":\"Robin here.\"}}", 202);
        kim.receives("Robin here.");
        post("/api/hand-overs", "{\"to\":\"+" + kim.id() + "\",\"action\":\"resume\"}", 200);
        kim.sends("when do you open on Saturday?");
        kim.receives(hours);
    }

    private static void post(String path, String body, int status) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(recipe.url(path))).header("Authorization", "Bearer desk")
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    }
}
