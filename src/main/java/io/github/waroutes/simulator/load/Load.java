package io.github.waroutes.simulator.load;

import io.github.waroutes.WhatsAppApplication;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;

/**
 * Load test: starts the gateway together with the simulated Cloud API on free ports, lets many users write to it, and reports latencies and
 * whether anything was lost, duplicated or out of order. Or drives a simulator that runs already on this machine.
 */
public final class Load {

    private static final int UNMEASURED = 2;
    /** Enough for read receipts: the simulator must still know the messages that they name. */
    private static final int MESSAGES_REMEMBERED = 100;

    private Load() {
    }

    public static void main(String... arguments) throws IOException, InterruptedException {
        if (List.of(arguments).contains("--help")) {
            System.out.print(LoadOptions.HELP);
            return;
        }
        LoadOptions options;
        try {
            options = LoadOptions.read(List.of(arguments));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(UNMEASURED);
            return;
        }
        System.exit(options.url() == null ? start(options) : watch(options.url(), null, options));
    }

    private static int start(LoadOptions options) throws IOException {
        Path directory = Files.createTempDirectory("whatsapp-load-");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
        System.setProperty("whatsapp.demo.log", directory.resolve("load.log").toString());
        System.setProperty("logback.configurationFile", "whatsapp/simulator/logback-demo.xml");
        Main main = WhatsAppApplication.newMain("false");
        WhatsAppApplication.load("whatsapp/simulator/demo.properties")
                .forEach((key, value) -> main.addOverrideProperty(key.toString(), value.toString()));
        main.addOverrideProperty("camel.server.port", Integer.toString(freePort()));
        main.addOverrideProperty("camel.management.port", Integer.toString(freePort()));
        main.addOverrideProperty("whatsapp.broker.directory", directory.resolve("broker").toString());
        main.addOverrideProperty("whatsapp.outcome.directory", directory.resolve("outcomes").toString());
        main.addOverrideProperty("whatsapp.understanding", "echo");
        main.addOverrideProperty("whatsapp.simulator.max-conversations", Integer.toString(Math.max(1000, options.users())));
        main.addOverrideProperty("whatsapp.simulator.max-messages", Integer.toString(MESSAGES_REMEMBERED));
        if (!options.limits()) {
            main.addOverrideProperty("whatsapp.limit.messages-per-second", "100000");
            main.addOverrideProperty("whatsapp.limit.pair-burst", "1000000");
            main.addOverrideProperty("whatsapp.limit.tier", "unlimited");
        }
        AtomicInteger code = new AtomicInteger(UNMEASURED);
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void afterStart(BaseMainSupport started) {
                String port = started.getCamelContext().resolvePropertyPlaceholders("{{camel.server.port}}");
                String management = started.getCamelContext().resolvePropertyPlaceholders("{{camel.management.port}}");
                Thread thread = new Thread(() -> {
                    System.out.println("The gateway and a simulated Cloud API run in this process. Metrics: http://127.0.0.1:" + management
                            + "/observe/metrics   Log: " + System.getProperty("whatsapp.demo.log"));
                    code.set(watch("http://127.0.0.1:" + port, new LoadMemory(), options));
                    main.completed();
                }, "load");
                thread.setDaemon(true);
                thread.start();
            }
        });
        WhatsAppApplication.run(main);
        return code.get();
    }

    private static int watch(String url, LoadMemory memory, LoadOptions options) {
        try {
            return new LoadWatch(url, System.out, System.console() != null, memory).run(options) ? 0 : 1;
        } catch (LoadWatch.Unmeasured e) {
            System.err.println(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return UNMEASURED;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            directory.toFile().deleteOnExit();
        }
    }
}
