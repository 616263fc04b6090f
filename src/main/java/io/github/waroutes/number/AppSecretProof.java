package io.github.waroutes.number;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;

/**
 * Proves to the Graph API that who has a number's access token has its app's secret too: the HMAC-SHA256 of the token in lower-case hex, keyed
 * with the app secret, as the query parameter {@code appsecret_proof} (Meta: Graph API, "Securing API calls"). While one secret replaces
 * another the first of them is the key.
 */
public final class AppSecretProof {

    private static final String ALGORITHM = "HmacSHA256";

    /** A number never changes, so its proof is made once; it goes with the number. */
    private final LoadingCache<BusinessNumber, String> queries = Caffeine.newBuilder().weakKeys().build(
            number -> number.appSecrets().isEmpty() ? "" : query(number.accessToken(), number.appSecrets().get(0)));

    /** {@code appsecret_proof=} and 64 hexadecimal digits; empty for a number whose app secret is not known. */
    public String query(BusinessNumber number) {
        return queries.get(number);
    }

    /** As {@link #query(BusinessNumber)}, for any token of the app that has the secret. */
    public static String query(String token, String appSecret) {
        return "appsecret_proof=" + hmac(appSecret, token);
    }

    private static String hmac(String key, String message) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return HexFormat.of().formatHex(mac.doFinal(message.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
