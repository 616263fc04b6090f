package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import io.github.waroutes.ChildJvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The stand-alone simulator, as a process of its own, with an SDK from the npm registry. Skipped where Node 20.19 or npm is
 * missing, or the registry cannot be reached.
 */
class NpmSdkTest {

    private static final Path FILES = Path.of("src", "test", "resources", "npm");
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String KIM = "15555550101";
    private static final String SAM = "15555550102";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    Path directory;

    private final List<Process> processes = new ArrayList<>();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : processes) {
            process.destroy();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void theLockFileNamesNoRegistryButThePublicOne() throws IOException {
        JsonNode packages = JSON.readTree(FILES.resolve("package-lock.json").toFile()).path("packages");

        assertThat(packages.size()).isGreaterThan(1);
        assertThat(packages.findValuesAsText("integrity")).hasSize(packages.size() - 1).allMatch(hash -> hash.startsWith("sha512-"));
        assertThat(packages.findValuesAsText("resolved")).allMatch(address -> address.startsWith("https://registry.npmjs.org/"));
    }

    @Test
    void anSdkSendsATextAndATemplateAndTakesSignedWebhooks() throws Exception {
        install();
        Process application = start(Map.of("ACCESS_TOKEN", "sdk-token", "APP_SECRET", "sdk-secret", "PHONE_NUMBER_ID", "200000000000007",
                "SAM", SAM), "node", "application.mjs");
        read(application, line -> events.add(JSON.readTree(line)));
        int port = event("listening").path("port").asInt();
        String simulator = startSimulator("--port", "0", "--webhook-url", "http://127.0.0.1:" + port + "/webhook", "--access-token",
                "sdk-token", "--app-secret", "sdk-secret", "--phone-number-id", "200000000000007", "--templates",
                "order_shipped:en_US", "--status-delay", "10", "--webhook-retry-delay", "10");
        assertThat(lines).as("a given token is nobody else's business").noneMatch(line -> line.contains("sdk-token")
                || line.contains("sdk-secret"));

        Writer input = application.outputWriter();
        input.write(simulator + "/graph\n");
        input.flush();
        String text = event("text").path("id").asText();
        String template = event("template").path("id").asText();
        assertThat(event("error").toString()).contains("131056");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(statuses(template)).containsExactly("sent", "delivered", "read"));
        await().atMost(LIMIT).untilAsserted(() -> assertThat(statuses(text)).containsExactly("sent", "delivered", "read"));
        JsonNode toSam = conversation(simulator, SAM);
        assertThat(toSam).hasSize(2);
        assertThat(toSam.at("/0/text").asText()).isEqualTo("Hello from the SDK");
        assertThat(toSam.at("/0/id").asText()).isEqualTo(text);
        assertThat(toSam.at("/1/template/name").asText()).isEqualTo("order_shipped");
        assertThat(toSam.at("/1/id").asText()).isEqualTo(template);

        JsonNode said = post(simulator + "/simulator/users/" + KIM + "/messages", "{\"text\":\"größe?\"}");
        assertThat(said.path("webhook_status").asInt()).isEqualTo(200);
        JsonNode heard = event("message");
        assertThat(heard.path("id").asText()).isEqualTo(said.path("message_id").asText());
        assertThat(heard.path("from").asText()).isEqualTo(KIM);
        assertThat(heard.path("text").asText()).isEqualTo("größe?");
        String answer = event("answered").path("id").asText();
        JsonNode withKim = conversation(simulator, KIM);
        assertThat(withKim.at("/0/status").asText()).isEqualTo("read");
        assertThat(withKim.at("/1/text").asText()).isEqualTo("You said: größe?");
        assertThat(withKim.at("/1/id").asText()).isEqualTo(answer);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(statuses(answer)).containsExactly("sent", "delivered", "read"));
        assertThat(events).noneMatch(event -> event.path("event").asText().matches("refused|failed"));

        post(simulator + "/simulator/faults", "{\"fault\":\"wrong-signature\"}");
        assertThat(post(simulator + "/simulator/users/" + KIM + "/messages", "{\"text\":\"forged\"}").path("webhook_status").asInt())
                .isEqualTo(401);
        event("refused");
        assertThat(events).noneMatch(event -> event.path("text").asText().equals("forged"));
    }

    private void install() throws Exception {
        assumeTrue(nodeIsNewEnough(), "Node 20.19 or later is not here");
        for (String file : List.of("package.json", "package-lock.json", "application.mjs")) {
            Files.copy(FILES.resolve(file), directory.resolve(file));
        }
        Path log = directory.resolve("npm.log");
        Process npm;
        try {
            npm = new ProcessBuilder("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1",
                    "--fetch-timeout=20000").directory(directory.toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        } catch (IOException e) {
            assumeTrue(false, "npm is not here");
            return;
        }
        processes.add(npm);
        assumeTrue(npm.waitFor(2, TimeUnit.MINUTES), "the npm registry does not answer in time");
        String said = Files.readString(log);
        assumeTrue(!said.matches("(?s).*\\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH"
                + "|ERR_SOCKET_TIMEOUT|ENOTCACHED)\\b.*") || npm.exitValue() == 0, "the npm registry cannot be reached");
        assertThat(npm.exitValue()).as(said).isZero();
    }

    private static boolean nodeIsNewEnough() throws Exception {
        try {
            Process node = new ProcessBuilder("node", "--version").redirectErrorStream(true).start();
            String[] version = new String(node.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip().substring(1).split("\\.");
            int major = Integer.parseInt(version[0]);
            return major > 20 || major == 20 && Integer.parseInt(version[1]) >= 19;
        } catch (IOException e) {
            return false;
        }
    }

    /** The address of the simulator, from what it prints. */
    private String startSimulator(String... options) throws IOException {
        List<String> command = new ArrayList<>(ChildJvm.command("-cp", System.getProperty("java.class.path"),
                SimulatorApplication.class.getName()));
        command.addAll(List.of(options));
        Process simulator = start(Map.of(), command.toArray(String[]::new));
        read(simulator, lines::add);
        await().atMost(LIMIT).until(() -> lines.stream().anyMatch(line -> line.startsWith("Ctrl-C")) || !simulator.isAlive());
        return Stream.of(lines.get(0).split("[ .](?=[ C])|\\s")).filter(word -> word.startsWith("http://")).findFirst()
                .map(url -> url.replaceFirst("\\.$", "")).orElseGet(() -> fail(String.join("\n", lines)));
    }

    private Process start(Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private interface Lines {
        void add(String line) throws IOException;
    }

    private void read(Process process, Lines to) {
        Thread reader = new Thread(() -> {
            try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = output.readLine(); line != null; line = output.readLine()) {
                    to.add(line);
                }
            } catch (IOException e) {
                events.add(JSON.createObjectNode().put("event", "failed").put("message", e.toString()));
            }
        });
        reader.setDaemon(true);
        reader.start();
    }

    private JsonNode event(String name) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(events).anyMatch(event -> name.equals(event.path("event").asText())));
        return events.stream().filter(event -> name.equals(event.path("event").asText())).findFirst().orElseThrow();
    }

    private List<String> statuses(String id) {
        return events.stream().filter(event -> "status".equals(event.path("event").asText()) && id.equals(event.path("id").asText()))
                .map(event -> event.path("status").asText()).toList();
    }

    private static JsonNode conversation(String simulator, String user) throws Exception {
        return http(HttpRequest.newBuilder(URI.create(simulator + "/simulator/users/" + user + "/messages")));
    }

    private static JsonNode post(String url, String body) throws Exception {
        return http(HttpRequest.newBuilder(URI.create(url)).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static JsonNode http(HttpRequest.Builder request) throws Exception {
        return JSON.readTree(HTTP.send(request.timeout(LIMIT).build(), HttpResponse.BodyHandlers.ofByteArray()).body());
    }
}
