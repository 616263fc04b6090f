package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import io.github.waroutes.operate.RoutesFolder;
import org.apache.camel.main.Main;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a start says that a wrong configuration stops. {@link io.github.waroutes.flow.StartTest} has the same as a process. */
@Timeout(60)
class WrongStartTest {

    @TempDir
    Path directory;

    private void refused(Map<String, String> more, String says) {
        Map<String, String> properties = new HashMap<>(Map.of("whatsapp.phone-number-id", TestGateway.NUMBER, "whatsapp.access-token", TestGateway.TOKEN,
                "whatsapp.app-secret", TestGateway.SECRET, "whatsapp.verify-token", TestGateway.VERIFY_TOKEN, "whatsapp.graph.url", "http://127.0.0.1:9",
                "whatsapp.broker.directory", directory.resolve("broker").toString(), "whatsapp.outcome.directory", directory.resolve("outcomes").toString(),
                "camel.server.port", String.valueOf(TestPorts.free()), "camel.management.port", String.valueOf(TestPorts.free()),
                "whatsapp.broker.url", "vm://" + TestPorts.free()));
        properties.putAll(more);
        refused(WhatsAppApplication.newMain("classpath:none.properties;optional=true"), properties, says);
    }

    private static void refused(Main main, Map<String, String> properties, String says) {
        properties.forEach((key, value) -> {
            if (value != null) {
                main.addOverrideProperty(key, value);
            }
        });
        // a run leaves a hook in the JVM, which is to run more of them
        main.setShutdownStrategy(new SimpleMainShutdownStrategy());
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = WhatsAppApplication.run(main, new PrintStream(err, true, StandardCharsets.UTF_8));
        main.stop();
        String said = err.toString(StandardCharsets.UTF_8);
        assertThat(said.lines().filter(line -> !line.isBlank())).as(said).hasSize(1);
        assertThat(said).startsWith("whatsapp-cloud-routes cannot start: ").contains(says).doesNotContain("topsecret");
        // another try may help
        assertThat(code).isEqualTo(says.endsWith("does not answer.") || says.endsWith(".port") ? 75 : 1);
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(nullValues = "missing", delimiter = '|', value = {
        "whatsapp.app-secret | ' , ' | whatsapp.app-secret is wrong: copy it from the app's dashboard",
        "whatsapp.verify-token | missing | whatsapp.verify-token is not set.",
        "whatsapp.phone-number-id | missing | whatsapp.phone-number-id is not set.",
        "whatsapp.phone-number-id | +1 555 555 0101 | whatsapp.phone-number-id is wrong: copy it from the app's dashboard",
        "whatsapp.access-token | missing | whatsapp.access-token is not set.",
        "whatsapp.graph.url | http://graph.example | whatsapp.graph.url is http://graph.example: it must begin with https://",
        "whatsapp.graph.version | latest | whatsapp.graph.version is latest: give a version",
        "whatsapp.webhook.max-bytes | 10 | whatsapp.webhook.max-bytes is 10: give a whole number (bytes) of at least 1024.",
        "whatsapp.webhook.max-bytes | 4 MB | whatsapp.webhook.max-bytes is 4 MB: give a whole number (bytes) of at least 1024.",
        "whatsapp.broker.max-bytes | 10 | whatsapp.broker.max-bytes is 10: give a whole number (bytes) of at least 1048576.",
        "whatsapp.broker.directory | /dev/null/x | whatsapp.broker.directory /dev/null/x cannot be made: /dev/null is no directory.",
        "whatsapp.redis.url | localhost | whatsapp.redis.url is wrong: give an address, such as redis://localhost:6379",
        "whatsapp.redis.url | redis://127.0.0.1:1 | whatsapp.redis.url does not answer.",
        "whatsapp.burst.window | 2000 | whatsapp.burst.window is 2000, and whatsapp.redis.url is not set.",
        "whatsapp.burst.window | -1 | whatsapp.burst.window is -1: give a whole number (ms) of at least 0.",
        "whatsapp.burst.size | 0 | whatsapp.burst.size is 0: give a whole number of at least 1.",
        "whatsapp.window.closed | template | whatsapp.window.closed is template, and whatsapp.window.template is not set.",
        "whatsapp.understanding | telepathy | no route begins at direct:whatsapp-understanding-telepathy",
        "whatsapp.on.image | direct:nowhere | no route begins at direct:nowhere",
    })
    void aMissingOrWrongValueIsNamed(String key, String value, String says) {
        Map<String, String> change = new HashMap<>();
        change.put(key, value);
        refused(change, says);
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(delimiter = '|', value = {
        "whatsapp.access-token | topsecretopsecretopsecretopsecretopsecretopsecretopsecretopse | whatsapp.access-token looks like a real one",
        "whatsapp.graph.url | https://graph.facebook.com | whatsapp.graph.url is not on this machine",
        "whatsapp.simulator.webhook-url | https://example.com/webhook | whatsapp.simulator.webhook-url must be an http address on this machine",
        "whatsapp.simulator.public-url | http://192.0.2.1:8080 | whatsapp.simulator.public-url must be an http address on this machine",
        "whatsapp.simulator.window | sometimes | whatsapp.simulator.window is",
    })
    void theSimulatorIsRefusedBesideSomethingOfMetas(String key, String value, String says) {
        refused(Map.of("camel.main.routesIncludePattern", "classpath:routes/whatsapp/*.camel.yaml,classpath:routes/simulator/*.camel.yaml", key, value), says);
    }

    @ParameterizedTest
    @ValueSource(strings = {"camel.server.port", "camel.management.port"})
    void aPortInUseIsNamed(String port) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            refused(Map.of("camel.server.host", "127.0.0.1", "camel.management.host", "127.0.0.1", port, String.valueOf(taken.getLocalPort())), port);
        }
    }

