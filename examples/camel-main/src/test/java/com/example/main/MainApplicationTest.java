package com.example.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;

import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WhatsAppSimulator
class MainApplicationTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Main MAIN = MainApplication.newMain();
    private static int port;
    private static int managementPort;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp, @TempDir Path directory) throws IOException {
        port = freePort();
        managementPort = freePort();
        whatsapp.settings().forEach(MAIN::addOverrideProperty);
        MAIN.addOverrideProperty("camel.server.port", Integer.toString(port));
        MAIN.addOverrideProperty("camel.management.port", Integer.toString(managementPort));
        MAIN.addOverrideProperty("whatsapp.broker.url", "vm://3300");
        MAIN.addOverrideProperty("whatsapp.broker.directory", directory.resolve("broker").toString());
        MAIN.addOverrideProperty("whatsapp.outcome.directory", directory.resolve("outcomes").toString());
        MAIN.start();
        whatsapp.webhookPort(port);
    }

    @AfterAll
    static void stop() {
        MAIN.stop();
    }

    @Test
    void aRouteOfTheApplicationAnswers(@WhatsAppUser(name = "Kim") SimulatedUser kim) {
        kim.sends("When are you open?");

        kim.receives("We are open from nine to six.");
    }

    @Test
    void aRouteOfTheApplicationWritesFirst(@WhatsAppUser(name = "Sam", phone = "15555550188") SimulatedUser sam) throws Exception {
        HttpRequest order = HttpRequest.newBuilder(uri(port, "/offer/15555550188")).POST(HttpRequest.BodyPublishers.noBody()).build();

        assertThat(http.send(order, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        sam.receivesTemplate("hello_world");
    }

    @Test
    void theApplicationsPageIsOnTheSameServer() throws Exception {
        assertThat(get(port, "/hours")).isEqualTo("We are open from nine to six.");
    }

    @Test
    void healthAndMetricsAreOnTheManagementServer(@WhatsAppUser(name = "Kim") SimulatedUser kim) throws Exception {
        assertThat(get(managementPort, "/observe/health")).contains("UP");
        kim.sends("Hello");
        kim.receives();
        await().atMost(LIMIT).untilAsserted(() -> assertThat(get(managementPort, "/observe/metrics")).contains("whatsapp_messages_sent_total{"));
    }

    private String get(int port, String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(uri(port, path)).build(), HttpResponse.BodyHandlers.ofString()).body();
    }

    private static URI uri(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
