package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimulatorApplicationTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(CountDownLatch end, String... options) {
        return SimulatorApplication.run(new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8),
                end, options);
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void itSaysWhatToConfigureAndEndsWhenToldTo() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(() -> run(end, "--port", "0", "--app-secret", "mine"));
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> said().contains("Ctrl-C") || code.isDone());
        } finally {
            end.countDown();
        }
        assertThat(code.get(30, TimeUnit.SECONDS)).as(err.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(said()).containsPattern("base URL +http://127\\.0\\.0\\.1:[0-9]+/graph ")
                .containsPattern("access token +simulated-access-token").containsPattern("phone number id +106540352242922")
                .containsPattern("chat page: http://127\\.0\\.0\\.1:[0-9]+/simulator/").contains("curl ").doesNotContain("mine").containsPattern("app secret +\\(as given\\)");
    }

    @ParameterizedTest
    @CsvSource({"--port 99999, the port must be a number", "--port x, --port", "--prot 1, --prot", "--status-delay x, --status-delay",
        "--webhook-url http://example.com/, an http address on this machine", "--templates Hello, name:language",
        "--phone-number-id abc, digits only"})
    void aWrongOptionEndsWithOneLineThatNamesIt(String options, String message) {
        assertThat(run(new CountDownLatch(0), options.split(" "))).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains(message).endsWith("--help shows the options" + System.lineSeparator())
                .hasLineCount(1);
        assertThat(said()).isEmpty();
    }

    @Test
    void aPortThatIsTakenEndsWithOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThat(run(new CountDownLatch(0), "--port", Integer.toString(taken.getLocalPort()))).isEqualTo(1);
        }
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("in use by another process").hasLineCount(1);
    }

    @Test
    void aTokenThatCannotBeUsedEndsWithOneLine() {
        assertThat(run(new CountDownLatch(0), "--port", "0", "--access-token", "")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("whatsapp.access-token").hasLineCount(1);
    }

    @Test
    void helpAndTheGuideNameEveryOption() throws Exception {
        assertThat(run(new CountDownLatch(0), "--help")).isZero();
        String guide = Files.readString(Path.of("docs", "simulator-standalone.md"));
        Matcher option = Pattern.compile("--[a-z-]{2,}").matcher(said());
        int options = 0;
        while (option.find()) {
            if (!option.group().equals("--help")) {
                assertThat(guide).contains("| `" + option.group() + "` |");
                options++;
            }
        }
        assertThat(options).isGreaterThan(10);
    }
}
