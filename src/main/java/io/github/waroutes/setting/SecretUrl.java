package io.github.waroutes.setting;

import java.net.URI;
import java.util.regex.Pattern;

/** An address that a secret may be sent to: over https, or over http to this machine. */
public final class SecretUrl {

    private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1]");

    private SecretUrl() {
    }

    /** @throws IllegalArgumentException if it is none; the message names the property */
    public static void require(String property, String url) {
        URI uri;
        try {
            uri = URI.create(url == null ? "" : url.trim());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(property + " is not an address: " + e.getMessage());
        }
        boolean loopback = uri.getHost() != null && LOOPBACK.matcher(uri.getHost()).matches();
        boolean safe = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme()) && loopback;
        if (uri.getHost() == null || !safe || uri.getUserInfo() != null) {
            throw new IllegalArgumentException(property + " must begin with https:// (http:// only to this machine),"
                    + " because a secret goes there, and hold no user name.");
        }
    }
}
