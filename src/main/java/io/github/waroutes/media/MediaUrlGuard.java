package io.github.waroutes.media;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMediaException;
import io.github.waroutes.setting.CommaSeparated;
import io.github.waroutes.setting.Loopback;

/**
 * Lets the bearer token go only where it may: https to an allowed host, on its usual port, or http to this machine. A
 * URL from an answer is a stranger's word, so it must also hold nothing that Camel would interpret.
 */
public class MediaUrlGuard {

    private static final Pattern HOST = Pattern.compile("(\\*\\.)?[a-z0-9.-]+|\\[::1]");
    private static final int MAX_LENGTH = 4096;

    private final List<String> allowed;

    /** @param allowedHosts host names, or {@code *.} and a domain for all hosts below it, with commas between */
    public MediaUrlGuard(String allowedHosts) {
        allowed = CommaSeparated.values(allowedHosts).stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
        for (String host : allowed) {
            if (!HOST.matcher(host).matches()) {
                throw new IllegalArgumentException("whatsapp.media.allowed-hosts: " + host
                        + " is not a host name. Give names such as cdn.example.com or *.example.com, with commas between.");
            }
        }
        if (allowed.isEmpty()) {
            throw new IllegalArgumentException("whatsapp.media.allowed-hosts is empty, so no media could be downloaded."
                    + " Give *.fbsbx.com,*.fbcdn.net.");
        }
    }

    /**
     * @param url the URL that Meta gave for the media
     * @return the same URL
     * @throws WhatsAppMediaException if it is missing, or must not be called with our token
     */
    public String check(Object url, String mediaId) {
        if (!(url instanceof String text) || text.isBlank()) {
            throw refused("The media answer holds no URL", mediaId);
        }
        if (text.length() > MAX_LENGTH || text.contains("{{") || text.chars().anyMatch(c -> c <= ' ' || c >= 127)) {
            throw refused("The media URL is malformed", mediaId);
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw refused("The media URL is malformed", mediaId);
        }
        String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
        boolean secure = "https".equals(uri.getScheme()) && (uri.getPort() == -1 || uri.getPort() == 443);
        boolean local = "http".equals(uri.getScheme()) && Loopback.isHost(host);
        if (uri.getUserInfo() != null || !(secure || local) || allowed.stream().noneMatch(rule -> fits(host, rule))) {
            throw refused("The media URL's host is not among whatsapp.media.allowed-hosts", mediaId);
        }
        return text;
    }

    private static boolean fits(String host, String rule) {
        return rule.startsWith("*.") ? host.endsWith(rule.substring(1)) : host.equals(rule);
    }

    private static WhatsAppMediaException refused(String why, String mediaId) {
        return new WhatsAppMediaException(ErrorDetails.builder(why).build(), mediaId, false, false);
    }
}
