package io.github.waroutes;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports that stay free until a test takes them: below those that systems take for outgoing connections (32768 on Linux, 49152 elsewhere), and
 * each given to one JVM only, by a lock on a file that ends with the JVM.
 */
public final class TestPorts {

    private static final int FIRST = 20_000;
    private static final int LAST = 31_999;
    private static final List<FileLock> MINE = new ArrayList<>();

    private TestPorts() {
    }

    public static synchronized int free() {
        try {
            Path folder = Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir"), "whatsapp-cloud-routes-test-ports"));
            for (int tries = 0; tries < 1000; tries++) {
                int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
                if (isMine(folder.resolve(Integer.toString(port))) && isFree(port)) {
                    return port;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException("No port from " + FIRST + " to " + LAST + " is free.");
    }

    private static boolean isMine(Path file) throws IOException {
        @SuppressWarnings("resource") // closing it would end the lock
        RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw");
        FileLock lock = null;
        try {
            lock = opened.getChannel().tryLock();
        } catch (java.nio.channels.OverlappingFileLockException e) {
            // given to another test of this JVM
        }
        if (lock == null) {
            opened.close();
            return false;
        }
        MINE.add(lock);
        return true;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
