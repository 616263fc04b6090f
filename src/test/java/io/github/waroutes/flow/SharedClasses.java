package io.github.waroutes.flow;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * Class-data sharing for gateways in processes of their own, which start with a third less of processor time. The archive is made by a
 * gateway that starts and stops, once for what {@code target/classes} holds and in whichever JVM of tests comes first; the JVM shares
 * classes from jars only, and so the folder becomes one.
 */
final class SharedClasses {

    private static final Path FOLDER = Path.of("target", "shared-classes").toAbsolutePath();
    private static final String CLASSES = Path.of("target", "classes").toAbsolutePath().toString();
    private static final int LIMIT_SECONDS = 120;

    private static List<String> arguments;

    private SharedClasses() {
    }

    /** The JVM's arguments for this class path, and that class path itself. */
    static synchronized List<String> arguments(String classPath) {
        if (arguments == null) {
            try {
                arguments = made(classPath);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return arguments;
    }

    private static List<String> made(String classPath) throws IOException {
        List<Path> files = files();
        String state = Integer.toHexString(files.stream().map(file -> file + " " + file.toFile().lastModified() + ' ' + file.toFile().length())
                .toList().hashCode() * 31 + classPath.hashCode());
        Path folder = FOLDER.resolve(state);
        Path jar = folder.resolve("classes.jar");
        Path archive = folder.resolve("classes.jsa");
        List<String> path = List.of("-cp", classPath.replace(CLASSES, jar.toString()));
        Files.createDirectories(FOLDER);
        try (FileChannel lock = FileChannel.open(FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            lock.lock();
            if (!Files.exists(jar)) {
                removeOlder();
                pack(files, jar);
            }
            if (!Files.exists(archive)) {
                archive(path, archive);
            }
        }
        // a machine that is too busy to make it in time does without
        return Files.exists(archive) ? Stream.concat(Stream.of("-XX:SharedArchiveFile=" + archive), path.stream()).toList() : path;
    }

    private static void removeOlder() throws IOException {
        try (Stream<Path> older = Files.walk(FOLDER, 2)) {
            older.filter(Files::isRegularFile).filter(file -> file.toString().matches(".*\\.(jar|jsa)")).forEach(file -> file.toFile().delete());
        }
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(Path.of(CLASSES))) {
            return all.skip(1).sorted().toList();
        }
    }

    private static void pack(List<Path> files, Path jar) throws IOException {
        Files.createDirectories(jar.getParent());
        Path part = jar.resolveSibling("part");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(part))) {
            for (Path file : files) {
                String name = Path.of(CLASSES).relativize(file).toString().replace(File.separatorChar, '/');
                // routes are looked for in folders
                out.putNextEntry(new JarEntry(Files.isDirectory(file) ? name + '/' : name));
                if (Files.isRegularFile(file)) {
                    Files.copy(file, out);
                }
            }
        }
        Files.move(part, jar);
    }

    private static void archive(List<String> path, Path archive) throws IOException {
        Path made = archive.resolveSibling("made.jsa");
        try (ChildGateway gateway = new ChildGateway(archive.getParent()).with("CAMEL_MAIN_DURATION_MAX_SECONDS", "1")) {
            gateway.start(Stream.concat(Stream.of("-XX:ArchiveClassesAtExit=" + made), path.stream()).toList());
            if (gateway.exitCode(LIMIT_SECONDS) == 0 && Files.exists(made)) {
                Files.move(made, archive);
            }
        }
    }
}
