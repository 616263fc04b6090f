package io.github.waroutes.flows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.setting.CommaSeparated;
import io.github.waroutes.setting.Libraries;
import org.apache.camel.Body;
import org.apache.camel.Exchange;

/**
 * The private keys of the Flows endpoint. The first one's public key goes to Meta; the others are those that it replaces: phones use a key
 * until they have fetched the new one. Source: Meta, "Implementing endpoints for Flows" and "WhatsApp Business Encryption" (2048-bit RSA).
 */
public class FlowKeys {

    private static final String SETTING = "whatsapp.flows.private-key";
    private static final int BITS = 2048;
    private static final String NONE = "direct:whatsapp-flows-none";

    private String privateKey = "";
    private String passphrase;
    private String handler = NONE;
    private List<RSAPrivateCrtKey> keys = List.of();

    /** @param privateKey PEM, or PEM files with commas between; empty: there is no Flows endpoint */
    public void setPrivateKey(String privateKey) {
        this.privateKey = privateKey == null ? "" : privateKey.strip();
    }

    /** @param passphrase of the keys that have one */
    public void setPassphrase(String passphrase) {
        this.passphrase = passphrase == null || passphrase.isEmpty() ? null : passphrase;
    }

    /** @param handler the endpoint that answers requests */
    public void setHandler(String handler) {
        this.handler = handler;
    }

    /** @throws IllegalArgumentException if a key cannot be used, or nobody answers the requests */
    public void read() {
        if (privateKey.isEmpty()) {
            return;
        }
        Libraries.require("org.bouncycastle.openssl.PEMParser", SETTING + " is set", "org.bouncycastle:bcpkix-jdk18on");
        if (NONE.equals(handler)) {
            throw new IllegalArgumentException(SETTING + " is set, and whatsapp.flows.on-request names no route. Give the route that answers"
                    + " the Flow's requests, such as direct:my-flow.");
        }
        List<RSAPrivateCrtKey> read = new ArrayList<>();
        if (privateKey.contains("-----BEGIN")) {
            // an environment variable may have it in one line
            read.addAll(keys("", privateKey.replace("\\n", "\n")));
        } else {
            CommaSeparated.values(privateKey).forEach(file -> read.addAll(keys(' ' + file, text(file))));
        }
        keys = List.copyOf(read);
    }

    private List<RSAPrivateCrtKey> keys(String file, String pem) {
        List<RSAPrivateCrtKey> found;
        try {
            found = PemKeys.read(pem, passphrase);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(SETTING + file + ' ' + e.getMessage() + '.');
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(SETTING + file + " has no private key. Give one in PEM, as openssl genrsa 2048 writes it.");
        }
        if (found.stream().anyMatch(key -> key.getModulus().bitLength() != BITS)) {
            throw new IllegalArgumentException(SETTING + file + " has not " + BITS + " bits, which Meta asks for. Make one with openssl genrsa " + BITS + '.');
        }
        return found;
    }

    private static String text(String file) {
        Path path = Path.of(file.replaceFirst("^file:(//)?", ""));
        try {
            return Files.readString(path);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(SETTING + ' ' + file + " is not there. Give the PEM file's path.", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(SETTING + ' ' + file + " cannot be read (" + e.getMessage() + ").", e);
        }
    }

    /** Whether there is a Flows endpoint. */
    public boolean areThere() {
        return !keys.isEmpty();
    }

    List<RSAPrivateCrtKey> all() {
        return keys;
    }

    /** Out: body what uploads the first key's public key. */
    public void upload(Exchange exchange) {
        exchange.getMessage().setBody(Map.of("business_public_key", publicKey()));
    }

    /**
     * What Meta has, {@code {"business_public_key","business_public_key_signature_status","current"}}.
     *
     * @param answer Meta's; {@code current} is whether that is the first key's public key
     */
    public Map<String, Object> compared(@Body Map<?, ?> answer) {
        Object first = answer.get("data") instanceof List<?> data ? data.isEmpty() ? Map.of() : data.get(0) : answer;
        Map<String, Object> told = new LinkedHashMap<>();
        if (first instanceof Map<?, ?> key) {
            key.forEach((name, value) -> told.put(name.toString(), value));
        }
        told.put("current", areThere() && bare(publicKey()).equals(bare(String.valueOf(told.get("business_public_key")))));
        return told;
    }

    private static String bare(String pem) {
        return pem.replaceAll("-----[A-Z ]+-----|\\s", "");
    }

    /**
     * The first key's public key, PEM.
     *
     * @throws WhatsAppMessageException if there is none
     */
    String publicKey() {
        if (keys.isEmpty()) {
            throw new WhatsAppMessageException(ErrorDetails.builder(SETTING + " is not set, so there is no public key").build());
        }
        RSAPrivateCrtKey key = keys.get(0);
        try {
            byte[] encoded = KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent())).getEncoded();
            return "-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded) + "\n-----END PUBLIC KEY-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
