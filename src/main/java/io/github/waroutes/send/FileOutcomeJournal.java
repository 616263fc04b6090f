package io.github.waroutes.send;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal of one process: a bounded index in memory (about 300 bytes an entry) over an {@link AttemptLog} on disk. It is opened on first
 * use; after a failed write the next call opens it again, with what is on disk.
 */
public final class FileOutcomeJournal implements OutcomeJournal {

    private static final Logger LOG = LoggerFactory.getLogger(FileOutcomeJournal.class);
    private static final String LOG_DIRECTORY = "attempts";
    /** An older version kept one file for each entry. */
    private static final String OLD_SUFFIX = ".outcome";
    private static final String OLD_UNFINISHED = ".new";

    private final Path directory;
    private final int size;
    private final Duration timeToLive;
    private final Clock clock;
    /** Held for writing while the log is opened or closed. */
    private final ReadWriteLock opening = new ReentrantReadWriteLock();
    private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();
    private final AtomicLong lastId = new AtomicLong();
    private volatile AttemptLog log;
    private volatile boolean closed;

    private record Entry(long id, Outcome outcome) {
    }

    /**
     * @param directory  created on first use; each process needs its own
     * @param size       how many entries at the most: to make room, settled ones are evicted first, then those given up, then those older
     *                   than {@code timeToLive}; if there are none of these, a new entry is refused
     * @param timeToLive how long an unused entry is kept
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
    public Optional<Outcome> find(String key) {
        return whileOpen(() -> Optional.ofNullable(entries.get(key)).map(Entry::outcome));
    }

    @Override
    public boolean replace(String key, Outcome before, Outcome after) {
        try {
            Change change = change(key, before, after, true);
            if (change.write() != null) {
                change.write().await();
            }
            return change.applied();
        } catch (IOException e) {
            throw notWritten(e);
        }
    }

    @Override
    public void note(String key, Outcome before, Outcome after) {
        try {
            change(key, before, after, true);
        } catch (IOException e) {
            throw notWritten(e);
        }
    }

    @Override
    public void forget(String key, Outcome before) {
        try {
            change(key, before, null, false);
        } catch (IOException e) {
            throw notWritten(e);
        }
    }

    @Override
    public long unsettled(Instant before) {
        return entries.values().stream().map(Entry::outcome)
                .filter(outcome -> outcome.verdict() == Verdict.WAITING && outcome.since().isBefore(before)).count();
    }

    private record Change(boolean applied, AttemptLog.Write write) {
    }

    // written under the entry's lock, so that disk and index agree; waiting for the disk is left to the caller, so that many share one sync
    private Change change(String key, Outcome before, Outcome after, boolean sync) throws IOException {
        String text = after == null ? null : text(key, after);
        try {
            return whileOpen(() -> {
                if (before == null && after != null && entries.size() >= size && !entries.containsKey(key)) {
                    evict();
                }
                boolean[] applied = new boolean[1];
                AttemptLog.Write[] write = new AttemptLog.Write[1];
                entries.compute(key, (same, known) -> {
                    applied[0] = Objects.equals(known == null ? null : known.outcome(), before);
                    if (!applied[0] || known == null && after == null) {
                        return known;
                    }
                    long id = known == null ? lastId.incrementAndGet() : known.id();
                    write[0] = write(() -> after == null ? log.delete(id, sync) : known == null ? log.add(id, text) : log.update(id, text));
                    return after == null ? null : new Entry(id, after);
                });
                return new Change(applied[0], write[0]);
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private interface Append {
        AttemptLog.Write write() throws IOException;
    }

    private static AttemptLog.Write write(Append append) {
        try {
            return append.write();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A scan of all entries, so it evicts a tenth at once: settled ones first, then those given up, the oldest of each first. */
    private synchronized void evict() {
        if (entries.size() < size) {
            // another thread has evicted some meanwhile
            return;
        }
        Map<Verdict, List<Map.Entry<String, Entry>>> old = entries.entrySet().stream()
                .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
                .collect(Collectors.groupingBy(entry -> kind(entry.getValue().outcome())));
        for (Verdict kind : List.of(Verdict.SETTLED_SENT, Verdict.GIVEN_UP)) {
            int excess = entries.size() - size + 1;
            if (excess > 0) {
                old.getOrDefault(kind, List.of()).stream().sorted(Comparator.comparing(entry -> entry.getValue().outcome().since()))
                        .limit(Math.max(excess, size / 10)).forEach(this::forget);
            }
        }
        if (entries.size() >= size) {
            forgetExpired();
        }
        if (entries.size() >= size) {
            throw new IllegalStateException("The journal of attempts to send is full: the outcome of " + size + " messages is unknown."
                    + " See why no statuses come in, or raise whatsapp.outcome.size.");
        }
    }

