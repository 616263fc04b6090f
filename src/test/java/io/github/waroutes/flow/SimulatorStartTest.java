package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.github.waroutes.ChildJvm;
import io.github.waroutes.RouteFiles;
import io.github.waroutes.TestGateway;
import io.github.waroutes.TestPorts;
import io.github.waroutes.WhatsAppApplication;
import io.github.waroutes.simulator.Demo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The simulator stays out of production, and production's secrets out of the simulator: each in a process of its own. */
class SimulatorStartTest {

    private static final int LIMIT_SECONDS = 60;

    @TempDir
    Path directory;

    /** {@link io.github.waroutes.WrongStartTest} has more values. */
    @Test
    void aStartWithTheSimulatorAndSomethingOfMetasIsRefusedInOneLine() {
        try (ChildGateway gateway = new ChildGateway(directory)
                .with("CAMEL_MAIN_ROUTES_INCLUDE_PATTERN", "classpath:routes/whatsapp/*.camel.yaml,classpath:routes/simulator/*.camel.yaml")
                .with("CAMEL_MAIN_ADDITIONAL_SENSITIVE_KEYWORDS", "appsecret,verifytoken").with("WHATSAPP_ACCESS_TOKEN", "EAAtopsecret")) {
            int code = gateway.start().exitCode(LIMIT_SECONDS);
            assertThat(gateway.err().lines().filter(line -> !line.isBlank())).as(gateway.err()).hasSize(1);
            assertThat(gateway.err()).startsWith("whatsapp-cloud-routes cannot start: whatsapp.access-token looks like a real one");
            assertThat(code).isEqualTo(1);
            assertThat(gateway.err() + gateway.out()).doesNotContain("\tat ").doesNotContain("topsecret");
        }
    }

    @Test
    void theSimulatorIsNotLoadedUnlessItIsAskedFor() throws Exception {
        Properties defaults = WhatsAppApplication.load("whatsapp/application-defaults.properties");
        assertThat(defaults.getProperty("camel.main.routesIncludePattern")).isEqualTo("classpath:routes/whatsapp/*.camel.yaml");
        try (Stream<Path> files = Files.list(Path.of("."))) {
            List<Path> properties = files.filter(file -> file.toString().endsWith(".properties")).toList();
            assertThat(properties).isNotEmpty().allSatisfy(file -> assertThat(Files.readString(file)).doesNotContain("routes/simulator"));
        }
        assertThat(RouteFiles.of("whatsapp")).allSatisfy(file -> assertThat(Files.readString(file)).doesNotContain("waroutes.simulator"));

        try (TestGateway gateway = new TestGateway(directory).start()) {
            assertThat(gateway.camel().getRoutes()).isNotEmpty().noneMatch(route -> route.getId().startsWith("simulator"));
            assertThat(gateway.camel().getRegistry().lookupByName("simulatorStores")).isNull();
            assertThat(gateway.get(gateway.url("/graph/v26.0/me")).statusCode()).isEqualTo(404);
            assertThat(gateway.get(gateway.url("/simulator/faults")).statusCode()).isEqualTo(404);
        }
    }

    @Test
    void theDemoEndsByItselfIfAskedAndKeepsItsDataInAFolderOfItsOwn() throws Exception {
        Path here = Files.createDirectory(directory.resolve("here"));
        Process demo = demo(here, TestPorts.free(), "--once");
        try {
            assertThat(demo.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as(said()).isTrue();
        } finally {
            demo.destroyForcibly();
        }
        assertThat(said()).contains("The shop answers, after");
        assertThat(here.resolve("data")).doesNotExist();
    }

    @Test
    void theDemoRunsOwnRoutesAndTellsOfEachEdit() throws Exception {
        Path folder = Files.createDirectories(directory.resolve("here/my-routes"));
        Files.writeString(folder.resolve("application.properties"), "whatsapp.on.image = direct:my-images\n");
        Path file = folder.resolve("images.camel.yaml");
        String route = "- route:\n    id: my-images\n    from:\n      uri: direct:my-images\n      steps:\n        - setBody:\n            simple: \"A nice ${body[image][caption]}\"\n"
                + "        - to: direct:whatsapp-reply\n";
        Files.writeString(file, route);
        int port = TestPorts.free();
        URI kim = URI.create("http://127.0.0.1:" + port + "/simulator/users/15555550101/messages");
        Process demo = demo(directory.resolve("here"), port, "--routes=my-routes");
        try {
            says("Ctrl-C ends it.");
            image(kim, "cat");
            await().atMost(TestGateway.LIMIT).untilAsserted(() -> assertThat(answers(kim)).contains("A nice cat"));
            Files.writeString(file, route.replace("nice", "fine"));
            says("Taken up: my-routes/images.camel.yaml, [my-images]");
            Files.writeString(file, route.replace("setBody", "setBoddy"));
            says("Not taken up: the routes run as before. file:my-routes/images.camel.yaml, line 6: Unknown node id: setBoddy.");
            image(kim, "dog");
            await().atMost(TestGateway.LIMIT).untilAsserted(() -> assertThat(answers(kim)).contains("A fine dog"));
        } finally {
            demo.destroyForcibly();
        }
    }

    private Process demo(Path here, int port, String argument) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(ChildJvm.command("-Xmx256m", "-cp", Path.of("target/classes").toAbsolutePath() + File.pathSeparator + System.getProperty("java.class.path"),
                Demo.class.getName(), argument)).directory(here.toFile()).redirectErrorStream(true).redirectOutput(directory.resolve("demo.txt").toFile());
        builder.environment().put("CAMEL_SERVER_PORT", String.valueOf(port));
        builder.environment().put("CAMEL_MANAGEMENT_PORT", String.valueOf(TestPorts.free()));
        return builder.start();
    }

    private String said() throws IOException {
        return Files.readString(directory.resolve("demo.txt"));
    }

    private void says(String text) {
        await().atMost(Duration.ofSeconds(LIMIT_SECONDS)).untilAsserted(() -> assertThat(said()).contains(text));
    }

    private static void image(URI user, String caption) {
        assertThat(TestGateway.send(HttpRequest.newBuilder(user).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"image\":{\"caption\":\"" + caption + "\"}}")).build()).statusCode()).isLessThan(300);
    }

    private static String answers(URI user) {
        return TestGateway.send(HttpRequest.newBuilder(user).build()).body();
    }
}
