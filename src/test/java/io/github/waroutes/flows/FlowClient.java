package io.github.waroutes.flows;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.MGF1ParameterSpec;
import java.util.Base64;

import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/** Meta's side of one request of a Flow, as Meta describes it in "Implementing endpoints for Flows", and nothing but the JDK's cryptography. */
public final class FlowClient {

    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] aesKey = new byte[16];
    private final byte[] vector = new byte[16];
    private final String body;

    /** @param request what the phone says, JSON */
    public FlowClient(PublicKey businessKey, String request) {
        RANDOM.nextBytes(aesKey);
        RANDOM.nextBytes(vector);
        try {
            Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPWithSHA-256AndMGF1Padding");
            rsa.init(Cipher.ENCRYPT_MODE, businessKey, new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
            Cipher aes = Cipher.getInstance("AES/GCM/NoPadding");
            aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(aesKey, "AES"), new GCMParameterSpec(128, vector));
            body = "{\"encrypted_flow_data\":\"" + base64(aes.doFinal(request.getBytes(StandardCharsets.UTF_8))) + "\",\"encrypted_aes_key\":\""
                    + base64(rsa.doFinal(aesKey)) + "\",\"initial_vector\":\"" + base64(vector) + "\"}";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** The body of the request, JSON. */
    public String body() {
        return body;
    }

    /** What the endpoint answered, decrypted: the same key, and every bit of the initial vector the other way round. */
    public String read(String answer) {
        byte[] inverted = new byte[vector.length];
        for (int at = 0; at < vector.length; at++) {
            inverted[at] = (byte) (vector[at] ^ 0xff);
        }
        try {
            Cipher aes = Cipher.getInstance("AES/GCM/NoPadding");
            aes.init(Cipher.DECRYPT_MODE, new SecretKeySpec(aesKey, "AES"), new GCMParameterSpec(128, inverted));
            return new String(aes.doFinal(Base64.getDecoder().decode(answer)), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("The answer cannot be decrypted", e);
        }
    }
}
