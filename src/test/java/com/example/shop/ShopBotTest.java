package com.example.shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.waroutes.junit.ReceivedMessage;
import io.github.waroutes.junit.SimulatedGraph;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@WhatsAppSimulator(templates = {"hello_world:en_US", "order_shipped:en_US"})
class ShopBotTest {

    private static ShopBot bot;

    @BeforeAll
    static void startTheBot(SimulatedWhatsApp whatsapp) throws IOException {
        bot = new ShopBot(whatsapp.graphUrl() + "/v26.0/" + whatsapp.phoneNumberId(), whatsapp.accessToken());
        whatsapp.webhookPort(bot.port());
    }

    @AfterAll
    static void stopTheBot() {
        bot.stop();
    }

    @Test
    void itAnswersAndMarksAsRead(@WhatsAppUser(name = "Kim") SimulatedUser kim) {
        var question = kim.sends("hello");

        kim.receives("Hello Kim! Say \"hours\" or \"size\".");
        kim.seesRead(question);
    }

    @Test
    void aChoiceIsTapped(SimulatedUser kim) {
        kim.sends("size");
        ReceivedMessage offer = kim.receives("Which size?");
        assertEquals("[Small, Large]", offer.choices().toString());

        kim.taps("Large");
        kim.receives("Large it is.");
        kim.receivesNothingFor(Duration.ofMillis(100));
    }

    @Test
    void whatGraphThrottlesIsSentAgain(SimulatedUser kim, SimulatedUser sam, SimulatedGraph graph) {
        graph.fails(131056).times(2).forUser(kim);

        kim.sends("hours");
        sam.sends("hours");

        kim.receives("We open at nine.");
        sam.receives("We open at nine.");
        assertEquals(3, graph.callsTo(kim).size());
        assertEquals(1, graph.callsTo(sam).size());
    }

    @Test
    void theBotCanWriteFirst(@WhatsAppUser(phone = "15555550199") SimulatedUser sam) throws Exception {
        bot.tellThatItIsShipped("+15555550199");

        sam.receivesTemplate("order_shipped");
    }
}

/** The application under test: any program that speaks HTTP would do. */
class ShopBot {

    private static final ObjectMapper JSON = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final ExecutorService work = Executors.newSingleThreadExecutor();
    private final HttpServer server;
    private final String messagesUrl;
    private final String token;

    ShopBot(String numberUrl, String token) throws IOException {
        this.messagesUrl = numberUrl + "/messages";
        this.token = token;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/webhook", this::webhook);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    void stop() {
        server.stop(0);
        work.shutdownNow();
    }

    private void webhook(HttpExchange exchange) throws IOException {
        JsonNode value = JSON.readTree(exchange.getRequestBody()).at("/entry/0/changes/0/value");
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
        String name = value.at("/contacts/0/profile/name").asText();
        value.path("messages").forEach(message -> work.submit(() -> {
            answer(name, message);
            return null;
        }));
    }

    private void answer(String name, JsonNode message) throws Exception {
        post("{\"status\":\"read\",\"message_id\":\"" + message.path("id").asText() + "\"}");
        String to = "+" + message.path("from").asText();
        switch (message.at("/text/body").asText(message.at("/interactive/button_reply/title").asText())) {
            case "hours" -> text(to, "We open at nine.");
            case "size" -> post("{\"to\":\"" + to + "\",\"type\":\"interactive\",\"interactive\":{\"type\":\"button\","
                    + "\"body\":{\"text\":\"Which size?\"},\"action\":{\"buttons\":["
                    + "{\"type\":\"reply\",\"reply\":{\"id\":\"s\",\"title\":\"Small\"}},"
                    + "{\"type\":\"reply\",\"reply\":{\"id\":\"l\",\"title\":\"Large\"}}]}}}");
            case "Small" -> text(to, "Small it is.");
            case "Large" -> text(to, "Large it is.");
            default -> text(to, "Hello " + name + "! Say \\\"hours\\\" or \\\"size\\\".");
        }
    }

    void tellThatItIsShipped(String to) throws Exception {
        post("{\"to\":\"" + to + "\",\"type\":\"template\","
                + "\"template\":{\"name\":\"order_shipped\",\"language\":{\"code\":\"en_US\"}}}");
    }

    private void text(String to, String words) throws Exception {
        post("{\"to\":\"" + to + "\",\"type\":\"text\",\"text\":{\"body\":\"" + words + "\"}}");
    }

    private void post(String message) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(messagesUrl)).header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"messaging_product\":\"whatsapp\"," + message.substring(1)))
                .build();
        for (int attempt = 1; attempt <= 5; attempt++) {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (JSON.readTree(answer.body()).at("/error/code").asInt() != 131056) {
                return;
            }
            Thread.sleep(50);
        }
    }
}
