package io.github.waroutes.operate;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import javax.net.ssl.SSLException;

import io.github.waroutes.error.Causes;
import io.github.waroutes.operate.Doctor.State;

/**
 * Does Meta's handshake with a callback: {@code GET ?hub.mode=subscribe&hub.challenge=…&hub.verify_token=…} must be answered with 200 and the
 * challenge, over https with a certificate of a public authority. Source: WhatsApp Cloud API, "Create a webhook endpoint". From this machine: Meta
 * itself comes from outside.
 */
final class CallbackProbe {

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration READ = Duration.ofSeconds(10);
    private static final int LONGEST_ANSWER = 4096;
    private static final List<Integer> OF_PROXIES = List.of(502, 503, 504);

    /** It follows no redirect: the verify token goes to the callback only. */
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Result> known = new ConcurrentHashMap<>();
    private final Predicate<URI> plain;

    /** How the handshake went, and what to do. */
    record Result(State state, String text) {
    }

    /** @param plain which addresses may be http */
    CallbackProbe(Predicate<URI> plain) {
        this.plain = plain;
    }

    /** The result is that of the first time, for the same address and token. */
    Result ask(String callback, String verifyToken) {
        return known.computeIfAbsent(callback + ' ' + verifyToken, first -> askNow(callback, verifyToken));
    }

    /** The address without what may be secret in it: its user and its query. */
    static String shown(String callback) {
        return callback.replaceAll("[?#].*", "").replaceFirst("//[^/]*@", "//");
    }

    private Result askNow(String callback, String verifyToken) {
        String place = shown(callback);
        URI uri;
        try {
            uri = URI.create(callback);
        } catch (IllegalArgumentException e) {
            return fail(place + " is no address. Give one such as https://your.host/webhook.");
        }
        boolean web = uri.getHost() != null && ("https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme()));
        if (!web || "http".equalsIgnoreCase(uri.getScheme()) && !plain.test(uri)) {
            return fail(place + " is no https address, and Meta takes no other. Put a proxy with a certificate in front, and give its address.");
        }
        if (verifyToken.isBlank()) {
            return fail("There is no verify token. Set whatsapp.verify-token, and the same in the app (WhatsApp, Configuration).");
        }
        String challenge = Long.toString(1_000_000_000L + random.nextInt(Integer.MAX_VALUE));
        String query = "hub.mode=subscribe&hub.challenge=" + challenge + "&hub.verify_token=" + URLEncoder.encode(verifyToken, StandardCharsets.UTF_8).replace("+", "%20");
        URI asked = URI.create(callback.replaceFirst("#.*", "") + (uri.getRawQuery() == null ? "?" : "&") + query);
        try {
            HttpResponse<InputStream> answer = http.send(HttpRequest.newBuilder(asked).timeout(READ).build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                return judge(place, answer.statusCode(), new String(body.readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8), challenge);
            }
        } catch (IOException e) {
            return fail(place + ' ' + reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return fail(place + " was not asked to the end.");
        }
    }

    private static Result judge(String place, int status, String body, String challenge) {
        if (status == 200) {
            return body.strip().equals(challenge) ? new Result(State.OK, place + " answers the handshake")
                    : fail(place + " answers, but not with the challenge: it is another server, or a page before the gateway. Let it pass GET and POST to the gateway's"
                            + " webhook, query and body as they are.");
        }
        if (status == 403) {
            return fail(place + " refuses the verify token (HTTP 403). Give the gateway that runs there this one (whatsapp.verify-token), and the app too (WhatsApp,"
                    + " Configuration); or a firewall in front refuses.");
        }
        if (OF_PROXIES.contains(status)) {
            return fail(place + " is a proxy whose gateway does not answer (HTTP " + status + "). Start the gateway, or correct the proxy's target.");
        }
        if (status >= 300 && status < 400) {
            return fail(place + " redirects (HTTP " + status + "). Give Meta the last address itself.");
        }
        return fail(place + " answers HTTP " + status + " in place of the challenge: it is another server, or another path. Compare it with whatsapp.webhook.path.");
    }

    private static String reason(IOException failure) {
        if (Causes.find(SSLException.class, failure) != null) {
            if (Causes.find(CertificateExpiredException.class, failure) != null) {
                return "has a certificate that has expired. Renew it.";
            }
            if (Causes.find(CertificateNotYetValidException.class, failure) != null) {
                return "has a certificate that is not valid yet. Look at the clocks of both machines.";
            }
            if (Causes.find(CertPathBuilderException.class, failure) != null) {
                return "has a certificate of no public authority, or does not send the certificates between; Meta refuses it. Get one of a public authority, and serve its"
                        + " whole chain.";
            }
            boolean name = Causes.chain(failure).stream().anyMatch(cause -> String.valueOf(cause.getMessage()).contains("subject alternative"));
            return name ? "has a certificate for another host name. Get one for this name."
                    : "does not speak TLS as it should. Look at the proxy's certificate and port.";
        }
        if (Causes.find(UnresolvedAddressException.class, failure) != null || Causes.find(UnknownHostException.class, failure) != null) {
            return "has a host name that is not known. Correct it, or the DNS.";
        }
        if (Causes.find(ConnectException.class, failure) != null || failure instanceof HttpConnectTimeoutException) {
            return "cannot be connected to from here. Start the gateway or its proxy, with https, and open the firewall; if this network does not reach itself by its public address, ask from"
                    + " outside (doctor --callback).";
        }
        return failure instanceof HttpTimeoutException ? "does not answer within " + READ.toSeconds() + " s. Look at what runs there."
                : "breaks the connection off. Look at what runs there.";
    }

    private static Result fail(String text) {
        return new Result(State.FAIL, text);
    }
}
