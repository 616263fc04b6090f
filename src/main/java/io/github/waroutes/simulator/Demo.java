package io.github.waroutes.simulator;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.WhatsAppApplication;
import io.github.waroutes.operate.RoutesFolder;
import io.github.waroutes.operate.StartFailure;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.slf4j.LoggerFactory;

/**
 * Starts the gateway together with the simulated Cloud API, plays a short conversation, says what happens in plain words,
 * and keeps running. With {@code --routes DIR} it runs the routes there beside ours, plays nothing, and says what becomes of each edit.
 */
public final class Demo {

    private static final String USER = "15555550101";
    private static final String NAME = "Kim";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** After this long without another answer, the turn is over. */
    private static final long QUIET_MILLIS = 500;

    private final PrintStream out;
    private final String base;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
    private final ObjectMapper json = new ObjectMapper();

    Demo(PrintStream out, int port) {
        this.out = out;
        this.base = "http://127.0.0.1:" + port;
    }

    public static void main(String... args) throws IOException {
        Path directory = Files.createTempDirectory("whatsapp-demo-");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
        System.setProperty("whatsapp.demo.log", directory.resolve("demo.log").toString());
        System.setProperty("logback.configurationFile", "whatsapp/simulator/logback-demo.xml");
        RoutesFolder own = RoutesFolder.of(args);
        Main main = WhatsAppApplication.newMain("false", own);
        WhatsAppApplication.extend(main);
        Properties demo = WhatsAppApplication.load("whatsapp/simulator/demo.properties");
        if (own != null) {
            // theirs to try
            demo.remove("whatsapp.understanding");
            tellOfEdits();
        }
        demo.forEach((key, value) -> main.addOverrideProperty(key.toString(), value.toString()));
        main.addOverrideProperty("whatsapp.broker.directory", directory.resolve("broker").toString());
        main.addOverrideProperty("whatsapp.outcome.directory", directory.resolve("outcomes").toString());
        boolean once = List.of(args).contains("--once");
        boolean open = List.of(args).contains("--open");
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void afterStart(BaseMainSupport started) {
                int port = Integer.parseInt(started.getCamelContext().resolvePropertyPlaceholders("{{camel.server.port}}"));
                int management = Integer.parseInt(
                        started.getCamelContext().resolvePropertyPlaceholders("{{camel.management.port}}"));
                new Demo(System.out, port).play(management, System.getProperty("whatsapp.demo.log"), once, open, own, main);
            }
        });
        WhatsAppApplication.run(main);
        // threads of the broker's client would keep the process for another minute
        System.exit(0);
    }

    /** In the terminal, as the log is in a file. */
    private static void tellOfEdits() {
        AppenderBase<ILoggingEvent> terminal = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getMessage().startsWith("whatsapp.routes.changed")) {
                    System.out.println("Taken up: " + event.getKeyValuePairs().stream().filter(pair -> !pair.key.equals("event"))
                            .map(pair -> String.valueOf(pair.value)).collect(Collectors.joining(", ")));
                } else if (event.getMessage().startsWith("whatsapp.routes.refused")) {
                    System.out.println("Not taken up: " + event.getFormattedMessage().replace("whatsapp.routes.refused: ", ""));
                }
            }
        };
        terminal.start();
        ((Logger) LoggerFactory.getLogger("whatsapp")).addAppender(terminal);
    }

    private void play(int managementPort, String log, boolean once, boolean open, RoutesFolder own, Main main) {
        Thread conversation = new Thread(() -> {
            try {
                out.println("Chat with it in a browser: " + base + "/simulator/");
                if (!once || open) {
                    DesktopBrowser.open(base + "/simulator/", open);
                }
                out.println("The gateway and a simulated Cloud API run on " + base + ".");
                if (own == null) {
                    say("writes", "text", "Hi, when do you open on Saturday?");
                    say("says, in a voice message", "voice", "Where is my order?");
                    out.println();
                    out.println("All of this went over real HTTP, through the routes that run in production. Write more yourself:");
                } else {
                    out.println("The routes of " + own + " run too; edit and save one, and it is taken up. Write to it on the page, or:");
                }
                out.println("  curl -H 'Content-Type: application/json' -d '{\"text\":\"do you deliver?\"}' " + base
                        + "/simulator/users/" + USER + "/messages");
                out.println("and read the conversation:");
                out.println("  curl " + base + "/simulator/users/" + USER + "/messages");
                out.println("Metrics: http://127.0.0.1:" + managementPort + "/observe/metrics   Log: " + log);
                out.println("Ctrl-C ends it.");
            } catch (IOException e) {
                out.println("The demonstration failed: " + StartFailure.explain(e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (once) {
                main.completed();
            }
        }, "demo");
        conversation.setDaemon(true);
        conversation.start();
    }

    private void say(String how, String kind, String words) throws IOException, InterruptedException {
        out.println();
        out.println(NAME + ' ' + how + ": " + words);
        int before = answers(call("GET", null)).size();
        long began = System.nanoTime();
        JsonNode said = call("POST", json.createObjectNode().put("name", NAME).put(kind, words).toString());
        out.println("  The webhook, signed, was answered with " + said.path("webhook_status").asInt() + " after "
                + millis(began) + " ms: the message is on disk.");
        boolean read = false;
        int printed = before;
        long lastAnswer = 0;
        while (printed == before || millis(lastAnswer) < QUIET_MILLIS) {
            JsonNode conversation = call("GET", null);
            if (!read && isRead(conversation, said.path("message_id").asText())) {
                read = true;
                out.println("  It was marked as read, and the typing indicator is shown.");
            }
            List<JsonNode> answers = answers(conversation);
            if ("voice".equals(kind) && printed == before && answers.size() > before) {
                out.println("  Its media id gave a URL, the URL gave the bytes, their SHA-256 was right; then it was transcribed.");
            }
            for (JsonNode answer : answers.subList(printed, answers.size())) {
                out.println("The shop answers, after " + millis(began) + " ms: " + answer.path("text").asText());
                lastAnswer = System.nanoTime();
                printed++;
            }
            if (printed == before && millis(began) > LIMIT.toMillis()) {
                throw new IOException("no answer within " + LIMIT.toSeconds() + " s");
            }
            Thread.sleep(20);
        }
    }

    private static boolean isRead(JsonNode conversation, String id) {
        for (JsonNode message : conversation) {
            if (id.equals(message.path("id").asText()) && "read".equals(message.path("status").asText())) {
                return true;
            }
        }
        return false;
    }

    private static List<JsonNode> answers(JsonNode conversation) {
        List<JsonNode> answers = new ArrayList<>();
        conversation.forEach(message -> {
            if ("business".equals(message.path("from").asText())) {
                answers.add(message);
            }
        });
        return answers;
    }

    private JsonNode call(String method, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/simulator/users/" + USER + "/messages"))
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .method(method, body == null
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                .build();
        return json.readTree(http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
    }

    private static long millis(long began) {
        return (System.nanoTime() - began) / 1_000_000;
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            directory.toFile().deleteOnExit();
        }
    }
}
