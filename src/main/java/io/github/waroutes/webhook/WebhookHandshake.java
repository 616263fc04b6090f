package io.github.waroutes.webhook;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.MadeOfNumbers;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberSettings;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * Meta's handshake: it asks with {@code hub.mode=subscribe} and the verify token we chose, and wants its challenge back
 * (Meta: "Create a webhook endpoint").
 */
public class WebhookHandshake {

    private static final int MAX_CHALLENGE = 1024;

    private final NumberLookup numbers = new NumberLookup();
    private final MadeOfNumbers<List<byte[]>> tokens = new MadeOfNumbers<>(
            all -> all.stream().map(BusinessNumber::verifyToken).distinct().map(WebhookHandshake::digest).toList());
    private byte[] expected;

    /**
     * @param verifyToken the word typed into the app's dashboard beside the callback URL
     * @throws IllegalArgumentException if it is missing
     */
    public void setVerifyToken(String verifyToken) {
        if (verifyToken == null || verifyToken.isBlank()) {
            throw new IllegalArgumentException("whatsapp.verify-token is not set. Think of a long word, and give it here and"
                    + " in the app's dashboard (WhatsApp, Configuration, Webhook).");
        }
        expected = digest(verifyToken.trim());
    }

    /** As {@link #answer}, for the current request: the token of any app will do. */
    public String challenge(Exchange exchange) {
        Message request = exchange.getMessage();
        NumberSettings known = numbers.in(exchange.getContext());
        return answer(request.getHeader("hub.mode", String.class), request.getHeader("hub.verify_token", String.class),
                request.getHeader("hub.challenge", String.class), known == null ? List.of(expected) : tokens.of(known.registry()));
    }

    /** @return the challenge to answer with, or null if the request must be refused */
    String answer(String mode, String token, String challenge) {
        return answer(mode, token, challenge, List.of(expected));
    }

    private static String answer(String mode, String token, String challenge, List<byte[]> tokens) {
        // constant-time comparisons, of digests, with all of them: neither length nor position shows
        byte[] given = digest(token == null ? "" : token);
        boolean known = false;
        for (byte[] one : tokens) {
            known |= MessageDigest.isEqual(given, one);
        }
        boolean asked = "subscribe".equals(mode) && challenge != null && !challenge.isEmpty()
                && challenge.length() <= MAX_CHALLENGE;
        return known && asked ? challenge : null;
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
