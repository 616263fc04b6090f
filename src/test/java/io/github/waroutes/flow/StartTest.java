package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A wrong configuration stops the start with one line that says what to do, in a process of its own. */
class StartTest {

    private static final int LIMIT_SECONDS = 60;
    private static final String PREFIX = "whatsapp-cloud-routes cannot start: ";

    @TempDir
    Path directory;

    private static void stopsWithOneLine(ChildGateway gateway, String says) {
        stopsWithOneLine(gateway, says, 1);
    }

    private static void stopsWithOneLine(ChildGateway gateway, String says, int exitCode) {
        try (gateway) {
            int code = gateway.start().exitCode(LIMIT_SECONDS);
            assertThat(gateway.err().lines().filter(line -> !line.isBlank())).as(gateway.err()).hasSize(1);
            assertThat(gateway.err()).startsWith(PREFIX).contains(says);
            assertThat(code).isEqualTo(exitCode);
            assertThat(gateway.err() + gateway.out()).doesNotContain("\tat ").doesNotContain("stack_trace").doesNotContain("topsecret");
        }
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(nullValues = "missing", delimiter = '|', value = {
        "WHATSAPP_APP_SECRET       | missing                 | whatsapp.app-secret is not set.",
        "WHATSAPP_APP_SECRET       | ' , '                   | whatsapp.app-secret is wrong: copy it from the app's dashboard",
        "WHATSAPP_VERIFY_TOKEN     | missing                 | whatsapp.verify-token is not set.",
        "WHATSAPP_PHONE_NUMBER_ID  | missing                 | whatsapp.phone-number-id is not set.",
        "WHATSAPP_PHONE_NUMBER_ID  | +1 555 555 0101         | whatsapp.phone-number-id is wrong: copy it from the app's dashboard",
        "WHATSAPP_ACCESS_TOKEN     | missing                 | whatsapp.access-token is not set.",
        "WHATSAPP_ACCESS_TOKEN     | top secret topsecret    | whatsapp.access-token is wrong: make a system user's token",
        "WHATSAPP_GRAPH_URL        | http://graph.example    | whatsapp.graph.url is http://graph.example: it must begin with https://",
        "WHATSAPP_GRAPH_VERSION    | latest                  | whatsapp.graph.version is latest: give a version",
        "WHATSAPP_WEBHOOK_MAX_BYTES | 10                     | whatsapp.webhook.max-bytes is 10: give a whole number (bytes) of at least 1024.",
        "WHATSAPP_WEBHOOK_MAX_BYTES | 4 MB                   | whatsapp.webhook.max-bytes is 4 MB: give a whole number (bytes) of at least 1024.",
        "WHATSAPP_BROKER_MAX_BYTES | 10                      | whatsapp.broker.max-bytes is 10: give a whole number (bytes) of at least 1048576.",
        "WHATSAPP_BROKER_DIRECTORY | /dev/null/x             | whatsapp.broker.directory /dev/null/x cannot be made: /dev/null is no directory.",
        "WHATSAPP_BROKER_URL       | tcp://127.0.0.1:1       | whatsapp.broker.url tcp://127.0.0.1:1 does not answer.",
        "WHATSAPP_REDIS_URL        | localhost               | whatsapp.redis.url is wrong: give an address, such as redis://localhost:6379",
        "WHATSAPP_REDIS_URL        | redis://127.0.0.1:1     | whatsapp.redis.url does not answer.",
        "WHATSAPP_BURST_WINDOW     | 2000                    | whatsapp.burst.window is 2000, and whatsapp.redis.url is not set.",
        "WHATSAPP_BURST_WINDOW     | -1                      | whatsapp.burst.window is -1: give a whole number (ms) of at least 0.",
        "WHATSAPP_BURST_SIZE       | 0                       | whatsapp.burst.size is 0: give a whole number of at least 1.",
        "WHATSAPP_WINDOW_CLOSED    | template                | whatsapp.window.closed is template, and whatsapp.window.template is not set.",
        "WHATSAPP_UNDERSTANDING    | telepathy               | no route begins at direct:whatsapp-understanding-telepathy",
        "WHATSAPP_ON_IMAGE         | direct:nowhere          | no route begins at direct:nowhere",
    })
    void aMissingOrWrongValueIsNamed(String variable, String value, String says) {
        // another try may help
        stopsWithOneLine(new ChildGateway(directory).with(variable, value), says, says.endsWith("does not answer.") ? 75 : 1);
    }

    @Test
    void aPortInUseIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            stopsWithOneLine(new ChildGateway(directory).with("CAMEL_SERVER_PORT", String.valueOf(taken.getLocalPort())),
                    "camel.server.port", 75);
        }
    }

    @Test
    void aManagementPortInUseIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            stopsWithOneLine(new ChildGateway(directory).with("CAMEL_MANAGEMENT_PORT", String.valueOf(taken.getLocalPort())),
                    "camel.management.port", 75);
        }
    }

    @Test
    void aMistakeInTheIntentsFileIsNamed() throws IOException {
        Path intents = Files.writeString(directory.resolve("intents.yaml"), "intents: []\n");
        stopsWithOneLine(new ChildGateway(directory).with("WHATSAPP_UNDERSTANDING_INTENTS_FILE", intents.toString()), "intents.yaml");
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
        stopsWithOneLine(withRoutes(file.toString()), says);
    }

    @Test
    void aFolderOfRoutesThatIsNotThereIsNamed() {
        stopsWithOneLine(withRoutes(directory.resolve("my-routes") + "/*.camel.yaml"), "my-routes is not there.");
    }

    private ChildGateway withRoutes(String files) {
        return new ChildGateway(directory).with("CAMEL_MAIN_ROUTES_INCLUDE_PATTERN", "classpath:routes/whatsapp/*.camel.yaml,file:" + files);
    }

    @Test
    void aWrongValueOfCamelsIsToldWithItsKey() throws IOException {
        Files.writeString(directory.resolve("application.properties"), "camel.main.shutdownTimeout = soon\n");
        stopsWithOneLine(new ChildGateway(directory), "camel.main.shutdownTimeout is soon, which cannot be read.");
    }

    @Test
    void aLineBreakAfterAValueIsNoPartOfIt() {
        try (ChildGateway gateway = new ChildGateway(directory)) {
            gateway.with("WHATSAPP_PHONE_NUMBER_ID", TestGateway.NUMBER + "\n").with("WHATSAPP_ACCESS_TOKEN", " " + TestGateway.TOKEN + "\r\n");
            gateway.start().awaitReady();
        }
    }

    @Test
    void allThatIsWrongIsToldAtOnce() {
        try (ChildGateway gateway = new ChildGateway(directory)) {
            gateway.with("WHATSAPP_INBOUND_WORKERS", "-3").with("WHATSAPP_MARK_READ", "yes").with("WHATSAPP_ACCES_TOKEN", "x");
            assertThat(gateway.start().exitCode(LIMIT_SECONDS)).isEqualTo(1);
            assertThat(gateway.err().lines()).containsExactly(PREFIX + "3 settings are wrong:",
                    "  whatsapp.mark-read is yes: give true or false.",
                    "  whatsapp.inbound.workers is -3: give a whole number from 1 to 10000.",
                    "  the variable WHATSAPP_ACCES_TOKEN is no setting; did you mean WHATSAPP_ACCESS_TOKEN?");
        }
    }
}
