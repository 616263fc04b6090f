package io.github.waroutes.operate;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.main.MainHttpServer;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proves at start that the webhook answers on the port it is configured for. Camel 4.17.0 can mount routes on the
 * management server's port instead, and its start-up log does not show it.
 */
public class WebhookSelfTest extends MainListenerSupport {

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** A machine that is short of processors at the start is no wrong configuration. */
    private static final int TRIES = 6;

    @Override
    public void afterStart(BaseMainSupport main) {
        CamelContext context = main.getCamelContext();
        String port = context.resolvePropertyPlaceholders("{{camel.server.port}}");
        MainHttpServer server = context.hasService(MainHttpServer.class);
        boolean tls = server != null && server.isUseGlobalSslContextParameters();
        if ("0".equals(port)) {
            return;
        }
        String host = context.resolvePropertyPlaceholders("{{camel.server.host:0.0.0.0}}");
        String base = context.resolvePropertyPlaceholders("{{camel.server.path:/}}");
        String path = (base.endsWith("/") ? base.substring(0, base.length() - 1) : base)
                + context.resolvePropertyPlaceholders("{{whatsapp.webhook.path:/webhook}}");
        // the webhook takes GET and POST only, and says so with 405; a port without it answers 404 or nothing
        int status = status(URI.create((tls ? "https://" : "http://") + ("0.0.0.0".equals(host) ? "127.0.0.1" : host) + ':' + port + path));
        if (status != 405) {
            throw new IllegalStateException("whatsapp.webhook.path " + path + " does not answer on camel.server.port " + port
                    + " (HTTP status " + status + "). Give camel.server.port and camel.management.port two different free ports.");
        }
        LOG.atInfo().addKeyValue("event", "whatsapp.client.initialized").addKeyValue("port", port)
                .addKeyValue("path", path).log("whatsapp.client.initialized");
    }

    /** It asks this process only, by an address that no certificate names. */
    private static HttpClient client(boolean tls) {
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(LIMIT);
        return tls ? builder.sslContext(AnyServer.context()).build() : builder.build();
    }

    private static int status(URI webhook) {
        int status = 0;
        for (int i = 0; i < TRIES && status == 0; i++) {
            status = statusOnce(webhook);
        }
        return Math.max(0, status);
    }

    /** The status; 0: nothing came in time; below 0: nobody is there. */
    private static int statusOnce(URI webhook) {
        try {
            HttpResponse<Void> answer = client("https".equals(webhook.getScheme())).send(
                    HttpRequest.newBuilder(webhook).method("HEAD", HttpRequest.BodyPublishers.noBody()).timeout(LIMIT).build(), HttpResponse.BodyHandlers.discarding());
            return answer.statusCode();
        } catch (HttpTimeoutException e) {
            return 0;
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    /** Whatever certificate this process shows is right here: nothing secret is sent. Extended, as else the name would be checked. */
    private static final class AnyServer extends X509ExtendedTrustManager {

        private static SSLContext context() {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {new AnyServer()}, null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("This Java runtime has no TLS", e);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            // see above
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            // see above
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            // see above
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
            checkClientTrusted(chain, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
            checkClientTrusted(chain, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("This is for one call of our own only");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
