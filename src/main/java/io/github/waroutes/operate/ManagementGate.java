package io.github.waroutes.operate;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.regex.Pattern;

import io.github.waroutes.setting.Loopback;
import io.vertx.core.net.HostAndPort;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * Who may use the management API: whoever has the token; and, to read what is masked, whoever is on this machine and calls it by a name of
 * this machine, which a web page that somebody's browser shows cannot do.
 */
public class ManagementGate {

    private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");
    private static final String NO_TOKEN = "The management API changes nothing while whatsapp.management.token is not set.";
    private static final String WRONG = "Give the token (whatsapp.management.token) in the header Authorization: Bearer TOKEN.";

    private byte[] token;

    /** @param token blank: nobody may change anything, and only callers on this machine may read */
    public void setToken(String token) {
        this.token = token == null || token.isBlank() ? null : digest(token.strip());
    }

    /** @throws ManagementException 401 */
    public void read(Exchange exchange) {
        if (!hasToken(exchange) && !isHere(exchange)) {
            throw new ManagementException(401, "Only callers on this machine read without a token. " + WRONG);
        }
    }

    /** One message; as it is, with what tells who it is about, only with the token. */
    public void readOne(Exchange exchange) {
        if (StoredMessages.isUnmasked(exchange)) {
            change(exchange);
        } else {
            read(exchange);
        }
    }

    /** @throws ManagementException 401, or 403 if there is no token */
    public void change(Exchange exchange) {
        if (token == null) {
            throw new ManagementException(403, NO_TOKEN);
        }
        if (!hasToken(exchange)) {
            throw new ManagementException(401, WRONG);
        }
    }

    private boolean hasToken(Exchange exchange) {
        String authorization = header(exchange, "Authorization");
        return token != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                // a constant-time comparison, of digests
                && MessageDigest.isEqual(token, digest(authorization.substring(7).strip()));
    }

    private static boolean isHere(Exchange exchange) {
        String caller = exchange.getMessage(HttpMessage.class).getRequest().remoteAddress().hostAddress();
        return caller != null && Loopback.isAddress(caller) && Loopback.isHost(PORT.matcher(host(exchange)).replaceFirst("").toLowerCase(Locale.ROOT));
    }

    /** HTTP/2 has it in a place of its own (RFC 9113, 8.3.1). */
    private static String host(Exchange exchange) {
        HostAndPort authority = exchange.getMessage(HttpMessage.class).getRequest().authority();
        String host = header(exchange, "Host");
        return !host.isEmpty() || authority == null ? host : authority.toString();
    }

    /** Of the request itself: a query parameter can look like a header to a route. */
    private static String header(Exchange exchange, String name) {
        String value = exchange.getMessage(HttpMessage.class).getRequest().getHeader(name);
        return value == null ? "" : value;
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
