package io.github.waroutes.simulator;

import io.github.waroutes.simulator.fault.FaultProperties;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;

/**
 * Records the requests of the application, except those to the control API: the last {@value #MAX_CALLS}, and 64 MiB of bodies. It sees a
 * request before its route removes the headers, and its response before it is written. Thread-safe.
 */
final class GraphCallRecorder implements RoutePolicyFactory {

    static final int MAX_CALLS = 10_000;
    static final long MAX_BYTES = 64L << 20;
    /** Of a larger body only the length is kept. */
    static final int MAX_BODY = 1 << 20;
    private static final int OVERHEAD = 512;
    private static final String KEY = "simulatorCall";
    private static final String FROM = "platform-http:";
    private static final List<String> PATHS = List.of("/graph", "/simulator/media/", "/simulator/v1/");

    private final Clock clock;
    private final long mostBytes;
    private final Map<Long, Kept> calls = new LinkedHashMap<>();
    private long bytes;
    private boolean recording = true;
    private long lastKey;

    /** A call and about how much memory it takes. */
    private record Kept(GraphCall call, long bytes) {
    }

    GraphCallRecorder(Clock clock) {
        this(clock, MAX_BYTES);
    }

    /** @param mostBytes of the bodies that are kept */
    GraphCallRecorder(Clock clock, long mostBytes) {
        this.clock = clock;
        this.mostBytes = mostBytes;
    }

    /** Forgets all calls and records no more. */
    synchronized void stop() {
        recording = false;
        clear();
    }

    /** In the order they came. */
    synchronized List<GraphCall> list() {
        return calls.values().stream().map(Kept::call).toList();
    }

    synchronized void clear() {
        calls.clear();
        bytes = 0;
    }

    synchronized long begin(String method, String path, byte[] body) {
        lastKey++;
        if (recording) {
            boolean whole = body == null || body.length <= MAX_BODY;
            put(lastKey, whole ? GraphCall.begun(clock.instant(), method, path, body)
                    : GraphCall.begunLarge(clock.instant(), method, path, body.length), whole ? size(body) : 0);
        }
        return lastKey;
    }

    private static int size(byte[] body) {
        return body == null ? 0 : body.length;
    }

    synchronized void end(long key, int status, String answer, String fault) {
        Kept kept = calls.get(key);
        if (kept != null) {
            put(key, kept.call().answered(status, answer, fault),
                    kept.bytes() - OVERHEAD + (answer == null ? 0 : answer.length()));
        }
    }

    private void put(long key, GraphCall call, long size) {
        Kept kept = new Kept(call, size + OVERHEAD);
        Kept before = calls.put(key, kept);
        bytes += kept.bytes() - (before == null ? 0 : before.bytes());
        Iterator<Kept> oldest = calls.values().iterator();
        while (calls.size() > MAX_CALLS || bytes > mostBytes && calls.size() > 1) {
            bytes -= oldest.next().bytes();
            oldest.remove();
        }
    }

    @Override
    public RoutePolicy createRoutePolicy(CamelContext camelContext, String routeId, NamedNode route) {
        String uri = route instanceof RouteDefinition definition ? definition.getInput().getEndpointUri() : "";
        return PATHS.stream().anyMatch(path -> uri.startsWith(FROM + path)) ? new Recorder() : null;
    }

    private final class Recorder extends RoutePolicySupport {

        @Override
        public void onExchangeBegin(Route route, Exchange exchange) {
            Message message = exchange.getMessage();
            exchange.setProperty(KEY, begin(message.getHeader(Exchange.HTTP_METHOD, String.class),
                    message.getHeader(Exchange.HTTP_PATH, String.class), bytes(message.getBody())));
        }

        @Override
        public void onExchangeDone(Route route, Exchange exchange) {
            Message message = exchange.getMessage();
            Integer status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
            end(exchange.getProperty(KEY, Long.class), status == null ? exchange.getException() == null ? 200 : 500 : status,
                    message.getBody() instanceof String text ? text : null,
                    exchange.getProperty(FaultProperties.FAULT, String.class));
        }

        /** Not of files. */
        private static byte[] bytes(Object body) {
            return body instanceof Buffer buffer ? buffer.getBytes() : body instanceof byte[] bytes ? bytes : null;
        }
    }
}
