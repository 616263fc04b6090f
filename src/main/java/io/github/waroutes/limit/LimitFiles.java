package io.github.waroutes.limit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the limits of one process must know after a restart, in a directory of its own: {@code limits.json} holds what Meta told,
 * {@code users.log} one line for each user that was counted ({@code account hash milliseconds}; a hash, as the file must not say
 * whom an account wrote to). A write that fails is logged: the message it is about is on its way.
 */
class LimitFiles {

    private static final Logger LOG = LoggerFactory.getLogger(LimitFiles.class);
    private static final TypeReference<Map<String, Kept>> VALUES = new TypeReference<>() { };
    private static final Pattern USER = Pattern.compile("(\\S+) ([0-9a-f]{1,16}) (\\d{1,18})");

    private final Path directory;
    private final ObjectMapper json = new ObjectMapper();
    private Writer log;

    /** @param directory made when it is first written to */
    LimitFiles(Path directory) {
        this.directory = directory;
    }

    /** @param untilMillis when it is no longer true, in milliseconds since 1970 */
    record Kept(String value, long untilMillis) {
    }

    /** Gets one counted user. */
    interface UserReader {
        void read(String account, long userHash, long atMillis);
    }

    /** @throws IllegalStateException if the file is there and cannot be read */
    Map<String, Kept> values() {
        try {
            return json.readValue(Files.readAllBytes(directory.resolve("limits.json")), VALUES);
        } catch (NoSuchFileException e) {
            return Map.of();
        } catch (JsonProcessingException e) {
            LOG.warn("limits.json in the directory of the limits is not what was written there; Meta's limits are the configured ones again");
            return Map.of();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    synchronized void write(Map<String, Kept> values) {
        try {
            Files.createDirectories(directory);
            Path unfinished = directory.resolve("limits.json.new");
            Files.write(unfinished, json.writeValueAsBytes(values));
            Files.move(unfinished, directory.resolve("limits.json"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            notWritten(e);
        }
    }

    /**
     * Reads the users that were counted at or after a moment, in the order in which they were, and forgets the others.
     *
     * @throws IllegalStateException if the file is there and cannot be read
     */
    synchronized void users(long sinceMillis, UserReader reader) {
        Path file = directory.resolve("users.log");
        List<String> kept = new ArrayList<>();
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            lines.forEach(line -> {
                var user = USER.matcher(line);
                // the last line may have been cut by a crash
                if (user.matches() && Long.parseLong(user.group(3)) >= sinceMillis) {
                    reader.read(user.group(1), Long.parseUnsignedLong(user.group(2), 16), Long.parseLong(user.group(3)));
                    kept.add(line);
                }
            });
            Path unfinished = directory.resolve("users.log.new");
            Files.write(unfinished, kept, StandardCharsets.ISO_8859_1);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException e) {
            LOG.debug("No users were counted before");
        } catch (IOException | UncheckedIOException e) {
            throw unreadable(e);
        }
    }

    synchronized void append(String account, long userHash, long atMillis) {
        try {
            if (log == null) {
                Files.createDirectories(directory);
                log = Files.newBufferedWriter(directory.resolve("users.log"), StandardCharsets.ISO_8859_1,
                        StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
            log.write(account + ' ' + Long.toHexString(userHash) + ' ' + atMillis + '\n');
            log.flush();
        } catch (IOException e) {
            notWritten(e);
        }
    }

    private static void notWritten(IOException e) {
        LOG.warn("What the limits must know after a restart could not be written: {}. See that whatsapp.outcome.directory can be written to.",
                e.getClass().getSimpleName());
    }

    private static IllegalStateException unreadable(Exception e) {
        return new IllegalStateException("What the limits knew before the restart cannot be read: " + e.getClass().getSimpleName()
                + ". See that whatsapp.outcome.directory can be read.", e);
    }
}
