package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.waroutes.Guides;
import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import io.github.waroutes.junit.WhatsAppUser;
import io.github.waroutes.operate.Commands;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of docs/tutorial.md, and what the tutorial says of them. */
@WhatsAppSimulator(statusDelay = 600_000, reset = false)
class TutorialTest {

    private static final Path TUTORIAL = Path.of("docs/tutorial.md");
    private static final Pattern COMMAND = Pattern.compile("java -jar target/app/whatsapp-cloud-routes\\.jar (dead-letters replay .*)");
    private static final Pattern ANSWER = Pattern.compile("Write \\*where is my order\\?\\* on the page: \\*(.*?)\\*");

    @TempDir
    static Path directory;

    private static TestGateway gateway;
    private static Path route;

    @WhatsAppUser
    private SimulatedUser kim;

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) throws IOException {
        route = Files.writeString(directory.resolve("orders.camel.yaml"), file("my-routes/orders.camel.yaml"));
        Properties properties = new Properties();
        properties.load(new StringReader(file("my-routes/application.properties")));
        gateway = Flows.gateway(directory).with(whatsapp).with("whatsapp.management.audit-file", directory.resolve("audit.jsonl")).with("camel.main.routesIncludePattern", "classpath:routes/whatsapp/*.camel.yaml,file:" + route)
                .with("camel.main.routesReloadEnabled", true).with("camel.main.routesReloadDirectory", directory).with("camel.main.routesReloadPattern", "*.camel.yaml");
        properties.stringPropertyNames().forEach(key -> gateway.with(key, properties.getProperty(key)));
        gateway.start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static String file(String name) {
        return Guides.blocks().stream().filter(block -> block.guide().equals(TUTORIAL) && block.text().startsWith("# " + name + "\n")).findFirst().orElseThrow().text();
    }

    @Test
    void anOrderIsAnsweredTheRestGoesOnAndWhatFailedIsReplayed() throws IOException {
        Matcher answer = ANSWER.matcher(Guides.text(TUTORIAL));
        assertThat(answer.find()).isTrue();
        kim.sends("where is my order?");
        kim.receives(answer.group(1));

        kim.sends("when do you open?");
        assertThat(kim.receives().text()).contains("We are open");

        kim.sends("I want a refund");
        kim.receives(gateway.camel().resolvePropertyPlaceholders("{{whatsapp.reply.apology:Sorry, something went wrong on our side. Please try again in a little while.}}"));
        await().atMost(LIMIT).until(() -> gateway.queued("whatsapp.dead-letter") == 1);

        mend();
        StringWriter said = new StringWriter();
        String[] replay = Stream.concat(Stream.of(COMMAND.matcher(Guides.text(TUTORIAL)).results().findFirst().orElseThrow().group(1).split(" ")),
                Stream.of("--url", "http://127.0.0.1:" + gateway.managementPort)).toArray(String[]::new);
        assertThat(Commands.run(new PrintWriter(said, true), new PrintWriter(said, true), gateway::camel, replay)).as(said.toString()).isZero();
        kim.receives("You get it.");
    }

    /** The two steps of the order, with another text, in the place of the failing one. */
    private static void mend() throws IOException {
        String before = Files.readString(route);
        String steps = before.substring(before.indexOf("                  - setBody:"), before.indexOf("              - expression:", before.indexOf("- setBody:")));
        try (LogCapture log = new LogCapture("whatsapp")) {
            Files.writeString(route, before.replaceFirst("( +- throwException:\n.*\n.*\n)", steps.replace("Your order is on its way.", "You get it.")));
            await().atMost(LIMIT).until(() -> log.events().stream().anyMatch(event -> "whatsapp.routes.changed".equals(LogCapture.fields(event).get("event"))));
        }
    }
}
