package io.github.waroutes.simulator.call;

import io.github.waroutes.simulator.call.LoggedCall.Kind;
import io.github.waroutes.simulator.fault.FaultProperties;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Route;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.apache.camel.spi.SynchronizationRouteAware;
import org.apache.camel.support.SynchronizationAdapter;

/** Records the requests to the simulated Cloud API, and their responses. */
public class CallWatch {

    /** Request header by which a repeated call finds its record. */
    public static final String TICKET = "X-Simulator-Replay";

    private final CallLog log;

    public CallWatch(CallLog log) {
        this.log = log;
    }

    /**
     * Records a request to the simulated Cloud API when it arrives, and its response when the route is done. It must run before
     * the route removes the headers. A body is neither read nor copied here.
     */
    public void watch(Exchange exchange) {
        if (exchange.getMessage() instanceof HttpMessage message) {
            HttpServerRequest request = message.getRequest();
            Kind kind = kind(request.method().name(), request.path());
            if (kind != null) {
                // an upload is on disk, and the header is Camel's own
                Long upload = message.getHeader(Exchange.FILE_LENGTH, Long.class);
                LoggedBody sent = upload != null ? new LoggedBody(null, upload)
                        : LoggedBody.of(message.getBody(), request.getHeader("Content-Type"));
                exchange.getExchangeExtension().addOnCompletion(new Watch(exchange.getFromRouteId(), kind, request, sent));
            }
        }
    }

    private static Kind kind(String method, String path) {
        if (path.startsWith("/graph/")) {
            return method.equals("POST") && path.endsWith("/media") ? Kind.MEDIA : Kind.GRAPH;
        }
        return path.startsWith("/simulator/media/") ? Kind.MEDIA
                : path.startsWith("/simulator/v1/") ? Kind.TRANSCRIPTION : null;
    }

    /** Records the response when the consuming route is done, before it is written. */
    private final class Watch extends SynchronizationAdapter implements SynchronizationRouteAware {
        private final Instant at = Instant.now();
        private final long began = System.nanoTime();
        private final String routeId;
        private final Kind kind;
        private final HttpServerRequest request;
        private final LoggedBody sent;

        Watch(String routeId, Kind kind, HttpServerRequest request, LoggedBody sent) {
            this.routeId = routeId;
            this.kind = kind;
            this.request = request;
            this.sent = sent;
        }

        @Override
        public SynchronizationRouteAware getRouteSynchronization() {
            return this;
        }

        @Override
        public boolean allowHandover() {
            return false;
        }

        @Override
        public void onBeforeRoute(Route route, Exchange exchange) {
            // it began before
        }

        @Override
        public void onAfterRoute(Route route, Exchange exchange) {
            if (!route.getRouteId().equals(routeId)) {
                return;
            }
            String fault = exchange.getProperty(FaultProperties.FAULT, String.class);
            int delay = exchange.getProperty(FaultProperties.DELAY, 0, Integer.class);
            Message answer = exchange.getMessage();
            boolean unanswered = fault != null && List.of("no-answer", "cut", "answer-lost").contains(fault);
            int status = unanswered ? 0 : exchange.getException() != null ? 500
                    : answer.getHeader(Exchange.HTTP_RESPONSE_CODE, 200, Integer.class);
            LoggedBody given = unanswered && !"answer-lost".equals(fault) ? LoggedBody.NONE
                    : LoggedBody.of(answer.getBody(), answer.getHeader("Content-Type", String.class));
            List<Map.Entry<String, String>> headers = new ArrayList<>();
            String ticket = null;
            for (Map.Entry<String, String> header : request.headers()) {
                if (header.getKey().equalsIgnoreCase(TICKET)) {
                    ticket = header.getValue();
                } else {
                    headers.add(Map.entry(header.getKey(), header.getValue()));
                }
            }
            log.add(new LoggedCall.Facts(at, kind, request.method().name(), request.uri(), headers, status,
                    (System.nanoTime() - began) / 1e6 + delay, null, fault, null, again(ticket), ticket,
                    exchange.getProperty(FaultProperties.ENDPOINT, String.class)), sent, given);
        }

        private static Long again(String ticket) {
            return ticket != null && ticket.matches("[0-9]{1,15}-[0-9a-f]{16}")
                    ? Long.valueOf(ticket.substring(0, ticket.indexOf('-'))) : null;
        }
    }
}
