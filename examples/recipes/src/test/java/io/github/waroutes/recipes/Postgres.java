package io.github.waroutes.recipes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assumptions;

/** The machine's own PostgreSQL, with a database of its own in a temporary folder and on a free port. It refuses to run as root, so root starts it as its own user. */
final class Postgres implements AutoCloseable {

    static final String USER = "whatsapp";
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    private final Path binaries;
    private final Path folder;
    private final int port = Recipe.freePort();

    private Postgres(Path binaries) throws IOException, InterruptedException {
        this.binaries = binaries;
        this.folder = Files.createTempDirectory("recipes-postgres-");
        if (isRoot()) {
            Files.setOwner(folder, folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres"));
        }
        run("initdb", "-D", folder.resolve("data").toString(), "-U", USER, "--auth=trust", "--no-sync", "--encoding=UTF8");
        start();
    }

    /** A running server; the test is skipped where none is installed. */
    static Postgres started() throws IOException, InterruptedException {
        Path binaries = null;
        if (Files.isDirectory(DEBIAN)) {
            try (Stream<Path> versions = Files.list(DEBIAN)) {
                binaries = versions.map(version -> version.resolve("bin")).filter(bin -> Files.isExecutable(bin.resolve("initdb"))).max(Comparator.naturalOrder()).orElse(null);
            }
        }
        Assumptions.assumeTrue(binaries != null, "PostgreSQL is not installed (apt-get install postgresql): nothing in " + DEBIAN + "/*/bin");
        return new Postgres(binaries);
    }

    void start() throws IOException, InterruptedException {
        run("pg_ctl", "-D", folder.resolve("data").toString(), "-w", "-t", "60", "-l", folder.resolve("log").toString(),
                "-o", "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off", "start");
    }

    void stop() throws IOException, InterruptedException {
        run("pg_ctl", "-D", folder.resolve("data").toString(), "-w", "-m", "immediate", "stop");
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    Connection connection() throws SQLException {
        return DriverManager.getConnection(url(), USER, "");
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private void run(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("runuser", "-u", "postgres", "--"));
        }
        command.add(binaries.resolve(program).toString());
        command.addAll(List.of(arguments));
        // the server that pg_ctl starts inherits the output, so it must not be a pipe that is read to its end
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        if (!process.waitFor(90, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed; see " + folder);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        stop();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        }
    }
}
