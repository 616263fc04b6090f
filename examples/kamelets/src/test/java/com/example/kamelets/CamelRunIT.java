package com.example.kamelets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does what the README says: the simulator, {@code camel run application.properties} in this folder, and a user who writes and speaks. */
class CamelRunIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final List<Process> PROCESSES = new ArrayList<>();

    @TempDir
    static Path directory;

    private static int simulator;

    @BeforeAll
    static void start() throws Exception {
        simulator = freePort();
        int bot = freePort();
        run("simulator", List.of("-jar", System.getProperty("simulator.jar"), "--port", "" + simulator,
                "--webhook-url", "http://127.0.0.1:" + bot + "/webhook"));
        for (String file : List.of("application.properties", "shop.camel.yaml")) {
            Files.copy(Path.of(file), directory.resolve(file));
        }
        List<String> camel = new ArrayList<>(List.of("-Dmaven.repo.local=" + System.getProperty("maven.repo"),
                "-cp", String.join(File.pathSeparator, Path.of("target", "test-classes").toAbsolutePath().toString(),
                        System.getProperty("camel.cli"), catalog("camel-kamelets"), catalog("camel-kamelets-catalog")),
                CamelCli.class.getName(), "run", "application.properties", "--logging-color=false", "--download=" + !System.getProperty("maven.offline").endsWith("true")));
        for (String property : List.of("camel.server.port=" + bot, "whatsapp.graph.url=http://127.0.0.1:" + simulator + "/graph",
                "whatsapp.transcription.url=http://127.0.0.1:" + simulator + "/simulator/v1/audio/transcriptions")) {
            camel.add("--property=" + property);
        }
        run("camel", camel);
        await().atMost(LIMIT).until(() -> said("camel").contains("Routes startup") || !PROCESSES.stream().allMatch(Process::isAlive));
        assertThat(PROCESSES).as(said("simulator") + said("camel")).allMatch(Process::isAlive, "runs");
    }

    /** Camel's own Kamelets, which this example has no use for, need not be fetched: something of that name is there. */
    private static String catalog(String name) throws IOException {
        Path jar = directory.resolve(name + "-" + System.getProperty("camel.version") + ".jar");
        new JarOutputStream(Files.newOutputStream(jar), new Manifest()).close();
        return jar.toString();
    }

    private static void run(String name, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                "-XX:TieredStopAtLevel=1"));
        command.addAll(arguments);
        PROCESSES.add(new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile()).start());
    }

    private static String said(String name) throws IOException {
        return Files.readString(directory.resolve(name + ".log"));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        PROCESSES.forEach(Process::destroy);
        for (Process process : PROCESSES) {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void textsAndVoicesAreAnsweredAndThatTheyWereReadIsLogged() throws Exception {
        say("{\"text\":\"When are you open?\",\"name\":\"Kim\"}");
        say("{\"voice\":\"Hello there\"}");
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(send(messages().GET())).as(said("camel")).contains("We are open from nine to six.", "You said: Hello there");
            assertThat(said("camel")).contains("An answer was read");
        });
        assertThat(said("camel")).as("what users say and who they are").doesNotContain("When are you open", "15555550101");
    }

    private static void say(String message) throws Exception {
        send(messages().header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(message)));
    }

    private static HttpRequest.Builder messages() {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + simulator + "/simulator/users/15555550101/messages"));
    }

    private static String send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer = HTTP.send(request.timeout(LIMIT).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isLessThan(300);
        return answer.body();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
