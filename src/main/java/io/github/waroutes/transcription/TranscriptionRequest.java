package io.github.waroutes.transcription;

import java.io.File;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppHopException;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.Variable;
import org.apache.hc.client5.http.entity.mime.MultipartEntityBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;

/**
 * The multipart request of {@code POST /v1/audio/transcriptions}, and its answer, as OpenAI defines them ("Create
 * transcription") and whisper.cpp's server, Speaches, vLLM and Groq take them.
 */
public class TranscriptionRequest {

    /** The server tells the format by the file's name. */
    private static final Map<String, String> EXTENSIONS = Map.of(
            "audio/ogg", "ogg", "audio/mpeg", "mp3", "audio/mp4", "m4a", "audio/aac", "aac", "audio/amr", "amr",
            "audio/wav", "wav", "audio/webm", "webm", "audio/flac", "flac");

    private static final Pattern TYPE = Pattern.compile("[a-z0-9.+-]+/[a-z0-9.+-]+");

    private final ObjectMapper json = new ObjectMapper();

    /**
     * The request's body; the file is read from disk while it is sent.
     *
     * @param mimeType of the audio; without one it is a voice message's
     * @param model    the model's name on the server, as in {@code whisper-1}
     * @param language an ISO 639-1 code, or blank: the server finds out
     */
    public HttpEntity multipart(@Body File audio, @Header("WhatsAppMediaType") String mimeType, @Variable("whatsappModel") String model,
            @Variable("whatsappLanguage") String language) {
        String named = mimeType == null ? "" : mimeType.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
        String type = TYPE.matcher(named).matches() ? named : "audio/ogg";
        MultipartEntityBuilder request = MultipartEntityBuilder.create()
                .addBinaryBody("file", audio, ContentType.create(type), "voice." + EXTENSIONS.getOrDefault(type, "ogg"))
                .addTextBody("model", model)
                .addTextBody("response_format", "json");
        if (language != null && !language.isBlank()) {
            request.addTextBody("language", language);
        }
        return request.build();
    }

    /**
     * The words, trimmed; empty if nothing was said.
     *
     * @throws WhatsAppHopException if the answer has no {@code text}
     */
    public String text(byte[] answer) {
        try {
            JsonNode text = json.readTree(answer == null ? new byte[0] : answer).path("text");
            if (text.isTextual()) {
                return text.asText().trim();
            }
        } catch (IOException e) {
            // reported below without the parser's message, which quotes the answer
        }
        throw new WhatsAppHopException(ErrorDetails.builder("The transcription server's answer holds no text")
                .statusCode(200).retryClass(RetryClass.NEVER).scope(ErrorScope.SERVICE).build(), "transcription");
    }
}
