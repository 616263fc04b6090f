package io.github.waroutes;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A JVM of its own for what a test must see as a process. It lives for seconds: the second compiler and a large collector cost more than they gain. */
public final class ChildJvm {

    private ChildJvm() {
    }

    /** @param arguments what follows {@code java}: options, the class path, the main class and its arguments */
    public static List<String> command(String... arguments) {
        return Stream.concat(Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
                Stream.of(arguments)).toList();
    }

    /** What an application has on its class path: not the tests. */
    public static String applicationClassPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).filter(entry -> !entry.contains("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }
}
