package com.example.quarkus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application as it is shipped. */
@WhatsAppSimulator
class QuarkusBotIT {

    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Pattern PORT = Pattern.compile("Listening on: http://0\\.0\\.0\\.0:(\\d+)");

    @TempDir
    Path directory;

    @Test
    void itAnswers(SimulatedWhatsApp whatsapp, SimulatedUser kim) throws Exception {
        Process application = start(whatsapp);
        try {
            await().atMost(LIMIT).until(() -> output().contains("Listening on: "));
            Matcher port = PORT.matcher(output());
            assertThat(port.find()).isTrue();
            whatsapp.webhookPort(Integer.parseInt(port.group(1)));

            var question = kim.sends("Open on Sunday?");
            kim.receives("On Sundays we are closed.");
            kim.seesRead(question);
        } finally {
            application.destroy();
            assertThat(application.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(output()).isTrue();
        }
    }

    @Test
    void wrongSettingsStopTheStart(SimulatedWhatsApp whatsapp) throws Exception {
        Process application = start(whatsapp, "-Dwhatsapp.verfy-token=x", "-Dwhatsapp.on.image=shop");

        assertThat(application.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(output()).isTrue();
        assertThat(application.exitValue()).isEqualTo(1);
        assertThat(output()).contains("whatsapp.verfy-token is no setting; did you mean whatsapp.verify-token?");
    }

    private Process start(SimulatedWhatsApp whatsapp, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dquarkus.http.port=0"));
        whatsapp.settings().forEach((key, value) -> command.add("-D" + key + '=' + value));
        command.addAll(List.of(more));
        command.addAll(List.of("-jar", System.getProperty("application.jar")));
        // data/ is made there
        return new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.log").toFile()).start();
    }

    private String output() throws IOException {
        return Files.readString(directory.resolve("output.log"));
    }
}
