package io.github.waroutes.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import io.github.waroutes.setting.CommaSeparated;
import org.apache.camel.Body;
import org.apache.camel.Header;

/**
 * Checks {@code X-Hub-Signature-256}: {@code sha256=} and the HMAC-SHA256 of the body's bytes as they came, in lower-case
 * hex, keyed with the app secret (Meta: "Create a webhook endpoint"; RFC 2104). All secrets are tried, whichever fits, in
 * constant time.
 */
public class WebhookVerifier {

    /** What a check found. */
    public enum Verdict {
        /** One of the secrets made this signature. */
        VALID,
        /** The request has no signature. */
        MISSING,
        /** The signature is not {@code sha256=} and 64 hexadecimal digits. */
        MALFORMED,
        /** No secret of ours made this signature for this body. */
        WRONG
    }

    private static final String ALGORITHM = "HmacSHA256";
    private static final Pattern FORM = Pattern.compile("sha256=[0-9a-fA-F]{64}");

    /** One for each secret; a check works on a copy, which costs less than making one. */
    private List<Mac> prototypes = List.of();

    /**
     * @param appSecrets one app secret, or several with commas between while one replaces another
     * @throws IllegalArgumentException if there is none
     */
    public void setAppSecrets(String appSecrets) {
        prototypes = CommaSeparated.values(appSecrets).stream().map(WebhookVerifier::prototype).toList();
        if (prototypes.isEmpty()) {
            throw new IllegalArgumentException("whatsapp.app-secret is not set. Without it anybody could send webhooks."
                    + " Copy it from the app's dashboard (App settings, Basic) into application.properties or the"
                    + " environment variable WHATSAPP_APP_SECRET.");
        }
    }

    /**
     * @param body      the bytes as they came
     * @param signature the header's value, or null
     */
    public Verdict verify(@Body byte[] body, @Header("X-Hub-Signature-256") String signature) {
        if (signature == null || signature.isBlank()) {
            return Verdict.MISSING;
        }
        String trimmed = signature.trim();
        if (!FORM.matcher(trimmed).matches()) {
            return Verdict.MALFORMED;
        }
        byte[] given = HexFormat.of().parseHex(trimmed, "sha256=".length(), trimmed.length());
        byte[] bytes = body == null ? new byte[0] : body;
        boolean valid = false;
        for (Mac prototype : prototypes) {
            valid |= MessageDigest.isEqual(copy(prototype).doFinal(bytes), given);
        }
        return valid ? Verdict.VALID : Verdict.WRONG;
    }

    private static Mac prototype(String secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Mac copy(Mac prototype) {
        try {
            return (Mac) prototype.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }
}
