package io.github.waroutes.simulator.page;

import io.github.waroutes.setting.Loopback;
import io.github.waroutes.simulator.common.LoopbackOnly;
import io.github.waroutes.simulator.common.Refusal;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.net.URI;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * Keeps out other web pages, whose requests come from a browser on this machine and so look local: requests under a host name that
 * is not this machine's (DNS rebinding), and requests from another origin that change something.
 */
public class PageGuard {

    /** @throws Refusal 403; in Graph's shape for a Graph request */
    public void check(Exchange exchange) {
        if (exchange.getMessage() instanceof HttpMessage message) {
            refusal(message.getRequest()).ifPresent(fault -> {
                throw fault;
            });
        }
    }

    static Optional<Refusal> refusal(HttpServerRequest request) {
        HostAndPort authority = request.authority();
        return refusal(authority == null ? null : authority.host(), authority == null ? -1 : authority.port(),
                request.getHeader("Host") != null, request.getHeader("Origin"))
                .map(why -> LoopbackOnly.refusal(why, LoopbackOnly.isGraph(request)));
    }

    /**
     * @param host   the name the request was made under, or null
     * @param port   its port, or -1
     * @param named  whether there is a Host header; HTTP/1.0 has none, and no browser speaks it
     * @param origin the Origin header, or null
     * @return why not, or empty
     */
    static Optional<String> refusal(String host, int port, boolean named, String origin) {
        if (host == null ? named : !Loopback.isAddress(host)) {
            return Optional.of("The simulator answers under localhost, 127.0.0.1 or [::1] only: use one of these in the address");
        }
        if (origin != null && !isSame(origin, host, port)) {
            return Optional.of("The simulator takes no requests from other web pages");
        }
        return Optional.empty();
    }

    private static boolean isSame(String origin, String host, int port) {
        try {
            URI from = URI.create(origin);
            int standard = "https".equals(from.getScheme()) ? 443 : 80;
            return host != null && from.getHost() != null && from.getHost().equalsIgnoreCase(host)
                    && (from.getPort() < 0 ? standard : from.getPort()) == (port < 0 ? standard : port);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
