package io.github.waroutes.flows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * Decrypts a request of a Flow, and encrypts its answer. Source: Meta, "Implementing endpoints for Flows": the request is
 * {@code {"encrypted_flow_data","encrypted_aes_key","initial_vector"}}, each Base64; the AES key is encrypted with RSA-OAEP (SHA-256, MGF1 with
 * SHA-256), the data with AES-128-GCM, its tag of 16 bytes at the end; the answer is encrypted with the same key and the inverted initial
 * vector, and is Base64 text.
 */
public class FlowRequests {

    /** Headers for the route that answers: what the Flow was opened with; what happened; the screen; Meta's version of the format. */
    static final String TOKEN = "WhatsAppFlowToken";
    static final String ACTION = "WhatsAppFlowAction";
    static final String SCREEN = "WhatsAppFlowScreen";
    static final String VERSION = "WhatsAppFlowVersion";
    /** A header that the route may set: the token is no longer valid, and this is what the user reads. */
    static final String INVALID = "WhatsAppFlowTokenInvalid";
    /** Exchange variable: {@code none} (there is no endpoint), {@code malformed}, {@code undecipherable}, {@code ping}, {@code error} or {@code request}. */
    static final String KIND = "whatsappFlowKind";

    private static final String SESSION = "WhatsAppFlowSession";
    private static final OAEPParameterSpec OAEP = new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
    private static final int KEY_BYTES = 16;
    private static final int TAG_BITS = 128;
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() { };
    /** What the data of an error notification has. A form may have a field called error too, but then there are others beside it, or it has another form. */
    private static final Set<String> OF_ERRORS = Set.of("error", "error_key", "error_message");
    private static final Pattern ERROR = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Set<String> ACTIONS = Set.of("INIT", "BACK", "data_exchange", "navigate");

    private final FlowKeys keys;
    private final ObjectMapper json = new ObjectMapper();

    /** What the answer is encrypted with. */
    private record Session(SecretKeySpec key, byte[] vector) {
    }

    public FlowRequests(FlowKeys keys) {
        this.keys = keys;
    }

    /** In: body the bytes of a request. Out: the variable {@value #KIND}; if it was decrypted, body what it says, a map, and the headers. */
    public void open(Exchange exchange) {
        exchange.setVariable(KIND, kind(exchange));
    }

    private String kind(Exchange exchange) {
        if (!keys.areThere()) {
            return "none";
        }
        byte[] data;
        byte[] key;
        byte[] vector;
        try {
            byte[] body = exchange.getMessage().getBody(byte[].class);
            JsonNode envelope = json.readTree(body == null ? new byte[0] : body);
            data = envelope.path("encrypted_flow_data").binaryValue();
            key = envelope.path("encrypted_aes_key").binaryValue();
            vector = envelope.path("initial_vector").binaryValue();
        } catch (IOException e) {
            return "malformed";
        }
        if (data == null || key == null || vector == null || vector.length == 0) {
            return "malformed";
        }
        for (RSAPrivateCrtKey one : keys.all()) {
            try {
                Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPPadding");
                rsa.init(Cipher.DECRYPT_MODE, one, OAEP);
                byte[] aes = rsa.doFinal(key);
                if (aes.length == KEY_BYTES) {
                    Session session = new Session(new SecretKeySpec(aes, "AES"), vector);
                    Map<String, Object> request = json.readValue(gcm(Cipher.DECRYPT_MODE, session, vector, data), OBJECT);
                    if (request != null) {
                        exchange.setProperty(SESSION, session);
                        return read(exchange.getMessage(), request);
                    }
                }
            } catch (GeneralSecurityException | IOException e) {
                // another key may be the right one; what is wrong with this one tells a stranger nothing
            }
        }
        return "undecipherable";
    }

    private String read(Message message, Map<String, Object> request) {
        message.setBody(request);
        String action = text(request.get("action"));
        message.setHeader(ACTION, action);
        message.setHeader(TOKEN, text(request.get("flow_token")));
        message.setHeader(SCREEN, text(request.get("screen")));
        message.setHeader(VERSION, text(request.get("version")));
        if ("ping".equals(action)) {
            return "ping";
        }
        if (request.get("data") instanceof Map<?, ?> data && data.get("error") instanceof String error && OF_ERRORS.containsAll(data.keySet())) {
            // for the log event
            message.setHeader(UpdateHeaders.TYPE, ERROR.matcher(error).matches() ? error : "other");
            return "error";
        }
        message.setHeader(UpdateHeaders.TYPE, ACTIONS.contains(action) ? action : "other");
        return "request";
    }

    private static String text(Object value) {
        return value instanceof String text ? text : null;
    }

    /** Out: body the answer to a health check. */
    public Map<String, Object> active() {
        return Map.of("data", Map.of("status", "active"));
    }

    /** Out: body the answer to an error that the Flow tells of. */
    public Map<String, Object> acknowledged() {
        return Map.of("data", Map.of("acknowledged", true));
    }

    /**
     * In: body the answer, JSON or a map. Out: body that, encrypted, Base64 text.
     *
     * @throws WhatsAppMessageException if it is no JSON object
     */
    public void seal(Exchange exchange) throws GeneralSecurityException {
        Session session = exchange.getProperty(SESSION, Session.class);
        byte[] inverted = session.vector().clone();
        for (int at = 0; at < inverted.length; at++) {
            inverted[at] = (byte) ~inverted[at];
        }
        exchange.getMessage().setBody(Base64.getEncoder().encodeToString(gcm(Cipher.ENCRYPT_MODE, session, inverted, answer(exchange))));
    }

    private byte[] answer(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        try {
            if (body instanceof Map<?, ?>) {
                return json.writeValueAsBytes(body);
            }
            byte[] bytes = exchange.getMessage().getBody(byte[].class);
            if (bytes != null && json.readTree(bytes).isObject()) {
                return bytes;
            }
        } catch (IOException e) {
            // reported below without the parser's message, which quotes the answer
        }
        throw new WhatsAppMessageException(ErrorDetails.builder("The route in whatsapp.flows.on-request must leave a JSON object, or a map, as the body:"
                + " {\"screen\":…,\"data\":{…}}").build());
    }

    /** Out: body what the user reads, as plain JSON: the token is no longer valid. */
    public byte[] invalid(Exchange exchange) throws IOException {
        return json.writeValueAsBytes(Map.of("error_msg", exchange.getMessage().getHeader(INVALID, "", String.class)));
    }

    private static byte[] gcm(int mode, Session session, byte[] vector, byte[] data) throws GeneralSecurityException {
        Cipher aes = Cipher.getInstance("AES/GCM/NoPadding");
        aes.init(mode, session.key(), new GCMParameterSpec(TAG_BITS, vector));
        return aes.doFinal(data);
    }
}
