package io.github.waroutes.webhook;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

import org.apache.camel.Header;

/**
 * Meta's handshake: it asks with {@code hub.mode=subscribe} and the verify token we chose, and wants its challenge back
 * (Meta: "Create a webhook endpoint").
 */
public class WebhookHandshake {

    private static final int MAX_CHALLENGE = 1024;

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

    /** @return the challenge to answer with, or null if the request must be refused */
    public String answer(@Header("hub.mode") String mode, @Header("hub.verify_token") String token,
            @Header("hub.challenge") String challenge) {
        // a constant-time comparison, of digests, so that the length of the token does not show either
        boolean known = MessageDigest.isEqual(digest(token == null ? "" : token), expected);
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