    private static Verdict kind(Outcome outcome) {
        return outcome.verdict() == Verdict.WAITING || outcome.verdict() == Verdict.GIVEN_UP ? outcome.verdict() : Verdict.SETTLED_SENT;
    }

    private void forget(Map.Entry<String, Entry> entry) {
        entries.computeIfPresent(entry.getKey(), (key, now) -> {
            if (!now.equals(entry.getValue())) {
                return now;
            }
            write(() -> log.delete(now.id(), false));
            return null;
        });
    }

    private void forgetExpired() {
        Instant oldest = clock.instant().minus(timeToLive);
        entries.entrySet().stream().filter(entry -> entry.getValue().outcome().since().isBefore(oldest))
                .map(entry -> Map.entry(entry.getKey(), entry.getValue())).toList().forEach(this::forget);
    }

    private static String text(String key, Outcome outcome) {
        return key + ' ' + outcome.toJson();
    }

    private boolean isOpen() {
        AttemptLog opened = log;
        return !closed && opened != null && !opened.isBroken();
    }

    private <T> T whileOpen(Supplier<T> work) {
        while (true) {
            opening.readLock().lock();
            try {
                if (isOpen()) {
                    return work.get();
                }
            } finally {
                opening.readLock().unlock();
            }
            open();
        }
    }

    private void open() {
        opening.writeLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("The journal of attempts to send is closed");
            }
            if (isOpen()) {
                return;
            }
            if (log != null) {
                LOG.warn("The journal of attempts to send could not be written, and is opened again");
                closeLog();
            }
            read();
        } catch (IOException | UncheckedIOException e) {
            closeLog();
            throw new IllegalStateException("The journal of attempts to send cannot be opened in whatsapp.outcome.directory " + directory + ": "
                    + e.getMessage() + ". Give each process a directory of its own that it can write to.", e);
        } finally {
            opening.writeLock().unlock();
        }
    }

    private void closeLog() {
        if (log != null) {
            try {
                log.close();
            } catch (IOException e) {
                LOG.debug("The journal is left as it is", e);
            }
            log = null;
        }
    }

    private void read() throws IOException {
        entries.clear();
        Map<Long, String> texts = new LinkedHashMap<>();
        log = new AttemptLog(directory.resolve(LOG_DIRECTORY), new AttemptLog.Reader() {
            @Override
            public void put(long id, String text) {
                texts.put(id, text);
                lastId.accumulateAndGet(id, Math::max);
            }

            @Override
            public void delete(long id) {
                texts.remove(id);
            }
        });
        for (Map.Entry<Long, String> read : texts.entrySet()) {
            String text = read.getValue();
            int space = text.indexOf(' ');
            Outcome outcome = Outcome.fromJson(text.substring(space + 1));
            entries.put(text.substring(0, space), new Entry(read.getKey(), outcome));
        }
        importOldFiles();
        forgetExpired();
    }

    private void importOldFiles() throws IOException {
        List<Path> old = new ArrayList<>();
        Map<String, Outcome> read = new HashMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(OLD_SUFFIX)) {
                    read.put(name.substring(0, name.length() - OLD_SUFFIX.length()), readOld(file));
                    old.add(file);
                } else if (name.endsWith(OLD_SUFFIX + OLD_UNFINISHED)) {
                    old.add(file);
                }
            }
        }
        AttemptLog.Write last = null;
        for (Map.Entry<String, Outcome> entry : read.entrySet()) {
            if (!entries.containsKey(entry.getKey())) {
                Entry imported = new Entry(lastId.incrementAndGet(), entry.getValue());
                last = log.add(imported.id(), text(entry.getKey(), imported.outcome()));
                entries.put(entry.getKey(), imported);
            }
        }
        if (last != null) {
            last.await();
        }
        for (Path file : old) {
            Files.delete(file);
        }
    }

    private static Outcome readOld(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        try {
            return Outcome.fromJson(new String(content, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            LOG.warn("A truncated file of a message with an unknown outcome counts as waiting: {}", file.getFileName());
            return new Outcome(Files.getLastModifiedTime(file).toInstant(), Verdict.WAITING);
        }
    }

    private static IllegalStateException notWritten(IOException cause) {
        return new IllegalStateException("The journal of attempts to send could not be written: " + cause.getMessage()
                + ". See that whatsapp.outcome.directory can be written to, and that its disk has room.", cause);
    }

    @Override
    public void close() {
        opening.writeLock().lock();
        try {
            closed = true;
            closeLog();
        } finally {
            opening.writeLock().unlock();
        }
    }
}
