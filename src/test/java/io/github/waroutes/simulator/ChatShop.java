package io.github.waroutes.simulator;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import io.github.waroutes.TestPorts;
import io.github.waroutes.WhatsAppApplication;
import io.github.waroutes.message.Buttons;
import io.github.waroutes.message.ListMessage;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;

/**
 * The gateway and the simulator in one process, as the demonstration starts them, on free ports. A small shop answers: "menu" with a
 * list, "order" with two buttons, "wait" when it is let go, anything else with the same words.
 */
final class ChatShop implements AutoCloseable {

    static final String NUMBER = "106540352242922";
    static final String ACCOUNT = "102290129340398";
    private static final String TOKEN = "simulated-access-token";
    private static final Duration LIMIT = Duration.ofSeconds(20);

    final String url;
    private final Main main;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private volatile CountDownLatch held = new CountDownLatch(0);

    ChatShop(Path directory) {
        int port = TestPorts.free();
        url = "http://127.0.0.1:" + port;
        main = WhatsAppApplication.newMain("false");
        WhatsAppApplication.load("whatsapp/simulator/demo.properties")
                .forEach((key, value) -> main.addOverrideProperty(key.toString(), value.toString()));
        Map.of("camel.server.port", Integer.toString(port),
                "camel.management.port", Integer.toString(TestPorts.free()),
                "camel.main.shutdownTimeout", "10",
                "whatsapp.broker.url", "vm://" + ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE),
                "whatsapp.broker.directory", directory.resolve("broker").toString(),
                "whatsapp.outcome.directory", directory.resolve("outcomes").toString(),
                "whatsapp.media.directory", directory.resolve("media").toString(),
                "whatsapp.understanding", "shop",
                "whatsapp.simulator.status-delay", "100").forEach(main::addOverrideProperty);
        main.configure().addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:whatsapp-understanding-shop").errorHandler(noErrorHandler()).process(ChatShop.this::answer)
                        .choice().when(body().isInstanceOf(String.class)).to("direct:whatsapp-send").setBody(constant(List.of()));
            }
        });
        main.start();
    }

    @Override
    public void close() {
        held.countDown();
        main.stop();
    }

    private void answer(Exchange exchange) throws InterruptedException {
        String words = exchange.getMessage().getBody(String.class);
        String user = exchange.getMessage().getHeader("WhatsAppUser", String.class);
        String lower = words.toLowerCase(Locale.ROOT);
        if (lower.contains("wait") && !held.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("never let go");
        }
        if (lower.contains("menu")) {
            exchange.getMessage().setBody(ListMessage.of("What would you like? *Everything* is _fresh_.", "See the menu")
                    .section("Warm").row("soup", "Soup of the day", "Pumpkin and ginger, 6.50").row("curry", "Curry", "Chickpeas and rice, 11.00")
                    .section("Cold").row("salad", "Garden salad", "8.00").to(user).toJson());
        } else if (lower.contains("order")) {
            exchange.getMessage().setBody(Buttons.of("Your order *#4182* left our shop at 14:05. May we leave it with a neighbour?")
                    .button("yes", "Yes, please").button("no", "No, I am home").to(user).toJson());
        } else {
            exchange.getMessage().setBody(List.of(switch (words) {
                case "Curry" -> "Curry it is. It is with you in *20 minutes*.";
                case "Yes, please" -> "Thank you, we will ask next door.";
                default -> "You said: " + words;
            }));
        }
    }

    /** Makes answers to "wait" wait, until the latch is counted down. */
    CountDownLatch hold() {
        held = new CountDownLatch(1);
        return held;
    }

    /** Says something as a user; the body is as in docs/simulator.md. */
    void say(String user, String json) {
        call("POST", "/simulator/users/" + user + "/messages", json);
    }

    /** Calls the Graph API as the business's own software would; the path is below the version. */
    void graph(String path, String json) {
        call("POST", "/graph/v26.0/" + path, json);
    }

    /** Asks the Graph API for what is at this path below the version. */
    void read(String path) {
        call("GET", "/graph/v26.0/" + path, null);
    }

    /** Adds a fault; the body is as in docs/simulator.md. */
    void fault(String json) {
        call("POST", "/simulator/faults", json);
    }

    void removeFaults() {
        call("DELETE", "/simulator/faults", null);
    }

    private void call(String method, String path, String json) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path)).timeout(LIMIT)
                .header("Content-Type", "application/json").header("Authorization", "Bearer " + TOKEN)
                .method(method, json == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(json)).build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(method + " " + path + " answered " + response.statusCode() + ": " + response.body());
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
