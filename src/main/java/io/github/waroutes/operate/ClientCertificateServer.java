package io.github.waroutes.operate;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

import javax.net.ssl.X509TrustManager;

import io.github.waroutes.setting.PemCertificates;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.impl.VertxWrapper;
import io.vertx.core.net.TrustOptions;
import org.apache.camel.CamelContext;
import org.apache.camel.Service;
import org.apache.camel.component.platform.http.main.DefaultMainHttpServerFactory;
import org.apache.camel.component.platform.http.main.MainHttpServer;
import org.apache.camel.main.HttpServerConfigurationProperties;
import org.apache.camel.support.CamelContextHelper;

/**
 * Makes the public server ask its callers for a certificate where {@code whatsapp.webhook.client-ca} is set. Camel 4.17.0 has a setting for that,
 * {@code camel.ssl.clientAuthentication}, and does not pass it on to Vert.x ({@code VertxHelper.setupSSLOptions}). None has to come, and any is
 * taken: the send API has the same port, and the webhook's routes look at what came ({@code ClientCertificate}).
 */
public final class ClientCertificateServer extends DefaultMainHttpServerFactory {

    private static final String SETTING = "whatsapp.webhook.client-ca";
    private static final String VERTX = "whatsappPublicVertx";

    @Override
    public Service newHttpServer(CamelContext context, HttpServerConfigurationProperties configuration) {
        if (configuration.isUseGlobalSslContextParameters() && context.getSSLContextParameters() == null
                && !"true".equals(context.resolvePropertyPlaceholders("{{camel.ssl.enabled:false}}"))) {
            throw new IllegalArgumentException("camel.server.useGlobalSslContextParameters is true, and camel.ssl.enabled is not: the server would have no"
                    + " TLS. Set camel.ssl.enabled = true, camel.ssl.keyStore and camel.ssl.keystorePassword (docs/deploy.md).");
        }
        MainHttpServer plain = (MainHttpServer) super.newHttpServer(context, configuration);
        String authorities = context.resolvePropertyPlaceholders("{{" + SETTING + ":}}");
        if (authorities.isBlank()) {
            return plain;
        }
        if (!configuration.isUseGlobalSslContextParameters()) {
            throw new IllegalArgumentException(SETTING + " is set, and the server has no TLS to ask for a certificate with. Set"
                    + " camel.server.useGlobalSslContextParameters = true and camel.ssl (docs/deploy.md), or let the proxy that ends TLS check it.");
        }
        MainHttpServer asking = new Asking(new AnyClient(PemCertificates.read(SETTING, authorities)));
        asking.setCamelContext(context);
        asking.setConfiguration(plain.getConfiguration());
        asking.setStaticEnabled(plain.isStaticEnabled());
        asking.setStaticContextPath(plain.getStaticContextPath());
        asking.setStaticSourceDir(plain.getStaticSourceDir());
        return asking;
    }

    /** Its Vert.x is in the registry only while it looks for one, so that the management server has one of its own as ever. */
    private static final class Asking extends MainHttpServer {

        private final AnyClient clients;
        private Vertx vertx;

        private Asking(AnyClient clients) {
            this.clients = clients;
        }

        @Override
        protected void doInit() throws Exception {
            VertxOptions options = CamelContextHelper.findSingleByType(getCamelContext(), VertxOptions.class);
            vertx = Vertx.vertx(options == null ? new VertxOptions() : options);
            getCamelContext().getRegistry().bind(VERTX, Vertx.class, new AskingVertx((VertxInternal) vertx, clients));
            super.doInit();
            getCamelContext().getRegistry().unbind(VERTX);
        }

        @Override
        protected void doShutdown() throws Exception {
            super.doShutdown();
            vertx.close();
        }
    }

    private static final class AskingVertx extends VertxWrapper {

        private final AnyClient clients;

        private AskingVertx(VertxInternal vertx, AnyClient clients) {
            super(vertx);
            this.clients = clients;
        }

        @Override
        public HttpServer createHttpServer(HttpServerOptions options) {
            return super.createHttpServer(new HttpServerOptions(options).setClientAuth(ClientAuth.REQUEST).setTrustOptions(TrustOptions.wrap(clients)));
        }
    }

    /** Names the authorities whose certificates are of use here, so that a browser does not offer others. It vouches for no server. */
    private record AnyClient(List<X509Certificate> authorities) implements X509TrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            // the routes that need one look at it
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("This is for a server's callers only");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return authorities.toArray(X509Certificate[]::new);
        }
    }
}
