package io.github.waroutes.operate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

import org.apache.camel.CamelContext;
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
        boolean tls = "true".equals(context.resolvePropertyPlaceholders("{{camel.server.useGlobalSslContextParameters:false}}"));
        if ("0".equals(port) || tls) {
            return;
        }
        String host = context.resolvePropertyPlaceholders("{{camel.server.host:0.0.0.0}}");
        String base = context.resolvePropertyPlaceholders("{{camel.server.path:/}}");
        String path = (base.endsWith("/") ? base.substring(0, base.length() - 1) : base)
                + context.resolvePropertyPlaceholders("{{whatsapp.webhook.path:/webhook}}");
        // the webhook takes GET and POST only, and says so with 405; a port without it answers 404 or nothing
        int status = status(URI.create("http://" + ("0.0.0.0".equals(host) ? "127.0.0.1" : host) + ':' + port + path));
        if (status != 405) {
            throw new IllegalStateException("whatsapp.webhook.path " + path + " does not answer on camel.server.port " + port
                    + " (HTTP status " + status + "). Give camel.server.port and camel.management.port two different free ports.");
        }
        LOG.atInfo().addKeyValue("event", "whatsapp.client.initialized").addKeyValue("port", port)
                .addKeyValue("path", path).log("whatsapp.client.initialized");
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
            HttpResponse<Void> answer = HttpClient.newBuilder().connectTimeout(LIMIT).build().send(
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
}
