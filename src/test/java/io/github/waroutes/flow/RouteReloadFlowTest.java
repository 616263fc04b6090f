package io.github.waroutes.flow;

import static io.github.waroutes.TestGateway.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

import io.github.waroutes.LogCapture;
import io.github.waroutes.TestGateway;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.LifecycleStrategySupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A route of a user's that is edited while the gateway runs: the new one answers, or the old one does and the log says why. */
@WhatsAppSimulator
class RouteReloadFlowTest {

    private static final String ROUTE = """
            - route:
                id: my-text
                from:
                  uri: direct:my-text
                  steps:
                    - setBody:
                        expression:
                          simple:
                            expression: "WORD: ${body[text][body]}"
                    - to:
                        uri: direct:whatsapp-reply
            """;

    @TempDir
    static Path directory;

    private static Path file;
    private static TestGateway gateway;

    private static volatile boolean nothingStarts;

    private LogCapture log;
    private SimulatedUser kim;
    private int edits;

    private static Path routes() throws IOException {
        return Files.createDirectories(directory.resolve("my-routes"));
    }

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) throws IOException {
        file = routes().resolve("text.camel.yaml");
        Files.writeString(file, ROUTE.replace("WORD", "old"));
        gateway = reloading(new TestGateway(directory).with(whatsapp)).with("whatsapp.on.text", "direct:my-text")
                .with("camel.main.routesIncludePattern", "classpath:routes/whatsapp/*.camel.yaml,file:" + file)
                .with(new RouteBuilder() {
                    @Override
                    public void configure() {
                        getContext().addLifecycleStrategy(new LifecycleStrategySupport() {
                            @Override
                            public void onRoutesAdd(Collection<Route> routes) {
                                if (nothingStarts) {
                                    throw new IllegalStateException("nothing starts");
                                }
                            }
                        });
                    }
                }).start();
    }

    private static TestGateway reloading(TestGateway gateway) throws IOException {
        return gateway.with("camel.main.routesReloadEnabled", true).with("camel.main.routesReloadDirectory", routes())
                .with("camel.main.routesReloadPattern", "*.camel.yaml");
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void begin(SimulatedUser user) throws IOException {
        log = new LogCapture("whatsapp");
        kim = user;
        changes(file, ROUTE.replace("WORD", "old"), "my-text");
    }

    @AfterEach
    void close() {
        log.close();
    }

    private List<Map<String, String>> told(String event) {
        return log.events().stream().map(LogCapture::fields).filter(fields -> event.equals(fields.get("event"))).toList();
    }

    /** Each content is another one: the same again is no edit. */
    private void write(Path path, String content) throws IOException {
        Files.writeString(path, content + "# " + edits++ + System.nanoTime() + '\n');
    }

    private void changes(Path path, String content, String route) throws IOException {
        int before = told("whatsapp.routes.changed").size();
        write(path, content);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(told("whatsapp.routes.changed")).hasSizeGreaterThan(before).last()
                .satisfies(fields -> assertThat(fields).containsEntry("file", path.toString()).containsEntry("routes", '[' + route + ']')));
    }

    private void refuses(String reason) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(told("whatsapp.routes.refused")).last()
                .satisfies(fields -> assertThat(fields.get("reason")).contains(reason)));
        assertThat(log.events()).as("one readable event").noneMatch(event -> event.getThrowableProxy() != null);
    }

    private HttpResponse<String> ready() {
        return gateway.get(URI.create("http://127.0.0.1:" + gateway.managementPort + "/observe/health/ready"));
    }

    private void answers(String text) {
        kim.sends("hello");
        kim.eventuallyReceives(text);
    }

    @Test
    void metricsAreRegisteredOnceHoweverOftenRoutesChange() throws IOException {
        changes(file, ROUTE.replace("WORD", "newer"), "my-text");
        changes(file, ROUTE.replace("WORD", "newest"), "my-text");
        assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName).filteredOn(name -> name.endsWith("whatsapp-metrics")).hasSize(1);
    }

    @Test
    void aRouteThatBeginsWithAKameletIsReplacedAndNothingElseTakesItsUpdatesMeanwhile() throws IOException {
        Path images = routes().resolve("images.camel.yaml");
        String route = """
                - route:
                    id: my-images
                    from:
                      uri: kamelet:whatsapp-source
                      parameters:
                        types: image
                      steps:
                        - setBody:
                            expression:
                              constant:
                                expression: WORD
                        - to:
                            uri: kamelet:whatsapp-send-sink
                """;
        changes(images, route.replace("WORD", "seen first"), "my-images");
        for (int i = 0; i < 4; i++) {
            kim.sendsImage("before " + i);
            changes(images, route.replace("WORD", "seen " + i).replace("types: image", i % 2 == 0 ? "types: image" : "types: image,sticker"), "my-images");
            kim.sendsImage("after " + i);
            kim.eventuallyReceives("seen " + i);
        }
        Flows.awaitQuiet(gateway);
        assertThat(Flows.received(kim)).hasSize(8).allSatisfy(text -> assertThat(text).startsWith("seen "));
        assertThat(gateway.camel().getRoutes()).filteredOn(one -> one.getEndpoint().getEndpointUri().startsWith("whatsapp-source:")).hasSize(1);
    }

    @Test
    void anEditTakesEffectAndEveryMessageMeanwhileIsAnswered() throws IOException {
        for (int i = 0; i < 5; i++) {
            kim.sends("before " + i);
            changes(file, ROUTE.replace("WORD", "new " + i), "my-text");
            kim.sends("after " + i);
            kim.eventuallyReceives("new " + i + ": after " + i);
        }
        Flows.awaitQuiet(gateway);
        assertThat(Flows.received(kim)).hasSize(10);
        assertThat(gateway.deadLetters()).isEmpty();

        // another id at the same endpoint
        changes(file, ROUTE.replace("WORD", "renamed").replace("id: my-text", "id: my-other"), "my-other");
        answers("renamed: hello");
        assertThat(gateway.camel().getRoute("my-text")).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'    from:'               | '   from:'                       | 'text.camel.yaml, line 3: while parsing a block mapping: expected <block end>'",
        "setBody                   | setBoddy                         | 'text.camel.yaml, line 6: Unknown node id: setBoddy'",
        "'uri: direct:whatsapp'    | 'uri: nosuch:whatsapp'           | 'text.camel.yaml, line 10, route my-text, step to[nosuch:whatsapp-reply]: NoSuchEndpointException'",
        "whatsapp-reply            | whatsapp-reply?nonsense=1        | 'text.camel.yaml, line 10, route my-text, step to[direct:whatsapp-reply?nonsense=1]: ResolveEndpointFailedException'",
        "whatsapp-reply            | whatsapp-replly                  | 'text.camel.yaml, line 10: no route would begin at direct:whatsapp-replly.'",
        "'uri: direct:my-text'     | 'uri: direct:nobody'             | 'text.camel.yaml: no route would begin at direct:my-text.'",
        "'{body[text][body]}'      | '{boddy}'                        | 'text.camel.yaml, line 6, route my-text, step SetBody[simple{broken: ${boddy}}]: SimpleParserException'",
        "'id: my-text'             | 'id: reply'                      | 'text.camel.yaml, line 1: there is another route with the id reply.'"})
    void aBrokenEditIsToldWithFileAndLineAndTheOldRouteAnswersUntilItIsMended(String good, String bad, String reason) throws IOException {
        write(file, ROUTE.replace("WORD", "broken").replace(good, bad));
        refuses(reason);
        answers("old: hello");
        assertThat(ready().statusCode()).isEqualTo(200);
        assertThat(ready().body()).contains("An edit was refused", reason.substring(0, reason.indexOf(':')));

        changes(file, ROUTE.replace("WORD", "mended"), "my-text");
        answers("mended: hello");
        assertThat(ready().body()).doesNotContain("An edit was refused");
    }

    @Test
    void aRouteThatDoesNotStartIsReplacedByTheOldOneAgain() throws IOException {
        // seen only when it starts: another route listens there
        write(file, ROUTE.replace("WORD", "half") + ROUTE.replace("id: my-text", "id: my-second").replace("direct:my-text", "direct:whatsapp-reply")
                .replace("to:\n            uri: direct:whatsapp-reply", "to:\n            uri: direct:my-text"));
        refuses("text.camel.yaml, line 12, FailedToStartRouteException: Failed to start route: my-second");
        answers("old: hello");
        assertThat(gateway.camel().getRoute("my-second")).isNull();
        assertThat(ready().statusCode()).isEqualTo(200);
    }

    @Test
    void aFileThatIsEmptiedOrDeletedTakesNoRouteAway() throws IOException {
        Files.writeString(file, "");
        refuses("text.camel.yaml is empty: [my-text] run until the next start.");
        answers("old: hello");
        Files.delete(file);
        refuses("text.camel.yaml is gone: [my-text] run until the next start.");
        answers("old: hello");
        assertThat(ready().body()).contains("is gone");
        changes(file, ROUTE.replace("WORD", "back"), "my-text");
        answers("back: hello");
    }

    @Test
    void aFileThatNeedsAnotherOneIsReadAgainWhenThatOneIsThere() throws IOException {
        write(file, ROUTE.replace("WORD", "with help").replace("direct:whatsapp-reply", "direct:help"));
        refuses("no route would begin at direct:help.");
        Path help = file.resolveSibling("help.camel.yaml");
        changes(help, ROUTE.replace("WORD", "unused").replace("my-text", "help").replace("expression: \"unused: ${body[text][body]}\"", "expression: \"helped: ${body}\""), "help");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(told("whatsapp.routes.changed")).last()
                .satisfies(fields -> assertThat(fields).containsEntry("file", file.toString())));
        answers("helped: with help: hello");
    }

    @Test
    void aGatewayThatLostARouteIsNotReady() throws IOException {
        nothingStarts = true;
        try {
            write(file, ROUTE.replace("WORD", "never"));
            await().atMost(LIMIT).untilAsserted(() -> assertThat(told("whatsapp.routes.refused")).isNotEmpty());
        } finally {
            nothingStarts = false;
        }
        assertThat(ready().statusCode()).isEqualTo(503);
        assertThat(ready().body()).contains("did not start, and those of before do not start again");

        changes(file, ROUTE.replace("WORD", "again"), "my-text");
        assertThat(ready().statusCode()).isEqualTo(200);
        answers("again: hello");
    }

    @Test
    void aReloadThatWouldEmptyTheGatewayOrNeverHappenStopsTheStart() throws IOException {
        try (TestGateway other = reloading(new TestGateway(directory)).with("camel.main.routesReloadRemoveAllRoutes", true)) {
            assertThatThrownBy(other::start).hasStackTraceContaining("would remove the gateway's own routes at the first edit: leave it out.");
        }
        try (TestGateway other = reloading(new TestGateway(directory)).with("camel.main.routesReloadDirectory", directory.resolve("nowhere"))) {
            assertThatThrownBy(other::start).hasStackTraceContaining("nowhere is no directory: make it");
        }
    }
}
