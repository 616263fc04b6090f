package io.github.waroutes.simulator.common;

import io.github.waroutes.setting.Loopback;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/** Restricts the simulator to callers on this machine, as it has no real secrets. */
public class LoopbackOnly {

    /** Where webhooks go; must be on this machine. */
    public void setWebhookUrl(String url) {
        requireLocal("whatsapp.simulator.webhook-url", url);
    }

    /** Where the bundle reaches the simulator; must be on this machine. */
    public void setPublicUrl(String url) {
        requireLocal("whatsapp.simulator.public-url", url);
    }

    /**
     * @param caller the socket address the HTTP server saw, as {@code host:port}
     * @throws Refusal 403 when the caller is not on this machine; in Graph's shape for a Graph request
     */
    public void check(@Header("CamelVertxPlatformHttpRemoteAddress") String caller, Exchange exchange) {
        checkCaller(caller, exchange.getMessage() instanceof HttpMessage message && isGraph(message.getRequest()));
    }

    static void checkCaller(String caller, boolean graph) {
        int port = caller == null ? -1 : caller.lastIndexOf(':');
        if (port < 0 || !Loopback.isAddress(caller.substring(0, port))) {
            throw refusal("The simulator answers callers on its own machine only", graph);
        }
    }

    public static boolean isGraph(HttpServerRequest request) {
        return request.path() != null && request.path().startsWith("/graph/");
    }

    public static Refusal refusal(String message, boolean graph) {
        return graph ? Refusal.graph(403, 10, null, "(#10) " + message, null) : Refusal.plain(403, message);
    }

    /** Whether this is an http or https address on this machine. */
    public static boolean isLocal(String url) {
        try {
            URI uri = URI.create(url);
            return uri.getHost() != null && Loopback.isAddress(uri.getHost())
                    && ("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    public static void requireLocal(String property, String url) {
        if (!isLocal(url)) {
            throw new IllegalArgumentException(property + " must be an http address on this machine, such as"
                    + " http://127.0.0.1:8080");
        }
    }
}
