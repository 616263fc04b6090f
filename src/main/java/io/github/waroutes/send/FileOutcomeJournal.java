package io.github.waroutes.send;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal of one process: a bounded index in memory (about 300 bytes an entry) over an {@link AttemptLog} on disk. It is opened when it
 * is first used; if something could not be written it is opened anew by the next call, and holds what is on disk.
 */
public final class FileOutcomeJournal implements OutcomeJournal {

    private static final Logger LOG = LoggerFactory.getLogger(FileOutcomeJournal.class);
    private static final String LOG_DIRECTORY = "attempts";
    /** One file an entry: how an older version kept them. */
    private static final String OLD_SUFFIX = ".outcome";
    private static final String OLD_UNFINISHED = ".new";

    private final Path directory;
    private final int size;
    private final Duration timeToLive;
    private final Clock clock;
    private AttemptLog log;
    private boolean closed;
    /** Those whose outcome is unknown, and the others, each the oldest first. */
    private final Map<String, Entry> waiting = new LinkedHashMap<>();
    private final Map<String, Entry> settled = new LinkedHashMap<>();
    private final Map<String, Entry> givenUp = new LinkedHashMap<>();
    private long lastId;

    private record Entry(long id, Outcome outcome) {
    }

    /**
     * @param directory  made when it is first used; each process needs its own
     * @param size       how many entries at the most: for a new one those that are settled are forgotten first, then those given up, then
     *                   those older than {@code timeToLive}; without any of these it is refused
     * @param timeToLive how long an entry is kept that nobody asks for
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
    public synchronized Optional<Outcome> find(String key) {
        open();
        return Optional.ofNullable(entry(key)).map(Entry::outcome);
    }

    @Override
    public boolean replace(String key, Outcome before, Outcome after) {
        try {
            Change change = change(key, before, after, true);
            if (change.write() != null) {
                change.write().await();
            }
            return change.fits();
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

    private record Change(boolean fits, AttemptLog.Write write) {
    }

    // the order on disk is that of the index; the wait for the disk is outside, so that many share one sync
    private synchronized Change change(String key, Outcome before, Outcome after, boolean sync) throws IOException {
        open();
        Entry known = entry(key);
        Outcome now = known == null ? null : known.outcome();
        if (now == null ? before != null : !now.equals(before)) {
            return new Change(false, null);
        }
        AttemptLog.Write write = null;
        if (after == null) {
            if (known != null) {
                map(now).remove(key);
                write = log.delete(known.id(), sync);
            }
        } else if (known == null) {
            makeRoom();
            Entry entry = new Entry(++lastId, after);
            write = log.add(entry.id(), text(key, after));
            map(after).put(key, entry);
        } else {
            write = log.update(known.id(), text(key, after));
            map(now).remove(key);
            map(after).put(key, new Entry(known.id(), after));
        }
        return new Change(true, write);
    }

    private Entry entry(String key) {
        Entry entry = waiting.get(key);
        if (entry == null) {
            entry = settled.get(key);
        }
        return entry == null ? givenUp.get(key) : entry;
    }

    private Map<String, Entry> map(Outcome outcome) {
        return switch (outcome.verdict()) {
            case WAITING -> waiting;
            case GIVEN_UP -> givenUp;
            default -> settled;
        };
    }

    private void makeRoom() throws IOException {
        forgetOld(settled);
        forgetOld(givenUp);
        while (entries() >= size && !(settled.isEmpty() && givenUp.isEmpty())) {
            forgetFirst(settled.isEmpty() ? givenUp : settled);
        }
        if (entries() >= size) {
            forgetOld(waiting);
        }
        if (entries() >= size) {
            throw new IllegalStateException("The journal of attempts to send is full: the outcome of " + size + " messages is unknown."
                    + " See why no statuses come in, or raise whatsapp.outcome.size.");
        }
    }

    private int entries() {
        return waiting.size() + settled.size() + givenUp.size();
    }

    private void forgetFirst(Map<String, Entry> entries) throws IOException {
        Iterator<Entry> first = entries.values().iterator();
        log.delete(first.next().id(), false);
        first.remove();
    }

    private void forgetOld(Map<String, Entry> entries) throws IOException {
        Instant oldest = clock.instant().minus(timeToLive);
        while (!entries.isEmpty() && entries.values().iterator().next().outcome().since().isBefore(oldest)) {
            forgetFirst(entries);
        }
    }

    private static String text(String key, Outcome outcome) {
        return key + ' ' + outcome.toJson();
    }

    private void open() {
        if (closed) {
            throw new IllegalStateException("The journal of attempts to send is closed");
        }
        if (log != null && !log.isBroken()) {
            return;
        }
        try {
            if (log != null) {
                LOG.warn("The journal of attempts to send could not be written, and is read anew");
                closeLog();
            }
            read();
        } catch (IOException e) {
            closeLog();
            throw new IllegalStateException("The journal of attempts to send cannot be opened in whatsapp.outcome.directory " + directory + ": "
                    + e.getMessage() + ". Give each process a directory of its own that it can write to.", e);
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
        waiting.clear();
        settled.clear();
        givenUp.clear();
        Map<Long, String> texts = new LinkedHashMap<>();
        log = new AttemptLog(directory.resolve(LOG_DIRECTORY), new AttemptLog.Reader() {
            @Override
            public void put(long id, String text) {
                texts.put(id, text);
                lastId = Math.max(lastId, id);
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
            map(outcome).put(text.substring(0, space), new Entry(read.getKey(), outcome));
        }
        takeOver();
        forgetOld(settled);
        forgetOld(givenUp);
        forgetOld(waiting);
    }

    private void takeOver() throws IOException {
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
            if (entry(entry.getKey()) == null) {
                Entry taken = new Entry(++lastId, entry.getValue());
                last = log.add(taken.id(), text(entry.getKey(), taken.outcome()));
                map(taken.outcome()).put(entry.getKey(), taken);
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
            LOG.warn("A torn file of messages with an unknown outcome counts as waiting: {}", file.getFileName());
            return new Outcome(Files.getLastModifiedTime(file).toInstant(), Verdict.WAITING);
        }
    }

    private static IllegalStateException notWritten(IOException cause) {
        return new IllegalStateException("The journal of attempts to send could not be written: " + cause.getMessage()
                + ". See that whatsapp.outcome.directory can be written to, and that its disk has room.", cause);
    }

    @Override
    public synchronized void close() {
        closed = true;
        closeLog();
    }
}
