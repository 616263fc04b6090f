package io.github.waroutes.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import io.github.waroutes.error.WhatsAppMediaException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.hc.core5.http.HttpEntity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaUploadTest {

    /** SHA-256 of {@code abc}: FIPS 180-2, appendix B.1. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path directory;

    private final DefaultCamelContext camel = new DefaultCamelContext();

    private MediaUpload upload() {
        MediaUpload upload = new MediaUpload(new MediaFiles(directory.resolve("spool").toString(), 1 << 20), new MediaLimits("refuse"));
        upload.setPhoneNumberId("106540352242922");
        return upload;
    }

    private Exchange exchange(Object body, Map<String, Object> headers) {
        Exchange exchange = new DefaultExchange(camel);
        exchange.getMessage().setBody(body);
        exchange.getMessage().setHeaders(new java.util.HashMap<>(headers));
        return exchange;
    }

    private Upload prepared(Exchange exchange) {
        upload().prepare(exchange);
        return exchange.getVariable("whatsappUpload", Upload.class);
    }

    @Test
    void aStreamIsClosedAndItsFileHasItsBytesAndHash() throws IOException {
        boolean[] closed = new boolean[1];
        InputStream stream = new ByteArrayInputStream("abc".getBytes(StandardCharsets.US_ASCII)) {
            @Override
            public void close() {
                closed[0] = true;
            }
        };
        Upload upload = prepared(exchange(stream, Map.of("WhatsAppMediaType", " Text/Plain; charset=UTF-8 ")));
        assertThat(closed[0]).isTrue();
        assertThat(upload.file().path()).hasContent("abc");
        assertThat(upload.file().path().getParent()).hasParentRaw(directory.resolve("spool"));
        assertThat(upload.file().sha256()).isEqualTo(ABC);
        assertThat(upload.file().size()).isEqualTo(3);
        assertThat(upload.mimeType()).isEqualTo("text/plain; charset=utf-8");
        assertThat(upload.key()).isEqualTo("106540352242922:" + ABC + ":text/plain; charset=utf-8");
    }

    @Test
    void aFileIsHashedWhereItIs() throws IOException {
        Path file = Files.writeString(directory.resolve("a.txt"), "abc");
        Upload upload = prepared(exchange(file.toFile(), Map.of("WhatsAppPhoneNumberId", "2")));
        assertThat(upload.file().path()).isEqualTo(file);
        assertThat(upload.key()).isEqualTo("2:" + ABC + ":text/plain");
        assertThat(directory.resolve("spool")).doesNotExist();
    }

    @Test
    void aStreamThatBreaksLeavesNoFileAndItsWordsAreNotTold() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("kim's disk");
            }
        };
        assertThatThrownBy(() -> prepared(exchange(broken, Map.of("WhatsAppMediaType", "text/plain"))))
                .isInstanceOf(WhatsAppMediaException.class).hasMessageContaining("cannot be read (IOException)").hasNoCause();
        assertThat(directory.resolve("spool")).isDirectoryRecursivelyContaining("glob:**.lock").satisfies(
                spool -> assertThat(Files.walk(spool)).noneMatch(file -> file.toString().endsWith(".bin")));
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"offer.pdf,-,application/pdf,offer.pdf", "offer.pdf,Shown.pdf,application/pdf,Shown.pdf",
            "whatsapp-media-1.bin,-,application/pdf,-", "whatsapp-media-1.bin,' ',application/pdf,-"})
    void theNameToShowIsTheOneGivenOrThatOfAFileThatSaysWhatItIs(String file, String given, String type, String shown) throws IOException {
        Exchange exchange = exchange(Files.writeString(directory.resolve(file), "abc"), Map.of("WhatsAppMediaType", type));
        exchange.getMessage().setHeader("WhatsAppMediaFilename", given);
        upload().describe(exchange);
        assertThat(exchange.getVariable("whatsappMediaFilename")).isEqualTo(shown);
        assertThat(exchange.getVariable("whatsappMediaKind")).isEqualTo("document");
    }

    @Test
    void theRequestHasThreePartsTheFileLastAndCanBeSentAgain() throws IOException {
        Path file = Files.writeString(directory.resolve("a.txt"), "abc");
        HttpEntity request = upload().multipart(prepared(exchange(file, Map.of("WhatsAppMediaFilename", "Übersicht.txt"))));
        assertThat(request.isRepeatable()).isTrue();
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        request.writeTo(written);
        String boundary = request.getContentType().split("boundary=")[1];
        assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo(("--B\r\nContent-Disposition: form-data; name=\"messaging_product\""
                + "\r\n\r\nwhatsapp\r\n--B\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\ntext/plain\r\n--B\r\n"
                + "Content-Disposition: form-data; name=\"file\"; filename=\"_bersicht.txt\"\r\nContent-Type: text/plain\r\n\r\n"
                + "abc\r\n--B--\r\n").replace("--B", "--" + boundary));
    }

    @ParameterizedTest
    @CsvSource({"voice-note.mp4,audio/ogg,voice-note.ogg", "voice.OGG,audio/ogg; codecs=opus,voice.OGG", "photo.jpeg,image/jpeg,photo.jpeg",
        "report.v2,application/pdf,report.v2.pdf", "clip.mp4,audio/mp4,clip.m4a", "clip.mp4,video/mp4,clip.mp4", "noname,image/png,noname.png",
        ".mp4,audio/ogg,file.ogg", "notes.csv,text/plain,notes.csv.txt"})
    void theNameWithinTheRequestEndsAsTheTypeSays(String given, String type, String sent) throws IOException {
        Path file = Files.write(directory.resolve("x.bin"), "OggS".getBytes(StandardCharsets.UTF_8));
        Exchange exchange = exchange(file.toFile(), Map.of("WhatsAppMediaFilename", given, "WhatsAppMediaType", type));
        assertThat(prepared(exchange).filename()).isEqualTo(sent);
    }
}
