package io.github.waroutes.simulator.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebmOpusTest {

    private static final byte[] HEAD = ("OpusHead" + "\1\1\0\0\0\0\0\0\0\0\0").getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] MILLIS_20 = {(byte) 0xF8, 1, 2, 3};

    /** A recording as a browser's MediaRecorder streams it: neither the segment nor the cluster knows its size. */
    private static byte[] webm(String codec, byte[]... packets) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        element(file, "1A45DFA3", new byte[] {0x42, (byte) 0x86, (byte) 0x81, 1});
        file.writeBytes(HexFormat.of().parseHex("1853806701FFFFFFFFFFFFFF"));
        ByteArrayOutputStream track = new ByteArrayOutputStream();
        element(track, "D7", new byte[] {1});
        element(track, "86", codec.getBytes(StandardCharsets.US_ASCII));
        element(track, "63A2", HEAD);
        ByteArrayOutputStream tracks = new ByteArrayOutputStream();
        element(tracks, "AE", track.toByteArray());
        element(file, "1654AE6B", tracks.toByteArray());
        file.writeBytes(HexFormat.of().parseHex("1F43B67501FFFFFFFFFFFFFF"));
        element(file, "E7", new byte[] {0});
        for (byte[] packet : packets) {
            element(file, "A3", ByteBuffer.allocate(4 + packet.length).put(new byte[] {(byte) 0x81, 0, 0, (byte) 0x80}).put(packet).array());
        }
        return file.toByteArray();
    }

    private static void element(ByteArrayOutputStream to, String id, byte[] content) {
        to.writeBytes(HexFormat.of().parseHex(id));
        to.write(0x10 | content.length >> 24);
        to.write(content.length >> 16);
        to.write(content.length >> 8);
        to.write(content.length);
        to.writeBytes(content);
    }

    private record Page(int flags, long granule, byte[] content) {
    }

    private static List<Page> pages(byte[] ogg) {
        List<Page> pages = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(ogg).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < ogg.length;) {
            assertThat(new String(ogg, at, 4, StandardCharsets.US_ASCII)).isEqualTo("OggS");
            int segments = ogg[at + 26] & 0xFF;
            int size = 0;
            for (int i = 0; i < segments; i++) {
                size += ogg[at + 27 + i] & 0xFF;
            }
            byte[] content = new byte[size];
            in.get(at + 27 + segments, content);
            pages.add(new Page(ogg[at + 5], in.getLong(at + 6), content));
            at += 27 + segments + size;
        }
        return pages;
    }

    @Test
    void thePacketsOfARecordingComeInTheirOrderInOggPages() throws Exception {
        byte[] ogg = WebmOpus.toOgg(webm("A_OPUS", MILLIS_20, new byte[] {(byte) 0xF8, 9}, MILLIS_20)).orElseThrow();

        List<Page> pages = pages(ogg);
        assertThat(pages).hasSize(3);
        assertThat(pages.get(0).content()).isEqualTo(HEAD);
        assertThat(new String(pages.get(1).content(), 0, 8, StandardCharsets.US_ASCII)).isEqualTo("OpusTags");
        assertThat(pages.get(2).content()).containsExactly(0xF8, 1, 2, 3, 0xF8, 9, 0xF8, 1, 2, 3);
        assertThat(pages.get(2).granule()).isEqualTo(3 * 960);
        assertThat(pages).extracting(Page::flags).containsExactly(2, 0, 4);
        assertThat(OggOpusVoice.readWords(ogg)).isEmpty();
    }

    @Test
    void aLongRecordingHasAsManyPagesAsItsPacketsNeed() {
        byte[] large = new byte[600];
        large[0] = (byte) 0xF8;
        byte[][] packets = new byte[200][];
        java.util.Arrays.fill(packets, large);

        List<Page> pages = pages(WebmOpus.toOgg(webm("A_OPUS", packets)).orElseThrow());
        assertThat(pages).hasSize(2 + 3);
        assertThat(pages.get(pages.size() - 1).granule()).isEqualTo(200 * 960);
        assertThat(pages.subList(2, 5).stream().mapToInt(page -> page.content().length).sum()).isEqualTo(200 * 600);
    }

    @ParameterizedTest
    @ValueSource(strings = {"A_VORBIS", "V_VP8"})
    void anotherCodecIsLeftAsItIs(String codec) {
        assertThat(WebmOpus.toOgg(webm(codec, MILLIS_20))).isEmpty();
    }

    @Test
    void whatIsNoWebmIsLeftAsItIsAndABrokenOffRecordingIsTakenAsFarAsItGoes() {
        assertThat(WebmOpus.toOgg(new byte[0])).isEqualTo(Optional.empty());
        assertThat(WebmOpus.toOgg("no webm at all".getBytes(StandardCharsets.US_ASCII))).isEmpty();
        byte[] whole = webm("A_OPUS", MILLIS_20, MILLIS_20);
        assertThat(pages(WebmOpus.toOgg(java.util.Arrays.copyOf(whole, whole.length - 2)).orElseThrow()).get(2).granule()).isEqualTo(960);
    }
}
