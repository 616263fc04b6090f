package io.github.waroutes.media;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMediaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams media into temporary files: what is downloaded is checked against its size limit, its hash and its type on the way, what is
 * to be uploaded gets its hash. At no time is a file whole on the heap.
 */
public class MediaFiles implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MediaFiles.class);

    private static final int BUFFER = 64 << 10;
    /** Types that say nothing, and the names that one type goes by. */
    private static final Set<String> BYTES = Set.of("application/octet-stream", "binary/octet-stream", "application/binary");
    private static final Set<String> OGG = Set.of("audio/ogg", "audio/opus", "application/ogg");
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{64}");
    private static final int HASH_BYTES = 32;

    private final Path place;
    private final long maxBytes;
    private TemporaryDirectory directory;

    /**
     * @param directory where the files go, in a directory of this process; empty: the system's temporary directory
     * @param maxBytes  the largest file that is taken
     */
    public MediaFiles(String directory, long maxBytes) {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("whatsapp.media.max-bytes must be at least 1, and is " + maxBytes);
        }
        this.place = Path.of(directory == null || directory.isBlank() ? System.getProperty("java.io.tmpdir") : directory);
        this.maxBytes = maxBytes;
    }

    /** Deletes the files of processes that were killed. */
    public void deleteAbandoned() {
        try {
            TemporaryDirectory.deleteAbandoned(place);
        } catch (IOException e) {
            LOG.warn("The files that earlier processes left in whatsapp.media.directory could not be looked for: {}", e.getClass().getName());
        }
    }

    /** Deletes what is left of this process. */
    @Override
    public synchronized void close() {
        if (directory != null) {
            directory.close();
            directory = null;
        }
    }

    /**
     * Saves a stream, and leaves no file behind if it fails.
     *
     * @param content      the bytes; closed in any case
     * @param announced    the {@code Content-Length}, or null
     * @param expectedHash SHA-256 in hexadecimal or Base64; null or blank: nothing to hold it against
     * @param expectedType the mime type Meta named, or null
     * @param servedType   the answer's {@code Content-Type}, or null
     * @throws WhatsAppMediaException if it is too large, of another hash, or, where there is no hash, of another type
     */
    public File save(InputStream content, Long announced, String expectedHash, String expectedType, String servedType,
            String mediaId) throws IOException {
        try (InputStream in = content == null ? InputStream.nullInputStream() : content) {
            boolean named = isOfType(expectedType, servedType);
            boolean hashed = expectedHash != null && !expectedHash.isBlank();
            if (!named && !hashed) {
                throw anotherType(mediaId);
            }
            if (announced != null && announced > maxBytes) {
                throw tooLarge(mediaId);
            }
            Path file = create();
            boolean kept = false;
            try {
                byte[] hash = copy(in, file, mediaId);
                // the hash proves the bytes, whatever name of their type they were carried under
                if (hashed && !isHash(expectedHash, hash)) {
                    throw named ? refused("The media's bytes do not have the SHA-256 that Meta named", mediaId) : anotherType(mediaId);
                }
                kept = true;
                return file.toFile();
            } finally {
                if (!kept) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** The largest file that is taken, in bytes. */
    long maxBytes() {
        return maxBytes;
    }

    /** A file's first bytes, as many as {@link MediaLimits} wants to see. */
    byte[] head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(MediaLimits.HEAD);
        }
    }

    /** Reads a file once, in pieces. */
    HashedFile hash(Path file) throws IOException {
        FileTime modified = Files.getLastModifiedTime(file);
        MessageDigest digest = sha256();
        long size = 0;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                size += read;
                digest.update(buffer, 0, read);
            }
        }
        return new HashedFile(file, HexFormat.of().formatHex(digest.digest()), size, head(file), modified);
    }

    /**
     * Saves a stream of any content, and leaves no file behind if it fails.
     *
     * @param content the bytes; not closed
     * @param most    reading ends soon after this many bytes: a larger file can be told, and an endless one ends
     */
    HashedFile spool(InputStream content, long most) throws IOException {
        Path file = create();
        boolean kept = false;
        try {
            MessageDigest digest = sha256();
            long size = 0;
            try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
                byte[] buffer = new byte[BUFFER];
                for (int read = content.read(buffer); read >= 0 && size <= most; read = content.read(buffer)) {
                    size += read;
                    out.write(buffer, 0, read);
                }
            }
            HashedFile hashed = new HashedFile(file, HexFormat.of().formatHex(digest.digest()), size, head(file),
                    Files.getLastModifiedTime(file));
            kept = true;
            return hashed;
        } finally {
            if (!kept) {
                Files.deleteIfExists(file);
            }
        }
    }

    private Path create() throws IOException {
        return directory().newFile();
    }

    // when it is first needed: Camel 4.17 may make a bean more than once
    private synchronized TemporaryDirectory directory() throws IOException {
        if (directory == null) {
            directory = TemporaryDirectory.in(place);
        }
        return directory;
    }

    private byte[] copy(InputStream in, Path file, String mediaId) throws IOException {
        MessageDigest digest = sha256();
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
            byte[] buffer = new byte[BUFFER];
            long total = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                total += read;
                if (total > maxBytes) {
                    throw tooLarge(mediaId);
                }
                out.write(buffer, 0, read);
            }
        }
        return digest.digest();
    }

    private static boolean isHash(String expected, byte[] actual) {
        byte[] wanted = decode(expected.trim());
        return wanted != null && MessageDigest.isEqual(wanted, actual);
    }

    /** Webhooks carry Base64, the media endpoint has been seen to answer hexadecimal. */
    private static byte[] decode(String hash) {
        if (HEX.matcher(hash).matches()) {
            return HexFormat.of().parseHex(hash.toLowerCase(Locale.ROOT));
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(hash.replace('-', '+').replace('_', '/'));
            return bytes.length == HASH_BYTES ? bytes : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean isOfType(String expected, String served) {
        String wanted = bare(expected);
        String given = bare(served);
        return wanted == null || given == null || wanted.equals(given) || BYTES.contains(given)
                || OGG.contains(wanted) && OGG.contains(given);
    }

    private static WhatsAppMediaException anotherType(String mediaId) {
        return refused("The media is not of the type that Meta named", mediaId);
    }

    private static String bare(String type) {
        if (type == null || type.isBlank()) {
            return null;
        }
        return type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
    }

    private WhatsAppMediaException tooLarge(String mediaId) {
        return refused("The media is larger than whatsapp.media.max-bytes, " + maxBytes + " bytes", mediaId);
    }

    private static WhatsAppMediaException refused(String why, String mediaId) {
        return new WhatsAppMediaException(ErrorDetails.builder(why).build(), mediaId, false, false);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
