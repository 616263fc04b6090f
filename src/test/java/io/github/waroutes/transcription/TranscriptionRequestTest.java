package io.github.waroutes.transcription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppHopException;
import org.apache.hc.core5.http.HttpEntity;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class TranscriptionRequestTest {

    private static final Pattern DISPOSITION =
            Pattern.compile("form-data; name=\"([^\"]*)\"(?:; filename=\"([^\"]*)\")?");

    @TempDir
    Path directory;

    private final TranscriptionRequest request = new TranscriptionRequest();
    private File audio;

    @BeforeEach
    void record() throws IOException {
        audio = Files.writeString(directory.resolve("whatsapp-media-1.bin"), "OggS made-up\r\n--voice").toFile();
    }

    private record Part(String name, String fileName, String type, String content) {
    }

    /** Parses the written entity by RFC 7578: parts between boundaries, headers, a blank line, content. */
    private static List<Part> parts(HttpEntity entity) throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        entity.writeTo(written);
        Matcher boundary = Pattern.compile("boundary=\"?([^\";]+)").matcher(entity.getContentType());
        assertThat(entity.getContentType()).startsWith("multipart/form-data");
        assertThat(boundary.find()).isTrue();
        String delimiter = "--" + boundary.group(1);
        String body = written.toString(StandardCharsets.ISO_8859_1);
        assertThat(body).endsWith(delimiter + "--\r\n");
        List<Part> parts = new ArrayList<>();
        for (String piece : body.split(Pattern.quote(delimiter) + "(--)?\r\n")) {
            if (piece.isEmpty()) {
                continue;
            }
            String[] halves = piece.split("\r\n\r\n", 2);
            Matcher disposition = DISPOSITION.matcher(halves[0]);
            assertThat(disposition.find()).isTrue();
            Matcher type = Pattern.compile("(?i)content-type: ([^\r\n]+)").matcher(halves[0]);
            parts.add(new Part(disposition.group(1), disposition.group(2), type.find() ? type.group(1) : null,
                    halves[1].substring(0, halves[1].length() - 2)));
        }
        return parts;
    }

    @Test
    void theRequestHasFileModelAndFormat() throws IOException {
        List<Part> parts = parts(request.multipart(audio, "audio/ogg; codecs=opus", "whisper-large", ""));

        assertThat(parts).extracting(Part::name).containsExactly("file", "model", "response_format");
        assertThat(parts.get(0)).isEqualTo(new Part("file", "voice.ogg", "audio/ogg", "OggS made-up\r\n--voice"));
        assertThat(parts.get(1).content()).isEqualTo("whisper-large");
        assertThat(parts.get(1).fileName()).isNull();
        assertThat(parts.get(2).content()).isEqualTo("json");
    }

    @Test
    void aLanguageGoesAlongIfThereIsOne() throws IOException {
        assertThat(parts(request.multipart(audio, null, "m", "de"))).filteredOn(p -> p.name().equals("language"))
                .extracting(Part::content).containsExactly("de");
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = " ")
    void withoutALanguageTheServerFindsOut(String language) throws IOException {
        assertThat(parts(request.multipart(audio, null, "m", language))).extracting(Part::name).doesNotContain("language");
    }

    @ParameterizedTest
    @CsvSource({"audio/mpeg, voice.mp3", "AUDIO/MP4, voice.m4a", "audio/amr, voice.amr", "audio/aac; x=y, voice.aac",
            "audio/x-unknown, voice.ogg", ", voice.ogg"})
    void theFilesNameTellsItsFormat(String type, String name) throws IOException {
        assertThat(parts(request.multipart(audio, type, "m", "")).get(0).fileName()).isEqualTo(name);
    }

    @Test
    void theEntityReadsTheFileAsItIsWrittenAndCanBeWrittenAgain() throws IOException {
        HttpEntity entity = request.multipart(audio, null, "m", "");
        Files.writeString(audio.toPath(), "changed");
        assertThat(parts(entity).get(0).content()).isEqualTo("changed");
        assertThat(entity.isRepeatable()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"text\":\" When do you open? \"}|When do you open?",
            "{\"text\":\"hi\",\"language\":\"en\",\"segments\":[]}|hi", "{\"text\":\"  \"}|''", "{\"text\":\"\"}|''"})
    void theWordsAreReadAndTrimmed(String answer, String words) {
        assertThat(request.text(answer.getBytes(StandardCharsets.UTF_8))).isEqualTo(words);
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"secret words", "<html>secret", "{\"text\":7}", "{\"text\":null}", "{\"words\":\"secret\"}", "[\"secret\"]", "null"})
    void anAnswerWithoutWordsIsTypedAndNotQuoted(String answer) {
        assertThatThrownBy(() -> request.text(answer == null ? null : answer.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(WhatsAppHopException.class, e -> {
                    assertThat(e.getHop()).isEqualTo("transcription");
                    assertThat(e.getRetryClass()).isEqualTo(RetryClass.NEVER);
                    assertThat(e.toJson()).doesNotContain("secret");
                }).hasNoCause();
    }
}
