package io.github.waroutes.recipes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

import io.github.waroutes.WhatsAppApplication;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.operate.RoutesFolder;
import org.apache.camel.CamelContext;
import org.apache.camel.main.Main;

/** The gateway with a recipe's own folder, as {@code --routes} takes it, and the simulator as Meta. */
final class Recipe implements AutoCloseable {

    private final Path folder;
    private final Path directory;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final int port = freePort();
    private Main main;

    /** @param directory for what the gateway and the recipe write */
    Recipe(String name, SimulatedWhatsApp whatsapp, Path directory) {
        // Maven runs tests in the module's folder, an editor perhaps in the project's
        Path here = Path.of(name);
        this.folder = (Files.isDirectory(here) ? here : Path.of("examples/recipes", name)).toAbsolutePath();
        this.directory = directory;
        whatsapp.settings().forEach(this::with);
        whatsapp.webhookPort(port);
        with("camel.server.port", port);
        with("camel.server.host", "127.0.0.1");
        with("camel.management.port", freePort());
        with("camel.management.host", "127.0.0.1");
        with("camel.main.shutdownTimeout", 10);
        with("whatsapp.broker.url", "vm://" + ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE));
        with("whatsapp.broker.directory", directory.resolve("broker"));
        with("whatsapp.outcome.directory", directory.resolve("outcomes"));
        with("whatsapp.media.directory", directory.resolve("media"));
    }

    /** Sets a property; it wins over the recipe's application.properties. */
    Recipe with(String key, Object value) {
        settings.put(key, value.toString());
        return this;
    }

    Recipe start() {
        main = WhatsAppApplication.newMain("false", RoutesFolder.of("--routes", folder.toString()));
        settings.forEach(main::addOverrideProperty);
        main.start();
        return this;
    }

    CamelContext camel() {
        return main.getCamelContext();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    Path folder() {
        return folder;
    }

    Path directory() {
        return directory;
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (main != null) {
            main.stop();
        }
    }
}
