package io.github.waroutes.simulator.common;

import java.security.SecureRandom;
import java.util.Base64;

/** Ids in the forms Meta uses. */
public final class Ids {

    private static final SecureRandom RANDOM = new SecureRandom();

    private Ids() {
    }

    /** A message id: {@code wamid.} and base64, padding included. */
    public static String message() {
        return "wamid." + Base64.getEncoder().encodeToString(bytes(31));
    }

    /** A media id: 16 decimal digits. */
    public static String media() {
        return Long.toString(RANDOM.nextLong(1_000_000_000_000_000L, 10_000_000_000_000_000L));
    }

    /** A trace id as in the {@code fbtrace_id} of an error. */
    static String trace() {
        return "A" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(16));
    }

    public static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
