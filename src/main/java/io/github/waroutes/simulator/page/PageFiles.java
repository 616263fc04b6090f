package io.github.waroutes.simulator.page;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.media.MediaStore;
import io.github.waroutes.simulator.media.OggOpusVoice;
import io.github.waroutes.simulator.media.WebmOpus;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.camel.Body;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/** The chat page's own files, and the files people send each other on it. Refusals are {@link Refusal}s. */
public class PageFiles {

    private static final String FOLDER = "whatsapp/simulator/page/";
    private static final int MAX_BYTES = 16 << 20;
    private static final int MAX_WORDS = 1000;
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
            + " media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "js",
            "text/javascript; charset=utf-8", "css", "text/css; charset=utf-8", "svg", "image/svg+xml", "png", "image/png",
            "ico", "image/x-icon", "json", "application/json", "woff2", "font/woff2", "webmanifest", "application/manifest+json");
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,60}\\.([a-z0-9]{1,12})");
    private static final Pattern MIME_TYPE = Pattern.compile("[a-zA-Z0-9.+-]{1,40}/[a-zA-Z0-9.+-]{1,80}( *; *[a-zA-Z0-9=\"., _+-]{1,80}){0,4}");
    private static final Pattern SHOWN = Pattern.compile("(image/(?!svg).*|audio/.*|video/.*|application/pdf)");

    private final MediaStore files;

    public PageFiles(MediaStore files) {
        this.files = files;
    }

    /**
     * A file response.
     *
     * @param status  200, or 302 to {@code location}
     * @param content bytes or a stream
     */
    public record Shown(int status, String mimeType, Object content, String location) {
    }

    /** {@code GET /simulator/}: the page; {@code GET /simulator} leads there, as the page's own addresses are relative to it. */
    public Shown page(@Header(Exchange.HTTP_URI) String uri, Exchange exchange) throws IOException {
        if (uri != null && !uri.split("\\?", 2)[0].endsWith("/")) {
            return new Shown(302, "text/plain", "", "/simulator/");
        }
        return file("index.html", exchange);
    }

    /** {@code GET /simulator/page/{file}}. */
    public Shown file(@Header("file") String name, Exchange exchange) throws IOException {
        var matcher = NAME.matcher(name == null ? "" : name);
        String type = matcher.matches() ? TYPES.get(matcher.group(1)) : null;
        CamelContext context = exchange.getContext();
        try (InputStream in = type == null ? null : context.getClassResolver().loadResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw Refusal.plain(404, "The chat page has no such file");
            }
            // only so do these pass Camel's header filter
            respond(exchange, "Content-Security-Policy", POLICY);
            respond(exchange, "Cache-Control", "no-cache");
            respond(exchange, "X-Content-Type-Options", "nosniff");
            respond(exchange, "Referrer-Policy", "no-referrer");
            return new Shown(200, type, in.readAllBytes(), null);
        }
    }

    /**
     * {@code POST /simulator/users/{user}/files}: takes a file that a user is about to send.
     *
     * @param mimeType of any kind
     * @param words    what a transcription of exactly these bytes gives, or null
     * @param filename or null
     * @return {@code {"id","mime_type","bytes"}}
     */
    public String upload(@Header("user") String user, @Header("Content-Type") String mimeType, @Header("words") String words,
            @Header("filename") String filename, @Body byte[] body) {
        if (user == null || Recipient.of(user).isEmpty()) {
            throw Refusal.plain(400, "The user in the path must be a phone number (7 to 15 digits) or a business-scoped"
                    + " user id such as US.13491208655302741918");
        }
        String type = mimeType == null ? "" : mimeType.strip();
        if (!MIME_TYPE.matcher(type).matches() || type.toLowerCase(Locale.ROOT).startsWith("multipart/")
                || type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded")) {
            throw Refusal.plain(415, "Send the file's bytes as they are, with its own Content-Type, such as image/png");
        }
        if (body == null || body.length == 0) {
            throw Refusal.plain(400, "The body is empty: send the file's bytes");
        }
        if (body.length > MAX_BYTES) {
            throw Refusal.plain(413, "A file may have 16 MiB");
        }
        if (words != null && words.length() > MAX_WORDS || filename != null && (filename.isBlank() || filename.length() > 240)) {
            throw Refusal.plain(400, "words may have " + MAX_WORDS + " characters, filename 1 to 240");
        }
        // a browser's recording, converted to the format of WhatsApp's voice messages
        Optional<byte[]> recording = type.startsWith("audio/webm") ? WebmOpus.toOgg(body) : Optional.empty();
        boolean voice = recording.isPresent() || type.startsWith("audio/ogg") && type.contains("opus");
        MediaStore.Media media = files.add(voice ? OggOpusVoice.MIME_TYPE : type, recording.orElse(body));
        // a recording without words is silence, not an error
        files.metadata().note(media.id(), media.sha256(), filename,
                words != null ? words.strip() : type.startsWith("audio/") && !isOgg(body) ? "" : null);
        return JsonNodeFactory.instance.objectNode().put("id", media.id()).put("mime_type", media.mimeType())
                .put("bytes", media.size()).toString();
    }

    /** The simulator's own voice notes carry their words in themselves. */
    private static boolean isOgg(byte[] body) {
        return body.length > 4 && new String(body, 0, 4, StandardCharsets.US_ASCII).equals("OggS");
    }

    /** {@code GET /simulator/files/{id}}: any file the simulator has, for display; what a browser could execute is only offered for download. */
    public Shown show(@Header("id") String id, Exchange exchange) throws IOException {
        MediaStore.Media media = files.find(id == null ? "" : id)
                .orElseThrow(() -> Refusal.plain(404, "The simulator has no such file, or no longer"));
        boolean shown = SHOWN.matcher(media.mimeType().toLowerCase(Locale.ROOT)).matches();
        String name = files.metadata().filename(id).map(given -> "; filename*=UTF-8''"
                + URLEncoder.encode(given, StandardCharsets.UTF_8).replace("+", "%20")).orElse("");
        respond(exchange, "Content-Disposition", (shown ? "inline" : "attachment") + name);
        respond(exchange, "Content-Security-Policy", "sandbox");
        respond(exchange, "X-Content-Type-Options", "nosniff");
        respond(exchange, "Cross-Origin-Resource-Policy", "same-origin");
        respond(exchange, "Cache-Control", "private, max-age=3600");
        return new Shown(200, media.mimeType(), media.content(), null);
    }

    private static void respond(Exchange exchange, String header, String value) {
        if (exchange.getMessage() instanceof HttpMessage message) {
            HttpServerResponse response = message.getResponse();
            response.putHeader(header, value);
        }
    }
}
