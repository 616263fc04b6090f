package io.github.waroutes.simulator.media;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.waroutes.simulator.common.Refusal;
import jakarta.activation.DataHandler;
import jakarta.activation.FileDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.attachment.AttachmentMessage;

/**
 * {@code POST /v1/audio/transcriptions} in OpenAI's shape, for the simulator's own voice notes: it does not listen, it
 * reads the words from the file's comment, or from the metadata of the upload. Source: OpenAI API reference, "Create transcription".
 */
public class Transcription {

    private static final int MAX_BYTES = 25 * 1024 * 1024;

    private final MediaStore files;

    public Transcription(MediaStore files) {
        this.files = files;
    }

    /** The response and its content type. */
    public record Transcript(String contentType, String content) {
    }

    /**
     * Transcribes the multipart part {@code file}, and deletes what was uploaded.
     *
     * @param model  any name, but not missing
     * @param format json (also when missing), verbose_json or text
     * @throws Refusal in OpenAI's shape
     */
    public Transcript transcribe(@Header("model") String model, @Header("response_format") String format,
            Exchange exchange) throws IOException {
        Map<String, DataHandler> parts = exchange.getMessage(AttachmentMessage.class).getAttachments();
        try {
            DataHandler file = parts == null ? null : parts.get("file");
            if (file == null) {
                throw Refusal.openAi(400, "Send a multipart/form-data body with the part 'file'", "file");
            }
            try (InputStream in = file.getInputStream()) {
                return transcribe(in.readNBytes(MAX_BYTES + 1), model, format);
            }
        } finally {
            if (parts != null) {
                parts.values().forEach(Transcription::delete);
            }
        }
    }

    Transcript transcribe(byte[] file, String model, String format) {
        if (model == null || model.isBlank()) {
            throw Refusal.openAi(400, "Send the part 'model'; the simulator takes any name", "model");
        }
        if (file.length > MAX_BYTES) {
            throw Refusal.openAi(413, "The file may have 25 MiB", "file");
        }
        String words;
        try {
            Optional<String> noted = files.metadata().words(sha256(file));
            words = noted.isPresent() ? noted.get() : OggOpusVoice.readWords(file).orElse("");
        } catch (IOException e) {
            throw Refusal.openAi(400, e.getMessage(), "file");
        }
        return switch (format == null ? "json" : format) {
            case "json" -> json(JsonNodeFactory.instance.objectNode().put("text", words).toString());
            case "verbose_json" -> json(JsonNodeFactory.instance.objectNode().put("task", "transcribe")
                    .put("language", "english").put("duration", OggOpusVoice.lengthOf(words).toMillis() / 1000.0)
                    .put("text", words).toString());
            case "text" -> new Transcript("text/plain; charset=utf-8", words + "\n");
            default -> throw Refusal.openAi(400, "response_format must be json, verbose_json or text",
                    "response_format");
        };
    }

    private static byte[] sha256(byte[] file) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(file);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime has no SHA-256", e);
        }
    }

    private static Transcript json(String content) {
        return new Transcript("application/json", content);
    }

    private static void delete(DataHandler part) {
        if (part.getDataSource() instanceof FileDataSource source) {
            source.getFile().delete();
        }
    }
}