    @Test
    void aWrongValueOfCamelsIsToldWithItsKey() {
        refused(Map.of("camel.main.shutdownTimeout", "soon"), "camel.main.shutdownTimeout is soon, which cannot be read.");
    }

    @Test
    void aFolderOfOwnRoutesThatIsNotThereIsNamed() {
        Path folder = directory.resolve("mine");
        refused(WhatsAppApplication.newMain("classpath:none.properties;optional=true", RoutesFolder.of("--debug", "--routes", folder.toString())),
                Map.of("whatsapp.app-secret", TestGateway.SECRET), "--routes " + folder + " is no folder: make it");
    }

    @Test
    void theOptionIsReadInBothFormsAndKeptFromCamelsOwn() {
        assertThat(RoutesFolder.of("--routes=mine")).hasToString("mine");
        assertThat(RoutesFolder.of("--routes", "mine", "--debug")).hasToString("mine");
        assertThat(RoutesFolder.of("--debug")).isNull();
        assertThat(RoutesFolder.of("--routes=")).isNull();
        assertThat(RoutesFolder.others("--routes", "mine", "--debug", "--routes=other")).containsExactly("--debug");
    }

    @Test
    void aMistakeInTheIntentsFileIsNamed() throws IOException {
        Path intents = Files.writeString(directory.resolve("intents.yaml"), "intents: []\n");
        refused(Map.of("whatsapp.understanding.intents.file", intents.toString()), "intents.yaml");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "'\t- log: hi'            | 'mine.camel.yaml, line 6: while scanning for the next token: found character'",
        "'- setBoddy: {}'         | 'mine.camel.yaml, line 6: Unknown node id: setBoddy'",
        "'- setBody:\n            simple: \"${boddy[x]}\"' | 'mine.camel.yaml, line 6, route mine, step SetBody[simple{${boddy[x]}}]: SimpleParserException: Unknown function: boddy[x]'",
        "'- to: \"nosuch:thing\"'   | 'mine.camel.yaml, line 6, route mine, step to[nosuch:thing]: NoSuchEndpointException: No endpoint could be found for: nosuch'",
        "'- to: \"{{my.target}}\"'  | 'mine.camel.yaml, line 6, route mine, step to[{{my.target}}]: IllegalArgumentException: Property with key [my.target] not found'",
        "'- bean:\n            ref: mine' | 'mine.camel.yaml, line 6, route mine, step Bean[ref:mine]: NoSuchBeanException: No bean could be found'",
        "'- to: \"direct:nowhere\"' | 'no route begins at direct:nowhere.'",
    })
    void aMistakeInARouteFileIsToldWithFileLineRouteAndStep(String step, String says) throws IOException {
        Path file = Files.writeString(directory.resolve("mine.camel.yaml"),
                "- route:\n    id: mine\n    from:\n      uri: direct:mine\n      steps:\n        " + step + "\n");
        refused(withRoutes(file.toString()), says);
    }

    @Test
    void aFolderOfRoutesThatIsNotThereIsNamed() {
        refused(withRoutes(directory.resolve("my-routes") + "/*.camel.yaml"), "my-routes is not there.");
    }

    private static Map<String, String> withRoutes(String files) {
        return Map.of("camel.main.routesIncludePattern", "classpath:routes/whatsapp/*.camel.yaml,file:" + files);
    }
}
