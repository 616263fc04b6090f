package io.github.waroutes.simulator.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.Json;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.StreamCache;
import org.apache.camel.converter.stream.InputStreamCache;

/**
 * The body of a call as it is kept: without a copy, and only its length if it is large or no text.
 *
 * @param content a Vert.x buffer, a stream over bytes in memory, bytes or text; null when only the length is known
 * @param length  in bytes, or characters of a text; -1 if unknown
 */
public record LoggedBody(Object content, long length) {

    public static final LoggedBody NONE = new LoggedBody(null, 0);

    /** Up to this size a body is kept, and can be sent again. */
    static final int MAX_KEPT = 1 << 20;
    /** How much of a body is shown. */
    public static final int MAX_SHOWN = 64 * 1024;

    private static final Set<String> SECRETS = Set.of("access_token", "verify_token", "input_token", "app_secret", "appsecret_proof", "client_secret",
            "password", "pin");

    /** @param contentType decides whether it is text; null means text */
    public static LoggedBody of(Object body, String contentType) {
        boolean text = isText(contentType);
        if (body instanceof Buffer buffer) {
            return text ? kept(buffer, buffer.length()) : new LoggedBody(null, buffer.length());
        }
        if (body instanceof StreamCache cache) {
            // Camel has made the HTTP server's buffer one of these
            return text && cache.inMemory() && cache.length() <= Integer.MAX_VALUE && copy(cache) instanceof InputStreamCache copy
                    ? kept(copy, (int) cache.length()) : new LoggedBody(null, cache.length());
        }
        if (body instanceof byte[] bytes) {
            return text ? kept(bytes, bytes.length) : new LoggedBody(null, bytes.length);
        }
        if (body instanceof String words) {
            return kept(words, words.length());
        }
        return body == null ? NONE : new LoggedBody(null, -1);
    }

    private static LoggedBody kept(Object content, int length) {
        if (length <= MAX_KEPT) {
            return new LoggedBody(content, length);
        }
        byte[] start = content instanceof Buffer buffer ? buffer.getBytes(0, MAX_SHOWN)
                : content instanceof InputStreamCache cache ? start(cache, MAX_SHOWN)
                : content instanceof byte[] bytes ? Arrays.copyOf(bytes, MAX_SHOWN)
                : ((String) content).substring(0, MAX_SHOWN).getBytes(StandardCharsets.UTF_8);
        return new LoggedBody(start, length);
    }

    /** An independent stream over the same bytes. */
    private static StreamCache copy(StreamCache cache) {
        try {
            return cache.copy(null);
        } catch (IOException e) {
            return null;
        }
    }

    private static byte[] start(InputStreamCache cache, int most) {
        try {
            cache.reset();
            return cache.readNBytes(most);
        } catch (IOException e) {
            throw new IllegalStateException("Bytes in memory can always be read", e);
        }
    }

    private static boolean isText(String contentType) {
        if (contentType == null) {
            return true;
        }
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return type.startsWith("text/") || type.endsWith("json") || type.endsWith("xml")
                || type.equals("application/x-www-form-urlencoded");
    }

    /** Approximate memory use. */
    long weight() {
        return content == null ? 0 : Math.min(length, MAX_KEPT);
    }

    boolean isWhole() {
        return length == 0 || content != null && length <= MAX_KEPT;
    }

    boolean isCut() {
        return content != null && length > MAX_SHOWN;
    }

    public byte[] bytes() {
        if (content instanceof Buffer buffer) {
            return buffer.getBytes();
        }
        if (content instanceof InputStreamCache cache) {
            return start(cache, MAX_KEPT);
        }
        return content instanceof byte[] bytes ? bytes
                : content == null ? new byte[0] : content.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The JSON object it holds, if it is short enough to be shown whole. */
    Optional<JsonNode> object() {
        return content == null || isCut() ? Optional.empty() : Json.object(bytes());
    }

    /** JSON, or text, or {@code {"bytes":n}}; null when there is none. Tokens in JSON are masked. */
    JsonNode shown() {
        if (length == 0) {
            return JsonNodeFactory.instance.nullNode();
        }
        if (content == null) {
            ObjectNode size = JsonNodeFactory.instance.objectNode();
            return length < 0 ? size.putNull("bytes") : size.put("bytes", length);
        }
        byte[] bytes = bytes();
        if (isCut()) {
            return JsonNodeFactory.instance.textNode(
                    new String(bytes, 0, Math.min(bytes.length, MAX_SHOWN), StandardCharsets.UTF_8));
        }
        return Json.any(bytes).map(LoggedBody::masked)
                .orElseGet(() -> JsonNodeFactory.instance.textNode(new String(bytes, StandardCharsets.UTF_8)));
    }

    private static JsonNode masked(JsonNode json) {
        if (json instanceof ObjectNode object) {
            object.properties().forEach(field -> {
                if (SECRETS.contains(field.getKey()) && field.getValue().isValueNode()) {
                    field.setValue(JsonNodeFactory.instance.textNode(LoggedCall.masked(field.getValue().asText())));
                } else {
                    masked(field.getValue());
                }
            });
        } else if (json instanceof ArrayNode array) {
            array.forEach(LoggedBody::masked);
        }
        return json;
    }
}
