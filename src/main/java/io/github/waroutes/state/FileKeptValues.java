package io.github.waroutes.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * In memory, and in a file that one process uses: a line for each change, {@code key value}, or {@code key} alone where it was removed. A change
 * is synced before its call returns. The file is read on first use, and written anew when most of it is of the past.
 */
public final class FileKeptValues implements KeptValues {

    /** So many changes of the past are not worth a new file. */
    private static final int PAST = 1000;

    private final Path file;
    private final ConcurrentSkipListMap<String, String> values = new ConcurrentSkipListMap<>();
    private volatile boolean read;
    private int lines;

    /** @param file made, with its directory, when it is first written to */
    public FileKeptValues(Path file) {
        this.file = file;
    }

    @Override
    public String get(String key) {
        return known().get(key);
    }

    @Override
    public void put(String key, String value) {
        if (key.indexOf(' ') >= 0 || (key + value).chars().anyMatch(c -> c == '\n' || c == '\r')) {
            throw new IllegalArgumentException("A key has no blank, and neither it nor a value a line break");
        }
        write(key, value);
    }

    @Override
    public String remove(String key) {
        return known().containsKey(key) ? write(key, null) : null;
    }

    @Override
    public boolean isEmpty() {
        return known().isEmpty();
    }

    @Override
    public int size() {
        return known().size();
    }

    @Override
    public List<String> values() {
        return List.copyOf(known().values());
    }

    private Map<String, String> known() {
        if (!read) {
            read();
        }
        return values;
    }

    private synchronized void read() {
        if (read) {
            return;
        }
        try {
            values.clear();
            lines = 0;
            if (Files.exists(file)) {
                String text = Files.readString(file);
                // what a crash has cut is no line
                int whole = text.lastIndexOf('\n') + 1;
                text.substring(0, whole).lines().forEach(this::take);
                if (whole < text.length()) {
                    rewrite();
                }
            }
            read = true;
        } catch (IOException e) {
            throw failed("read", e);
        }
    }

    private void take(String line) {
        int blank = line.indexOf(' ');
        lines++;
        if (blank < 0) {
            values.remove(line);
        } else {
            values.put(line.substring(0, blank), line.substring(blank + 1));
        }
    }

    private synchronized String write(String key, String value) {
        known();
        try {
            if (lines >= 2 * values.size() + PAST) {
                rewrite();
            }
            Files.createDirectories(file.toAbsolutePath().getParent());
            append(file, value == null ? key + '\n' : key + ' ' + value + '\n');
            lines++;
            return value == null ? values.remove(key) : values.put(key, value);
        } catch (IOException e) {
            // perhaps half a line is there: it is read again, which removes it
            read = false;
            throw failed("written", e);
        }
    }

    private void rewrite() throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        StringBuilder text = new StringBuilder();
        values.forEach((key, value) -> text.append(key).append(' ').append(value).append('\n'));
        append(fresh, text.toString());
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        lines = values.size();
    }

    private static void append(Path to, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(to, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private StateUnavailableException failed(String what, IOException e) {
        return new StateUnavailableException(file.getFileName() + " in whatsapp.outcome.directory could not be " + what + ": " + e.getClass().getSimpleName()
                + ". See that the directory can be read and written to, and that its disk has room", e);
    }
}
