package io.github.waroutes.setting;

import java.net.URI;

/** An address that a secret may be sent to: over https, or over http to this machine. */
public final class SecretUrl {

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
        boolean safe = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme()) && Loopback.isHost(uri.getHost());
        if (uri.getHost() == null || !safe || uri.getUserInfo() != null) {
            throw new IllegalArgumentException(property + " must begin with https:// (http:// only to this machine),"
                    + " because a secret goes there, and hold no user name.");
        }
    }
}
