package io.github.waroutes.simulator;

import io.vertx.core.buffer.Buffer;
import java.time.Clock;
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
 * Remembers the requests of the application, the oldest go first; not those of the control API. It sees a request before its
 * route has wiped the headers, and its answer before it leaves. Thread-safe.
 */
final class GraphCalls implements RoutePolicyFactory {

    private static final int MAX_CALLS = 10_000;
    private static final String KEY = "simulatorCall";
    private static final String FROM = "platform-http:";
    private static final List<String> PATHS = List.of("/graph", "/simulator/media/", "/simulator/v1/");

    private final Clock clock;
    private final Map<Long, GraphCall> calls = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, GraphCall> eldest) {
            return size() > MAX_CALLS;
        }
    };
    private long lastKey;

    GraphCalls(Clock clock) {
        this.clock = clock;
    }

    /** In the order they came. */
    synchronized List<GraphCall> list() {
        return List.copyOf(calls.values());
    }

    synchronized void clear() {
        calls.clear();
    }

    private synchronized long begin(String method, String path, byte[] body) {
        calls.put(++lastKey, GraphCall.begun(clock.instant(), method, path, body));
        return lastKey;
    }

    private synchronized void end(long key, int status, String answer, String fault) {
        calls.computeIfPresent(key, (same, call) -> call.answered(status, answer, fault));
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
                    exchange.getProperty(SimulatorFaults.STRUCK, String.class));
        }

        /** Files are not read. */
        private static byte[] bytes(Object body) {
            return body instanceof Buffer buffer ? buffer.getBytes() : body instanceof byte[] bytes ? bytes : null;
        }
    }
}
