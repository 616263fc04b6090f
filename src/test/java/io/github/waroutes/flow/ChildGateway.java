package io.github.waroutes.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.waroutes.ChildJvm;
import io.github.waroutes.TestGateway;
import io.github.waroutes.TestPorts;
import io.github.waroutes.WhatsAppApplication;
import io.github.waroutes.junit.SimulatedWhatsApp;

/** The gateway's main class in a process of its own, configured by environment variables, as an operator starts it. */
final class ChildGateway implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    final int port;
    final int managementPort;
    private final Path directory;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private Process process;
    private SimulatedWhatsApp whatsapp;
    private int starts;
    private Pattern missing;

    ChildGateway(Path directory) {
        this.directory = directory;
        port = TestPorts.free();
        managementPort = TestPorts.free();
        with("WHATSAPP_PHONE_NUMBER_ID", TestGateway.NUMBER);
        with("WHATSAPP_ACCESS_TOKEN", TestGateway.TOKEN);
        with("WHATSAPP_APP_SECRET", TestGateway.SECRET);
        with("WHATSAPP_VERIFY_TOKEN", TestGateway.VERIFY_TOKEN);
        with("WHATSAPP_GRAPH_URL", "http://127.0.0.1:9");
        with("CAMEL_SERVER_HOST", "127.0.0.1");
        with("CAMEL_SERVER_PORT", String.valueOf(port));
        with("CAMEL_MANAGEMENT_HOST", "127.0.0.1");
        with("CAMEL_MANAGEMENT_PORT", String.valueOf(managementPort));
    }

    /** Sets an environment variable; null takes it away. */
    ChildGateway with(String variable, String value) {
        if (value == null) {
            environment.remove(variable);
        } else {
            environment.put(variable, value);
        }
        return this;
    }

    /** The simulator stands for Meta, and its users reach this gateway; of its numbers only the first is configured. */
    ChildGateway with(SimulatedWhatsApp whatsapp) {
        this.whatsapp = whatsapp;
        whatsapp.settings().forEach((key, value) -> {
            if (!key.startsWith("whatsapp.numbers.")) {
                with(key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"), value);
            }
        });
        whatsapp.webhookPort(port);
        return this;
    }

    /** Leaves libraries out, whose file names begin with what the regular expression says. */
    ChildGateway withoutJars(String names) {
        missing = Pattern.compile("(" + names + ").*\\.jar");
        return this;
    }

    ChildGateway start() {
        return start(missing == null ? SharedClasses.arguments(classPath()) : List.of("-cp", classPath()));
    }

    /** @param classes the arguments that tell the JVM where its classes are */
    ChildGateway start(List<String> classes) {
        starts++;
        List<String> command = new ArrayList<>(ChildJvm.command("-Xmx256m"));
        command.addAll(classes);
        command.add(WhatsAppApplication.class.getName());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(file("stdout"))
                .redirectError(file("stderr"));
        builder.environment().keySet().removeIf(name -> name.startsWith("WHATSAPP_") || name.startsWith("CAMEL_"));
        builder.environment().putAll(environment);
        try {
            process = builder.start();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String classPath() {
        return Arrays.stream(ChildJvm.applicationClassPath().split(File.pathSeparator))
                .filter(entry -> missing == null || !missing.matcher(Path.of(entry).getFileName().toString()).matches())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private File file(String name) {
        return directory.resolve(name + starts).toFile();
    }

    /** Waits until it says that it is ready: the routes start one by one, and those of the webhook before those of the management port. */
    void awaitReady() {
        URI readiness = URI.create("http://127.0.0.1:" + managementPort + "/observe/health/ready");
        await().atMost(LIMIT).until(() -> {
            assertThat(isAlive()).as("the gateway ended: %s", err()).isTrue();
            try {
                return TestGateway.send(HttpRequest.newBuilder(readiness).timeout(Duration.ofSeconds(5)).build()).statusCode() == 200;
            } catch (UncheckedIOException e) {
                return false;
            }
        });
    }

    private URI webhookUrl() {
        return URI.create("http://127.0.0.1:" + port + "/webhook");
    }

    /** Posts a webhook with the right signature. */
    HttpResponse<String> webhook(String payload) {
        byte[] body = payload.getBytes(StandardCharsets.UTF_8);
        return TestGateway.send(HttpRequest.newBuilder(webhookUrl()).timeout(LIMIT).header("Content-Type", "application/json")
                .header("X-Hub-Signature-256", TestGateway.signature(environment.get("WHATSAPP_APP_SECRET"), body))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)).build());
    }

    /** The exit code, or -1 if the process is still there after the time. */
    int exitCode(long seconds) {
        try {
            return process.waitFor(seconds, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends the process as an operator does. */
    void stop() {
        process.destroy();
        assertThat(exitCode(LIMIT.toSeconds())).as("the gateway's end").isNotEqualTo(-1);
    }

    /** Ends the process in the middle of whatever it does. */
    void kill() {
        process.destroyForcibly();
        exitCode(10);
    }

    String out() {
        return read("stdout");
    }

    String err() {
        return read("stderr");
    }

    private String read(String name) {
        try {
            return Files.readString(file(name).toPath(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            if (isAlive() && whatsapp != null) {
                // a status that nobody takes comes again for seconds, and the next test would have to wait for it
                whatsapp.tellsAllStatuses();
            }
            kill();
        }
    }
}
