package io.github.waroutes.simulator.load;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The memory of this process: the heap, and what the operating system holds for it (RSS; on Linux only). */
final class LoadMemory {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";

    private final List<String> lines = new ArrayList<>();

    /** Runs a garbage collection, so that only live memory is counted, and keeps a line about it. */
    void note(String when) {
        System.gc();
        lines.add(String.format("memory %-24s%s", when, now()));
    }

    List<String> lines() {
        return lines;
    }

    /** As in {@code heap 61 MB, RSS 312 MB}. */
    String now() {
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return "heap " + (heap >> 20) + " MB" + resident();
    }

    private static String resident() {
        if (!Files.isReadable(STATUS)) {
            return "";
        }
        try {
            return Files.readAllLines(STATUS).stream().filter(line -> line.startsWith(RESIDENT))
                    .map(line -> ", RSS " + Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024 + " MB").findFirst().orElse("");
        } catch (IOException e) {
            return "";
        }
    }
}
