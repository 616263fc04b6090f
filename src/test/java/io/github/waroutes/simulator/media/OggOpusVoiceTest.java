package io.github.waroutes.simulator.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OggOpusVoiceTest {

    private static final int PRE_SKIP = 3840;

    /** One page as RFC 3533 lays it out, read without the class under test. */
    private record Page(int flags, long granule, int serial, int sequence, int crc, int expectedCrc, List<byte[]> packets) {
    }

    @Test
    void everyPageHasTheRightChecksumAndItsPlaceInTheStream() {
        List<Page> pages = pages(OggOpusVoice.write("hello", Duration.ofMillis(2345)));

        assertThat(pages).hasSize(5);
        assertThat(pages).allMatch(page -> page.crc() == page.expectedCrc());
        assertThat(pages).extracting(Page::sequence).containsExactly(0, 1, 2, 3, 4);
        assertThat(pages).extracting(Page::flags).containsExactly(2, 0, 0, 0, 4);
        assertThat(pages).extracting(Page::serial).containsOnly(pages.get(0).serial());
    }

    @Test
    void granulesCountSamplesAt48KilohertzPreSkipIncluded() {
        List<Page> pages = pages(OggOpusVoice.write("hello", Duration.ofMillis(2345)));

        assertThat(pages).extracting(Page::granule)
                .containsExactly(0L, 0L, 48_000L, 96_000L, PRE_SKIP + 2345L * 48);
        int packets = pages.stream().skip(2).mapToInt(page -> page.packets().size()).sum();
        assertThat(packets * 960L).isBetween(PRE_SKIP + 2345L * 48, PRE_SKIP + 2345L * 48 + 959);
    }

    @Test
    void theFirstPacketIsTheIdentificationHeaderOfRfc7845() {
        byte[] head = pages(OggOpusVoice.write("hello", Duration.ofSeconds(1))).get(0).packets().get(0);

        ByteBuffer in = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(head).hasSize(19).startsWith("OpusHead".getBytes(StandardCharsets.US_ASCII));
        assertThat(head[8]).as("version").isEqualTo((byte) 1);
        assertThat(head[9]).as("channels").isEqualTo((byte) 1);
        assertThat(in.getShort(10)).as("pre-skip").isEqualTo((short) PRE_SKIP);
        assertThat(in.getInt(12)).as("input sample rate").isEqualTo(48_000);
        assertThat(in.getShort(16)).as("gain").isZero();
        assertThat(head[18]).as("mapping family").isZero();
    }

    @Test
    void everyAudioPacketIsAMonoCeltFrameOf20Milliseconds() {
        List<Page> audio = pages(OggOpusVoice.write("hello", Duration.ofSeconds(3))).stream().skip(2).toList();

        assertThat(audio).flatExtracting(Page::packets).allSatisfy(packet -> {
            int toc = ((byte[]) packet)[0] & 0xFF;
            assertThat(toc >> 3).as("configuration: CELT, full band, 20 ms").isEqualTo(31);
            assertThat(toc & 0b111).as("mono, one frame").isZero();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "où est mon colis ?", "two\nlines = here", "😀"})
    void theWordsComeBack(String words) throws Exception {
        assertThat(OggOpusVoice.readWords(OggOpusVoice.write(words, Duration.ofSeconds(1)))).hasValue(words);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 208, 209, 210, 211, 463, 464, 465, 466, 4096})
    void wordsOfAnyLengthComeBackEvenWhereALacingValueIsFull(int length) throws Exception {
        String words = "x".repeat(length);

        assertThat(OggOpusVoice.readWords(OggOpusVoice.write(words, Duration.ofSeconds(1)))).hasValue(words);
    }

    @Test
    void commentsSpreadOverPagesAndAmongOthersAreFound() throws Exception {
        ByteArrayOutputStream tags = new ByteArrayOutputStream();
        tags.writeBytes("OpusTags".getBytes(StandardCharsets.US_ASCII));
        for (String text : List.of("vendor", "", "TITLE=" + "t".repeat(70_000), "description=found")) {
            if (text.isEmpty()) {
                tags.writeBytes(new byte[] {2, 0, 0, 0});
                continue;
            }
            tags.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(text.length()).array());
            tags.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }
        byte[] packet = tags.toByteArray();
        int full = 255 * 255;
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(rawPage(2, 7, new int[] {19}, "OpusHeadxxxxxxxxxxx".getBytes(StandardCharsets.US_ASCII)));
        int[] lacing = new int[255];
        Arrays.fill(lacing, 255);
        file.writeBytes(rawPage(0, 7, lacing, Arrays.copyOf(packet, full)));
        file.writeBytes(rawPage(0, 8, new int[] {3}, "odd".getBytes(StandardCharsets.US_ASCII)));
        byte[] rest = Arrays.copyOfRange(packet, full, packet.length);
        int[] tail = new int[rest.length / 255 + 1];
        Arrays.fill(tail, 255);
        tail[tail.length - 1] = rest.length % 255;
        file.writeBytes(rawPage(1, 7, tail, rest));

        assertThat(OggOpusVoice.readWords(file.toByteArray())).hasValue("found");
    }

    @Test
    void anOpusFileWithoutADescriptionHasNoWords() throws Exception {
        byte[] file = OggOpusVoice.write("hello", Duration.ofSeconds(1));
        int at = new String(file, StandardCharsets.ISO_8859_1).indexOf("DESCRIPTION");
        file[at] = 'X';

        assertThat(OggOpusVoice.readWords(file)).isEmpty();
    }

    @Test
    void whatIsCutShortAnywhereInItsHeadersIsRefusedNotMisread() {
        byte[] file = OggOpusVoice.write("hello", Duration.ofMillis(1));
        int headers = pageEnd(file, pageEnd(file, 0));

        for (int length = 0; length < headers; length++) {
            byte[] cut = Arrays.copyOf(file, length);
            assertThatIOException().as("cut to %d bytes", length).isThrownBy(() -> OggOpusVoice.readWords(cut));
        }
    }

    @Test
    void commentLengthsThatLieAreRefused() {
        byte[] file = OggOpusVoice.write("hello", Duration.ofSeconds(1));
        int vendorLength = new String(file, StandardCharsets.ISO_8859_1).indexOf("OpusTags") + 8;
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(vendorLength, Integer.MAX_VALUE);

        assertThatIOException().isThrownBy(() -> OggOpusVoice.readWords(file)).withMessageContaining("damaged");
    }

    @Test
    void otherFilesAreRefusedByName() {
        assertThatIOException().isThrownBy(() -> OggOpusVoice.readWords("RIFF".repeat(20).getBytes(StandardCharsets.US_ASCII)))
                .withMessageContaining("not an Ogg file");
        assertThatIOException().isThrownBy(() -> OggOpusVoice.readWords(
                        rawPage(2, 1, new int[] {7}, "\1vorbis".getBytes(StandardCharsets.US_ASCII))))
                .withMessageContaining("not an Opus one");
    }

    @Test
    void wordsAndLengthHaveBounds() {
        assertThatIllegalArgumentException().isThrownBy(() -> OggOpusVoice.write(" ", Duration.ofSeconds(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> OggOpusVoice.write("x".repeat(4097), Duration.ofSeconds(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> OggOpusVoice.write("x", Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> OggOpusVoice.write("x", Duration.ofMinutes(11)));
    }

    private static byte[] rawPage(int flags, int serial, int[] lacing, byte[] content) {
        ByteBuffer page = ByteBuffer.allocate(27 + lacing.length + content.length).order(ByteOrder.LITTLE_ENDIAN)
                .put("OggS".getBytes(StandardCharsets.US_ASCII)).put((byte) 0).put((byte) flags).putLong(0).putInt(serial)
                .putInt(0).putInt(0).put((byte) lacing.length);
        for (int value : lacing) {
            page.put((byte) value);
        }
        return page.put(content).array();
    }

    private static List<Page> pages(byte[] file) {
        List<Page> pages = new ArrayList<>();
        for (int at = 0; at < file.length; at = pageEnd(file, at)) {
            ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(new String(file, at, 4, StandardCharsets.US_ASCII)).isEqualTo("OggS");
            List<byte[]> packets = new ArrayList<>();
            ByteArrayOutputStream packet = new ByteArrayOutputStream();
            int count = file[at + 26] & 0xFF;
            int content = at + 27 + count;
            for (int i = 0; i < count; i++) {
                int size = file[at + 27 + i] & 0xFF;
                packet.write(file, content, size);
                content += size;
                if (size < 255) {
                    packets.add(packet.toByteArray());
                    packet.reset();
                }
            }
            byte[] page = Arrays.copyOfRange(file, at, content);
            Arrays.fill(page, 22, 26, (byte) 0);
            pages.add(new Page(file[at + 5], in.getLong(at + 6), in.getInt(at + 14), in.getInt(at + 18), in.getInt(at + 22),
                    bitByBitCrc(page), packets));
        }
        return pages;
    }

    private static int pageEnd(byte[] file, int at) {
        int count = file[at + 26] & 0xFF;
        int end = at + 27 + count;
        for (int i = 0; i < count; i++) {
            end += file[at + 27 + i] & 0xFF;
        }
        return end;
    }

    /** The polynomial division of RFC 3533 §6 itself, without a table. */
    private static int bitByBitCrc(byte[] page) {
        int crc = 0;
        for (byte b : page) {
            crc ^= b << 24;
            for (int i = 0; i < 8; i++) {
                crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
            }
        }
        return crc;
    }
}
