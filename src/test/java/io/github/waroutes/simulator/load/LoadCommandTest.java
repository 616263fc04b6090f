package io.github.waroutes.simulator.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import io.github.waroutes.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command in a process of its own, as a user starts it. */
class LoadCommandTest {

    @TempDir
    Path directory;

    private String printed;

    private int run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(ChildJvm.command("-Xmx256m", "-cp", ChildJvm.applicationClassPath(), Load.class.getName()));
        command.addAll(List.of(arguments));
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("WHATSAPP_") || name.startsWith("CAMEL_"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("it ends").isTrue();
        } finally {
            process.destroyForcibly();
            printed = Files.readString(output);
        }
        return process.exitValue();
    }

    @Test
    void gatewayAndSimulatorAreStartedTheVerdictIsPrintedAndItEnds() throws Exception {
        int code = run("--users", "5", "--rate", "10", "--seconds", "2", "--settle", "0");

        assertThat(printed).containsPattern("sent +20 of 20").containsPattern("lost +0").contains("memory before the load", "The verdict: clean.");
        assertThat(code).isZero();
    }

    @Test
    void aWrongOptionEndsItAtOnceWithOneLine() throws Exception {
        assertThat(run("--users", "none")).isEqualTo(2);
        assertThat(printed).isEqualTo("--users must be a number" + System.lineSeparator());
    }
}
