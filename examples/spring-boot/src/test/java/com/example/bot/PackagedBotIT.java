package com.example.bot;

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

/** The application as it is shipped: our route files lie in a jar inside its jar. */
@WhatsAppSimulator
class PackagedBotIT {

    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    @TempDir
    Path directory;

    @Test
    void itAnswers(SimulatedWhatsApp whatsapp, SimulatedUser kim) throws Exception {
        Process application = start(whatsapp);
        try {
            // webhooks are answered once all has started
            await().atMost(LIMIT).until(() -> output().contains("Started BotApplication"));
            Matcher port = PORT.matcher(output());
            assertThat(port.find()).isTrue();
            whatsapp.webhookPort(Integer.parseInt(port.group(1)));

            kim.sends("Open on Sunday?");
            kim.receives("On Sundays we are closed.");
        } finally {
            application.destroy();
            assertThat(application.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(output()).isTrue();
        }
    }

    @Test
    void aMisspeltRouteStopsTheStart(SimulatedWhatsApp whatsapp) throws Exception {
        Process application = start(whatsapp, "--whatsapp.on.image=direct:shop-imgae");
        try {
            await().atMost(LIMIT).untilAsserted(() -> assertThat(output()).contains("APPLICATION FAILED TO START", "no route begins at direct:shop-imgae."));
        } finally {
            // it would end by itself after a minute, for which an idle thread of Artemis' client holds it
            application.destroy();
        }
        assertThat(application.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as(output()).isTrue();
    }

    private Process start(SimulatedWhatsApp whatsapp, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", System.getProperty("application.jar"), "--server.port=0"));
        whatsapp.settings().forEach((key, value) -> command.add("--" + key + '=' + value));
        command.addAll(List.of(more));
        // data/ is made there
        return new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.log").toFile()).start();
    }

    private String output() throws IOException {
        return Files.readString(directory.resolve("output.log"));
    }
}
