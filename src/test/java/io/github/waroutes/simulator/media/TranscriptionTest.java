package io.github.waroutes.simulator.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.simulator.common.Refusal;
import jakarta.activation.DataHandler;
import jakarta.activation.FileDataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.attachment.AttachmentMessage;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TranscriptionTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void anUploadIsReadAndDeleted(@TempDir Path folder) throws Exception {
        Path upload = Files.write(folder.resolve("upload"), OggOpusVoice.write("hello there", Duration.ofSeconds(1)));

        Transcription.Transcript transcript = new Transcription(new MediaStore(1000)).transcribe("any", null, exchange(upload));

        assertThat(transcript.content()).isEqualTo("{\"text\":\"hello there\"}");
        assertThat(transcript.contentType()).isEqualTo("application/json");
        assertThat(upload).doesNotExist();
    }

    @Test
    void anUploadThatIsRefusedIsDeletedToo(@TempDir Path folder) throws Exception {
        Path upload = Files.writeString(folder.resolve("upload"), "no voice note");

        Refusal fault = catchThrowableOfType(Refusal.class,
                () -> new Transcription(new MediaStore(1000)).transcribe("any", null, exchange(upload)));

        assertThat(JSON.readTree(fault.getBody()).at("/error/type").asText()).isEqualTo("invalid_request_error");
        assertThat(upload).doesNotExist();
    }

    @Test
    void aTranscriptionNeedsAModelAndAFormatItKnows() {
        byte[] voice = OggOpusVoice.write("hello", Duration.ofSeconds(1));
        Transcription transcription = new Transcription(new MediaStore(1000));

        assertThat(catchThrowableOfType(Refusal.class, () -> transcription.transcribe(voice, " ", "json")).getBody())
                .contains("\"param\":\"model\"");
        assertThat(catchThrowableOfType(Refusal.class, () -> transcription.transcribe(voice, "any", "srt")).getBody())
                .contains("\"param\":\"response_format\"");
        assertThat(transcription.transcribe(voice, "any", "verbose_json").content()).contains("\"duration\":1.0");
    }

    private static Exchange exchange(Path file) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage(AttachmentMessage.class).addAttachment("file", new DataHandler(new FileDataSource(file.toFile())));
        return exchange;
    }
}
