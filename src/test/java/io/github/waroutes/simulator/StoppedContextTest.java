package io.github.waroutes.simulator;

import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

import io.github.waroutes.TestGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is stopped is not kept in memory by the JVM, which may start many one after the other: a host's, or that of a user's tests. */
class StoppedContextTest {

    @TempDir
    Path directory;

    @Test
    void aStoppedGatewayCanBeCollected() {
        canBeCollected(() -> {
            try (TestGateway gateway = new TestGateway(directory).start()) {
                return new WeakReference<>(gateway.camel());
            }
        });
    }

    @Test
    void aStoppedSimulatorCanBeCollected() {
        canBeCollected(() -> {
            try (Simulator simulator = Simulator.builder().start()) {
                return new WeakReference<>(simulator.camel());
            }
        });
    }

    private static void canBeCollected(Supplier<WeakReference<?>> run) {
        // static fields of Camel's have the first context of a JVM and the newest (DefaultExchange.DUMMY, SimpleLanguage.SIMPLE)
        run.get();
        WeakReference<?> stopped = run.get();
        run.get();
        await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(200)).until(() -> {
            System.gc();
            return stopped.get() == null;
        });
    }
}
