package io.github.waroutes.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Stream;

import io.github.waroutes.error.WhatsAppMediaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaFilesTest {

    private static final byte[] VOICE = "a made-up voice".getBytes(StandardCharsets.UTF_8);
    private static final long MIB = 1 << 20;

    @TempDir
    Path temporary;

    private Path directory() {
        return temporary.resolve("media");
    }

    private MediaFiles files(long maxBytes) {
        return new MediaFiles(directory().toString(), maxBytes);
    }

    private static byte[] sha256(byte[] bytes) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    private File save(String hash, String type, String served) throws IOException {
        return files(1000).save(new ByteArrayInputStream(VOICE), null, hash, type, served, "777");
    }

    private void assertNothingLeft() throws IOException {
        if (Files.exists(directory())) {
            try (Stream<Path> left = Files.walk(directory()).filter(file -> file.toString().endsWith(".bin"))) {
                assertThat(left).isEmpty();
            }
        }
    }

    @Test
    void theBytesAreInTheFile() throws IOException {
        File file = save(null, null, null);
        assertThat(file).hasBinaryContent(VOICE);
        assertThat(file.getParentFile()).hasParent(directory().toFile());
    }

    @Test
    void theSystemsDirectoryServesWhenNoneIsNamed() throws IOException {
        File file;
        try (MediaFiles files = new MediaFiles(" ", 1000)) {
            file = files.save(new ByteArrayInputStream(VOICE), null, null, null, null, "777");
            assertThat(file).hasBinaryContent(VOICE);
            assertThat(file.getParentFile()).hasParent(Path.of(System.getProperty("java.io.tmpdir")).toFile());
        }
        assertThat(file.getParentFile()).as("gone with its owner").doesNotExist();
    }

    @Test
    void whoeverEmptiesTheDirectoryHindersNothing() throws IOException {
        MediaFiles files = files(1000);
        File first = files.save(new ByteArrayInputStream(VOICE), null, null, null, null, "777");
        Files.delete(first.toPath());
        Files.delete(first.toPath().getParent());
        assertThat(files.save(new ByteArrayInputStream(VOICE), null, null, null, null, "777")).hasBinaryContent(VOICE);
    }

    @Test
    void theRightHashIsTakenInEachOfItsForms() throws Exception {
        byte[] hash = sha256(VOICE);
        String hex = HexFormat.of().formatHex(hash);
        for (String form : new String[] {hex, hex.toUpperCase(Locale.ROOT), Base64.getEncoder().encodeToString(hash),
                Base64.getUrlEncoder().encodeToString(hash), Base64.getUrlEncoder().withoutPadding().encodeToString(hash),
                " " + hex + "\n"}) {
            assertThat(save(form, null, null)).hasBinaryContent(VOICE);
        }
    }

    @Test
    void urlSafeBase64IsReadWhereItDiffersFromBase64() throws Exception {
        byte[] bytes = VOICE;
        String hash;
        do {
            bytes = Arrays.copyOf(bytes, bytes.length + 1);
            hash = Base64.getUrlEncoder().encodeToString(sha256(bytes));
        } while (!hash.contains("-") || !hash.contains("_"));
        assertThat(files(1000).save(new ByteArrayInputStream(bytes), null, hash, null, null, "777")).hasBinaryContent(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "no hash", "AAAA", "e3b0"})
    void anotherHashIsRefusedAndNoFileIsLeft(String hash) throws IOException {
        assertThatThrownBy(() -> save(hash, null, null)).isInstanceOfSatisfying(WhatsAppMediaException.class, e -> {
            assertThat(e.getMediaId()).isEqualTo("777");
            assertThat(e.isRetryable()).isFalse();
        }).hasMessageContaining("SHA-256");
        assertNothingLeft();
    }

    @Test
    void noHashIsNothingToHoldTheBytesAgainst() throws IOException {
        assertThat(save(" ", null, null)).hasBinaryContent(VOICE);
    }

    @Test
    void aFileAnnouncedAsTooLargeIsNotReadAtAll() throws IOException {
        InputStream untouched = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("read");
            }
        };
        assertThatThrownBy(() -> files(10).save(untouched, 11L, null, null, null, "777")).isInstanceOf(WhatsAppMediaException.class)
                .hasMessageContaining("whatsapp.media.max-bytes").hasMessageContaining("10");
        assertNothingLeft();
    }

    @Test
    void aFileThatTurnsOutTooLargeIsGivenUpAndNotLeft() throws IOException {
        assertThatThrownBy(() -> files(VOICE.length - 1).save(new ByteArrayInputStream(VOICE), 3L, null, null, null, "777"))
                .isInstanceOf(WhatsAppMediaException.class).hasMessageContaining("whatsapp.media.max-bytes");
        assertNothingLeft();
    }

    @Test
    void aFileOfExactlyTheLimitIsTaken() throws IOException {
        assertThat(files(VOICE.length).save(new ByteArrayInputStream(VOICE), (long) VOICE.length, null, null, null, "777"))
                .hasBinaryContent(VOICE);
    }

    @ParameterizedTest
    @CsvSource({"audio/ogg; codecs=opus, audio/ogg", "audio/ogg, AUDIO/OGG; charset=x", "audio/ogg, application/octet-stream",
            "audio/ogg,", ", text/html", "audio/ogg, ' '", "audio/ogg; codecs=opus, audio/opus", "audio/ogg, application/ogg",
            "audio/ogg, binary/octet-stream"})
    void typesThatAgreeOrSayNothingAreTaken(String named, String served) throws IOException {
        assertThat(save(null, named, served)).hasBinaryContent(VOICE);
    }

    @Test
    void anotherTypeIsRefusedAndNoFileIsLeft() throws IOException {
        assertThatThrownBy(() -> save(null, "audio/ogg", "text/html")).isInstanceOf(WhatsAppMediaException.class)
                .hasMessageContaining("type");
        assertNothingLeft();
    }

    @Test
    void aStreamThatBreaksLeavesNoFileAndIsClosed() throws IOException {
        boolean[] closed = new boolean[1];
        InputStream broken = new InputStream() {
            private int given;

            @Override
            public int read() throws IOException {
                if (given++ > 100) {
                    throw new IOException("broken");
                }
                return 'x';
            }

            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                into[from] = (byte) read();
                return 1;
            }

            @Override
            public void close() {
                closed[0] = true;
            }
        };
        assertThatThrownBy(() -> files(1000).save(broken, null, null, null, null, "777")).isInstanceOf(IOException.class)
                .hasMessage("broken");
        assertThat(closed[0]).isTrue();
        assertNothingLeft();
    }

    @Test
    void noStreamIsAnEmptyFile() throws IOException {
        assertThat(files(1000).save(null, null, null, null, null, "777")).isEmpty();
    }

    @Test
    void aLargeFileIsNeverWholeOnTheHeap() throws Exception {
        long size = 200 * MIB;
        long before = allocated();
        File file = files(size).save(new Generated(size), size, null, null, null, "777");
        long after = allocated();

        assertThat(file).hasSize(size);
        // all that the thread ever allocated meanwhile, garbage included
        assertThat(after - before).isLessThan(8 * MIB);
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1})
    void aLimitBelowOneStopsTheStart(long limit) {
        assertThatIllegalArgumentException().isThrownBy(() -> new MediaFiles("", limit))
                .withMessageStartingWith("whatsapp.media.max-bytes must be at least 1");
    }

    /** So many bytes, made as they are read. */
    private static final class Generated extends InputStream {

        private long left;

        Generated(long size) {
            left = size;
        }

        @Override
        public int read() {
            return left-- > 0 ? 'x' : -1;
        }

        @Override
        public int read(byte[] into, int from, int length) {
            if (left <= 0) {
                return -1;
            }
            int count = (int) Math.min(left, length);
            Arrays.fill(into, from, from + count, (byte) 'x');
            left -= count;
            return count;
        }
    }
}
