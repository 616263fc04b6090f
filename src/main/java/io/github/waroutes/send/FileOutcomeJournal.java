package io.github.waroutes.send;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One small file for each message, under a directory of this process alone. A file is written beside its place, synced to the disk and
 * then moved, so that it is there whole or not at all; a file that cannot be read nevertheless counts as waiting since it was written.
 * The directory is read, and the files that are too old deleted, when the journal is first used.
 */
public final class FileOutcomeJournal implements OutcomeJournal {

    private static final Logger LOG = LoggerFactory.getLogger(FileOutcomeJournal.class);
    private static final String SUFFIX = ".outcome";
    private static final String UNFINISHED = ".new";

    private final Path directory;
    private final int size;
    private final Duration timeToLive;
    private final Clock clock;
    private Map<String, Outcome> known;

    /**
     * @param directory  made when it is first written to
     * @param size       more entries than this are refused, once those that are settled are deleted
     * @param timeToLive an older entry is deleted when the directory is read, or when the journal is full
     */
    public FileOutcomeJournal(Path directory, int size, Duration timeToLive) {
        this(directory, size, timeToLive, Clock.systemUTC());
    }

    FileOutcomeJournal(Path directory, int size, Duration timeToLive, Clock clock) {
        this.directory = directory;
        this.size = size;
        this.timeToLive = timeToLive;
        this.clock = clock;
    }

    @Override
    public synchronized void append(String key, Outcome outcome) {
        Map<String, Outcome> entries = entries();
        if (!entries.containsKey(key) && entries.size() >= size) {
            forgetOld(entries);
            if (entries.size() >= size) {
                forgetSettled(entries);
            }
            if (entries.size() >= size) {
                throw new IllegalStateException("The journal of messages with an unknown outcome is full: " + size
                        + ". See why no statuses come in, or raise whatsapp.outcome.size.");
            }
        }
        try {
            write(file(key), outcome.toJson());
        } catch (IOException e) {
            throw new IllegalStateException("A message with an unknown outcome could not be written down: "
                    + e.getClass().getSimpleName() + ". See that whatsapp.outcome.directory can be written to.", e);
        }
        entries.put(key, outcome);
    }

    @Override
    public synchronized Optional<Outcome> find(String key) {
        return Optional.ofNullable(entries().get(key));
    }

    @Override
    public synchronized void remove(String key) {
        if (entries().remove(key) != null) {
            delete(file(key));
        }
    }

    @Override
    public synchronized Map<String, Outcome> load() {
        return Map.copyOf(entries());
    }

    private Map<String, Outcome> entries() {
        if (known == null) {
            known = read();
        }
        return known;
    }

    private Map<String, Outcome> read() {
        Map<String, Outcome> read = new HashMap<>();
        if (!Files.isDirectory(directory)) {
            return read;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(UNFINISHED)) {
                    delete(file);
                } else if (name.endsWith(SUFFIX)) {
                    read.put(name.substring(0, name.length() - SUFFIX.length()), read(file));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("The journal of messages with an unknown outcome cannot be read: "
                    + e.getClass().getSimpleName() + ". See that whatsapp.outcome.directory can be read.", e);
        }
        forgetOld(read);
        return read;
    }

    private static Outcome read(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        try {
            return Outcome.fromJson(new String(content, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            LOG.warn("A torn file in the journal of messages with an unknown outcome counts as waiting: {}", file.getFileName());
            return new Outcome(Files.getLastModifiedTime(file).toInstant(), Verdict.WAITING);
        }
    }

    // what is settled is kept for a crash between its verdict and the end of its message, and that is long over
    private void forgetSettled(Map<String, Outcome> entries) {
        entries.entrySet().removeIf(entry -> {
            boolean settled = entry.getValue().verdict() != Verdict.WAITING;
            if (settled) {
                delete(file(entry.getKey()));
            }
            return settled;
        });
    }

    private void forgetOld(Map<String, Outcome> entries) {
        Instant oldest = clock.instant().minus(timeToLive);
        entries.entrySet().removeIf(entry -> {
            boolean old = entry.getValue().since().isBefore(oldest);
            if (old) {
                delete(file(entry.getKey()));
            }
            return old;
        });
    }

    private void write(Path file, String content) throws IOException {
        Files.createDirectories(directory);
        Path unfinished = directory.resolve(file.getFileName() + UNFINISHED);
        try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncDirectory();
    }

    // the new name is on the disk only when the directory is; Windows cannot, and does not need to, open one
    private void syncDirectory() throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(directory, StandardOpenOption.READ);
        } catch (IOException e) {
            return;
        }
        try (channel) {
            channel.force(true);
        }
    }

    private Path file(String key) {
        return directory.resolve(key + SUFFIX);
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (NoSuchFileException e) {
            // as it should be
        } catch (IOException e) {
            LOG.warn("A file of the journal of messages with an unknown outcome could not be deleted: {}", file.getFileName());
        }
    }
}
