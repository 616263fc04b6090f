package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.waroutes.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessEndTest {

    @TempDir
    Path directory;

    @Test
    void theFirstReasonEndsItAndTheOthersAreItsConsequences() {
        List<Integer> codes = new ArrayList<>();
        ProcessEnd end = new ProcessEnd(codes::add);
        end.accept("the disk failed");
        end.accept("the writer is gone");
        assertThat(codes).containsExactly(70);
    }

    @Test
    void aProcessThatHangsAtItsEndEndsAllTheSameAndSaysWhyOnce() throws Exception {
        Path out = directory.resolve("out");
        Process child = new ProcessBuilder(ChildJvm.command("-Xmx64m", "-Dlogback.configurationFile=whatsapp/logback.xml", "-cp", System.getProperty("java.class.path"),
                Child.class.getName())).redirectErrorStream(true).redirectOutput(out.toFile()).start();
        try {
            assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(child.exitValue()).isEqualTo(70);
            assertThat(Files.readAllLines(out)).filteredOn(line -> line.contains("whatsapp.process.ended")).singleElement().asString()
                    .contains("the disk failed").contains("\"level\":\"ERROR\"");
        } finally {
            child.destroyForcibly();
        }
    }

    /** The hook waits for the thread that ended the process, which waits for ever. */
    static final class Child {

        private Child() {
        }

        public static void main(String... arguments) throws Exception {
            Thread caller = Thread.currentThread();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    caller.join();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }));
            ProcessEnd end = ProcessEnd.ending(Duration.ofSeconds(1));
            end.accept("the disk failed");
            end.accept("the writer is gone");
            Thread.sleep(Duration.ofMinutes(5).toMillis());
        }
    }
}
