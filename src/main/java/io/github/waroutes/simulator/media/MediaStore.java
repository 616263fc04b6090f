package io.github.waroutes.simulator.media;

import io.github.waroutes.simulator.common.HmacSha256;
import io.github.waroutes.simulator.common.Ids;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.fault.FaultPlan;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The files and their metadata. Bounded; the oldest is evicted first. Thread-safe. */
public class MediaStore implements AutoCloseable {

    private static final Duration URL_LIFE = Duration.ofMinutes(5);
    private static final long MAX_FILE_BYTES = 1L << 30;

    private final int maxBytes;
    private final Clock clock;
    private final byte[] tokenKey = Ids.bytes(32);
    private final LinkedHashMap<String, Media> media = new LinkedHashMap<>();
    private final Map<String, FaultPlan.Kind> spoilt = new HashMap<>();
    private final Map<String, String> owners = new HashMap<>();
    private final FileMetadata metadata = new FileMetadata();
    private long bytes;
    private long fileBytes;
    private Path files;

    /** @param maxBytes how many bytes to keep in memory; uploads are on disk */
    public MediaStore(int maxBytes) {
        this(maxBytes, Clock.systemUTC());
    }

    MediaStore(int maxBytes, Clock clock) {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("The simulator's limits must be 1 or more");
        }
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /**
     * One file.
     *
     * @param bytes  its content, not copied, so leave them as they are; null when it is in {@code file}
     * @param file   its file on disk, or null
     * @param sha256 of its content
     */
    public record Media(String id, String mimeType, byte[] bytes, Path file, long size, byte[] sha256) {

        /** The content as a body: the bytes, or a stream of the file. */
        public Object content() throws IOException {
            return file == null ? bytes : stream();
        }

        /** As {@link #content}, with its first bit flipped, so that the hash is wrong and the length is right. */
        public InputStream spoilt() throws IOException {
            InputStream rest = stream();
            byte[] first = {(byte) (rest.read() ^ 1)};
            return new SequenceInputStream(new ByteArrayInputStream(first), rest);
        }

        private InputStream stream() throws IOException {
            return file == null ? new ByteArrayInputStream(bytes) : Files.newInputStream(file);
        }
    }

    /** The metadata of uploaded files. */
    public FileMetadata metadata() {
        return metadata;
    }

    /** Deletes all files. */
    public synchronized void reset() {
        List.copyOf(media.keySet()).forEach(this::delete);
    }

    @Override
    public synchronized void close() throws IOException {
        reset();
        if (files != null) {
            Files.deleteIfExists(files);
            files = null;
        }
    }

    /** @throws Refusal 413 when it alone is larger than the whole store may be */
    public synchronized Media add(String mimeType, byte[] content) {
        if (content.length > maxBytes) {
            throw Refusal.plain(413, "This file is larger than the simulator's media store");
        }
        Media added = new Media(Ids.media(), mimeType, content, null, content.length, sha256().digest(content));
        media.put(added.id(), added);
        bytes += content.length;
        trim();
        return added;
    }

    /** Adds a file, which is moved, and deleted when it is evicted. */
    public Media keep(String mimeType, Path upload) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(upload), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        synchronized (this) {
            if (files == null) {
                files = Files.createTempDirectory("whatsapp-simulator-");
            }
            String id = Ids.media();
            Path kept = Files.move(upload, files.resolve(id));
            Media added = new Media(id, mimeType, null, kept, Files.size(kept), digest.digest());
            media.put(id, added);
            fileBytes += added.size();
            trim();
            return added;
        }
    }

    /** @return false when there is none with this id */
    public synchronized boolean delete(String id) {
        Media deleted = media.remove(id);
        spoilt.remove(id);
        owners.remove(id);
        if (deleted == null) {
            return false;
        }
        if (deleted.file() == null) {
            bytes -= deleted.size();
            return true;
        }
        fileBytes -= deleted.size();
        try {
            Files.deleteIfExists(deleted.file());
        } catch (IOException e) {
            deleted.file().toFile().deleteOnExit();
        }
        return true;
    }

    private void trim() {
        while (bytes > maxBytes) {
            delete(oldest(false));
        }
        while (fileBytes > MAX_FILE_BYTES) {
            delete(oldest(true));
        }
    }

    private String oldest(boolean onDisk) {
        return media.values().stream().filter(one -> (one.file() != null) == onDisk).findFirst().orElseThrow().id();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime has no SHA-256", e);
        }
    }

    public synchronized Optional<Media> find(String id) {
        return Optional.ofNullable(media.get(id));
    }

    /** Makes the file belong to this account; a file that belongs to none is visible to all. */
    public synchronized void own(String id, String accountId) {
        if (media.containsKey(id)) {
            owners.put(id, accountId);
        }
    }

    public synchronized boolean isOf(String id, String accountId) {
        return accountId.equals(owners.getOrDefault(id, accountId));
    }

    /** Lets every download of this file fail with this fault. */
    public synchronized void spoil(String id, FaultPlan.Kind fault) {
        if (media.containsKey(id)) {
            spoilt.put(id, fault);
        }
    }

    public synchronized Optional<FaultPlan.Kind> spoiltBy(String id) {
        return Optional.ofNullable(spoilt.get(id));
    }

    /** Where to download this file from for 5 minutes. */
    public String url(String publicUrl, String id) {
        return publicUrl + "/simulator/media/" + id + "?token=" + token(id);
    }

    /** A token for a media URL that gives access to this file for 5 minutes: its expiry in epoch seconds, and a keyed hash. */
    String token(String id) {
        return token(id, clock.instant().plus(URL_LIFE).getEpochSecond());
    }

    public boolean isToken(String id, String token) {
        try {
            long end = Long.parseLong(token.substring(0, token.indexOf('-')));
            return clock.instant().getEpochSecond() <= end && HmacSha256.isSame(token(id, end), token);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return false;
        }
    }

    private String token(String id, long end) {
        return end + "-" + HmacSha256.hex(tokenKey, (id + " " + end).getBytes(StandardCharsets.UTF_8));
    }
}
