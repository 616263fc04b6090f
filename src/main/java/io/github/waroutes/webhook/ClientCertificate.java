package io.github.waroutes.webhook;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

import io.github.waroutes.error.WhatsAppWebhookException;
import io.github.waroutes.setting.Libraries;
import io.github.waroutes.setting.PemCertificates;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * Refuses callers of the webhook that do not show Meta's client certificate (Meta: Webhooks, "mTLS for webhooks"): issued by an authority that
 * the operator trusts for this, and with the common name that Meta says. TLS has proved that the caller has its key. Without an authority
 * everybody may call.
 */
public class ClientCertificate {

    private static final String SETTING = "whatsapp.webhook.client-ca";
    private static final String HTTP = "org.apache.camel.component.platform.http.vertx.HttpMessage";
    /** In a TLS session: the Boolean that a look at its certificate gave. */
    private static final String KNOWN = ClientCertificate.class.getName();

    private final String name;
    private final X509TrustManager trust;

    /**
     * @param authorities a PEM file; empty: no certificate is asked for
     * @param name        the common name of Meta's certificate
     * @throws IllegalArgumentException if the file has no certificate
     */
    public ClientCertificate(String authorities, String name) {
        this.name = name.strip();
        if (authorities == null || authorities.isBlank()) {
            trust = null;
            return;
        }
        Libraries.require(HTTP, SETTING + " is set", "org.apache.camel:camel-platform-http-vertx");
        trust = trust(PemCertificates.read(SETTING, authorities));
    }

    /** @throws WhatsAppWebhookException 403, reason {@code client_certificate} */
    public void check(Exchange exchange) {
        if (trust != null && !isMetas(Connection.session(exchange))) {
            throw new WhatsAppWebhookException(403, "The caller of the webhook has no client certificate of " + name + " by an authority of " + SETTING + '.',
                    Map.of("reason", "client_certificate"), null);
        }
    }

    /** @param session of the connection, or null if it has no TLS; it remembers what was found */
    boolean isMetas(SSLSession session) {
        if (session == null) {
            return false;
        }
        Object known = session.getValue(KNOWN);
        if (known == null) {
            known = isMetas(certificates(session));
            session.putValue(KNOWN, known);
        }
        return (Boolean) known;
    }

    private boolean isMetas(X509Certificate... chain) {
        try {
            if (chain.length == 0 || !name.equalsIgnoreCase(commonName(chain[0]))) {
                return false;
            }
            trust.checkClientTrusted(chain, chain[0].getPublicKey().getAlgorithm());
            return true;
        } catch (CertificateException | InvalidNameException e) {
            return false;
        }
    }

    private static X509Certificate[] certificates(SSLSession session) {
        try {
            return Arrays.stream(session.getPeerCertificates()).map(X509Certificate.class::cast).toArray(X509Certificate[]::new);
        } catch (SSLPeerUnverifiedException e) {
            return new X509Certificate[0];
        }
    }

    private static String commonName(X509Certificate certificate) throws InvalidNameException {
        return new LdapName(certificate.getSubjectX500Principal().getName()).getRdns().stream().filter(part -> "CN".equalsIgnoreCase(part.getType()))
                .map(part -> part.getValue().toString()).findFirst().orElse("");
    }

    private static X509TrustManager trust(List<X509Certificate> authorities) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (X509Certificate authority : authorities) {
                store.setCertificateEntry(Integer.toString(store.size()), authority);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return (X509TrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(SETTING + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** Apart, so that who does not use this needs no Vert.x. */
    private static final class Connection {

        static SSLSession session(Exchange exchange) {
            return exchange.getMessage() instanceof HttpMessage message ? message.getRequest().sslSession() : null;
        }
    }
}
