package io.github.waroutes.media;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of this process for files that nobody needs after it. Beside it lies a file that this process holds locked; the operating
 * system lets go of it when the process ends, however it ends, and the next process then deletes the directory. So several processes may
 * share the place.
 */
final class TemporaryDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TemporaryDirectory.class);
    private static final String PREFIX = "whatsapp-media-";
    private static final String LOCK = ".lock";

    private final Path path;
    private final Path lockFile;
    private final FileChannel channel;

    private TemporaryDirectory(Path path, Path lockFile, FileChannel channel) {
        this.path = path;
        this.lockFile = lockFile;
        this.channel = channel;
    }

    /** @param place where; made if it is missing */
    static TemporaryDirectory in(Path place) throws IOException {
        Files.createDirectories(place);
        while (true) {
            String name = PREFIX + process() + '-' + UUID.randomUUID();
            Path lockFile = place.resolve(name + LOCK);
            FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            // between the two lines above another process may have found it unlocked, and deleted it
            if (lock != null && Files.exists(lockFile)) {
                Path path = Files.createDirectory(place.resolve(name));
                return new TemporaryDirectory(path, lockFile, channel);
            }
            channel.close();
        }
    }

    /**
     * This process, told from one that has the same number on another machine or in another container. Its own lock files are never
     * opened a second time: closing them would let go of the lock (java.nio.channels.FileLock, "Platform dependencies").
     */
    private static String process() {
        RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
        return runtime.getPid() + "-" + runtime.getStartTime();
    }

    /** Deletes the directories of processes that are gone. */
    static void deleteAbandoned(Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            return;
        }
        String own = PREFIX + process() + '-';
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(place, PREFIX + '*' + LOCK)) {
            for (Path lockFile : locks) {
                if (!lockFile.getFileName().toString().startsWith(own)) {
                    deleteIfDead(lockFile);
                }
            }
        }
    }

    private static void deleteIfDead(Path lockFile) {
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            if (lock != null) {
                String name = lockFile.getFileName().toString();
                delete(lockFile.resolveSibling(name.substring(0, name.length() - LOCK.length())));
                Files.deleteIfExists(lockFile);
            }
        } catch (IOException | OverlappingFileLockException e) {
            // another user's, or another process is at it
            LOG.debug("{} is left as it is", lockFile, e);
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.delete(directory);
    }

    /** A new empty file. */
    Path newFile() throws IOException {
        // whoever cleans temporary directories may have been here
        Files.createDirectories(path);
        return Files.createTempFile(path, PREFIX, ".bin");
    }

    /** Deletes the directory, with what is in it. */
    @Override
    public void close() {
        try {
            delete(path);
            Files.deleteIfExists(lockFile);
        } catch (IOException e) {
            LOG.warn("{} could not be deleted; the next process will", path);
            LOG.debug("The cause", e);
        } finally {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("Close failed", e);
            }
        }
    }
}
