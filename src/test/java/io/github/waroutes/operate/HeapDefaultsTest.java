package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import java.lang.management.ManagementFactory;

import com.sun.management.HotSpotDiagnosticMXBean;
import org.junit.jupiter.api.Test;

/** In JVMs of their own, as the options hold for a whole JVM. */
class HeapDefaultsTest {

    /** Prints the options as they are once the defaults are set. */
    static final class Shown {

        private Shown() {
        }

        public static void main(String... names) {
            HeapDefaults.set();
            HotSpotDiagnosticMXBean jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            for (String name : names) {
                System.out.println(name + '=' + jvm.getVMOption(name).getValue());
            }
        }
    }

    private static List<String> shown(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx64m", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Shown.class.getName(), "G1PeriodicGCInterval", "MinHeapFreeRatio", "MaxHeapFreeRatio"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out.lines().toList();
    }

    @Test
    void unusedHeapIsGivenBack() throws Exception {
        assertThat(shown("-XX:+UseG1GC")).containsExactly("G1PeriodicGCInterval=60000", "MinHeapFreeRatio=20", "MaxHeapFreeRatio=40");
    }

    @Test
    void whatTheCommandLineSaysStays() throws Exception {
        assertThat(shown("-XX:+UseG1GC", "-XX:G1PeriodicGCInterval=0", "-XX:MaxHeapFreeRatio=90"))
                .containsExactly("G1PeriodicGCInterval=0", "MinHeapFreeRatio=20", "MaxHeapFreeRatio=90");
        assertThat(shown("-XX:+UseSerialGC", "-XX:MinHeapFreeRatio=60")).as("40 would be less than 60")
                .containsExactly("G1PeriodicGCInterval=60000", "MinHeapFreeRatio=60", "MaxHeapFreeRatio=70");
    }
}
