package io.github.waroutes.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;

import io.github.waroutes.error.WhatsAppMediaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaLimitsTest {

    private static final byte[] NOTHING = {};

    private final MediaLimits limits = new MediaLimits("refuse");

    /** The first bytes of a WebP file with the extended format and these flags. */
    static byte[] webp(int flags) {
        byte[] head = "RIFF????WEBPVP8X\n\0\0\0?".getBytes(StandardCharsets.ISO_8859_1);
        head[20] = (byte) flags;
        return head;
    }

    @ParameterizedTest
    @CsvSource({"image/jpeg,IMAGE,5242880", "image/png,IMAGE,5242880", "audio/aac,AUDIO,16777216", "audio/amr,AUDIO,16777216",
            "audio/mpeg,AUDIO,16777216", "audio/mp4,AUDIO,16777216", "audio/ogg,AUDIO,16777216", "video/mp4,VIDEO,16777216",
            "video/3gpp,VIDEO,16777216", "application/pdf,DOCUMENT,104857600", "text/plain,DOCUMENT,104857600",
            "application/msword,DOCUMENT,104857600", "application/vnd.ms-excel,DOCUMENT,104857600",
            "application/vnd.ms-powerpoint,DOCUMENT,104857600",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document,DOCUMENT,104857600",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,DOCUMENT,104857600",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation,DOCUMENT,104857600",
            "image/webp,STICKER,102400"})
    void everyTypeHasItsKindAndEveryKindItsLimit(String mime, MediaKind kind, long limit) {
        assertThat(limits.kind(null, mime)).isEqualTo(kind);
        assertThatCode(() -> limits.requireSize(kind, limit, NOTHING)).doesNotThrowAnyException();
        assertThatThrownBy(() -> limits.requireSize(kind, limit + 1, NOTHING)).isInstanceOf(WhatsAppMediaException.class)
                .hasMessageContaining(kind.toString()).hasMessageContaining(String.valueOf(limit)).hasMessageContaining("smaller");
    }

    @Test
    void anEmptyFileIsRefusedWhateverTheMode() {
        assertThatThrownBy(() -> limits.requireSize(MediaKind.IMAGE, 0, NOTHING)).isInstanceOf(WhatsAppMediaException.class);
        assertThatThrownBy(() -> new MediaLimits("warn").requireSize(MediaKind.IMAGE, 0, NOTHING))
                .isInstanceOf(WhatsAppMediaException.class);
    }

    @Test
    void aStickerThatMovesMayBeLarger() {
        byte[] animated = webp(0x02 | 0x10);
        assertThatCode(() -> limits.requireSize(MediaKind.STICKER, 512_000, animated)).doesNotThrowAnyException();
        assertThatThrownBy(() -> limits.requireSize(MediaKind.STICKER, 512_001, animated)).hasMessageContaining("animated sticker");
        assertThatThrownBy(() -> limits.requireSize(MediaKind.STICKER, 102_401, webp(0x10 | 0x20)))
                .hasMessageContaining("a sticker that does not move");
    }

    @Test
    void onlyTheFlagOfTheExtendedFormatSaysThatItMoves() {
        assertThat(MediaLimits.isAnimated(webp(0x02))).isTrue();
        assertThat(MediaLimits.isAnimated(webp(0xFD))).isFalse();
        byte[] lossless = webp(0x02);
        lossless[15] = 'L';
        assertThat(MediaLimits.isAnimated(lossless)).isFalse();
        byte[] other = webp(0x02);
        other[0] = 'X';
        assertThat(MediaLimits.isAnimated(other)).isFalse();
        assertThat(MediaLimits.isAnimated(NOTHING)).isFalse();
    }

    @Test
    void aKindThatIsNamedWinsIfItTakesTheType() {
        for (String type : new String[] {"audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/amr"}) {
            assertThat(limits.kind("voice", type)).isEqualTo(MediaKind.VOICE);
            assertThat(MediaKind.of(type)).contains(MediaKind.AUDIO);
        }
        assertThat(limits.kind(" Audio ", "audio/ogg")).isEqualTo(MediaKind.AUDIO);
        assertThatThrownBy(() -> limits.kind("voice", "audio/wav")).isInstanceOf(WhatsAppMediaException.class)
                .hasMessageContaining("takes no audio/wav as voice. Convert the file to audio/aac or audio/amr or")
                .hasMessageContaining("whatsapp.upload.check=warn");
    }

    @ParameterizedTest
    @NullAndEmptySource
    void withoutANameTheTypeDecides(String name) {
        assertThat(limits.kind(name, "video/mp4")).isEqualTo(MediaKind.VIDEO);
    }

    @Test
    void asAWarningEverythingPassesAndAnUnknownTypeIsADocument() {
        MediaLimits warn = new MediaLimits("warn");
        assertThat(warn.kind(null, "image/gif")).isEqualTo(MediaKind.DOCUMENT);
        assertThat(warn.kind("image", "image/gif")).isEqualTo(MediaKind.IMAGE);
        assertThatCode(() -> warn.requireSize(MediaKind.IMAGE, Long.MAX_VALUE, NOTHING)).doesNotThrowAnyException();
        assertThat(warn.most(MediaKind.IMAGE, 7 << 20)).isEqualTo(7 << 20);
        assertThat(limits.most(MediaKind.IMAGE, 7 << 20)).isEqualTo(5 << 20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "off", "WARN"})
    void anotherModeIsRefusedAtStart(String mode) {
        assertThatIllegalArgumentException().isThrownBy(() -> new MediaLimits(mode)).withMessageContaining("Give refuse or warn");
    }

    @ParameterizedTest
    @CsvSource({"a.jpeg,image/jpeg", "A.JPG,image/jpeg", "a.b.pdf,application/pdf", "x.m4a,audio/mp4", "x.webp,image/webp"})
    void theEndOfANameSaysTheType(String name, String mime) {
        assertThat(MediaKind.typeOf(name)).contains(mime);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pdf.", "a.exe", "noend"})
    void anotherEndSaysNothing(String name) {
        assertThat(MediaKind.typeOf(name)).isEmpty();
    }

    @Test
    void everyTypeHasAnEndForItsFiles() {
        assertThat(MediaKind.extension("application/pdf")).isEqualTo("pdf");
        assertThat(MediaKind.extension("image/gif")).isEqualTo("bin");
    }
}
