package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.waroutes.simulator.call.LoggedCall.Kind;
import io.github.waroutes.simulator.common.Ids;
import io.github.waroutes.simulator.call.LoggedBody;
import io.github.waroutes.simulator.call.LoggedCall;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.webhook.WebhookRetries;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.Message;
import org.apache.camel.Route;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.apache.camel.spi.Registry;
import org.apache.camel.spi.SynchronizationRouteAware;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * The record of calls: what notes them on their way, what shows them, and what makes one again. Refusals are
 * {@link Refusal}s.
 */
public class SimulatorCalls {

    /** Exchange property: the call that is made again. */
    static final String REPLAYED = "simulatorReplayed";
    /** Request header by which a repeated call finds its record. */
    static final String TICKET = "X-Simulator-Replay";

    private static final String POSTING = "simulatorPosting";
    private static final String REPETITION = "simulatorRepetition";
    private static final int MOST_LISTED = 1000;

    /**
     * Notes a request to the simulated Cloud API when it comes in, and its answer when the route is through. Its place is
     * before the route wipes the headers. A body is neither read nor copied here.
     */
    public void watch(Exchange exchange) {
        if (exchange.getMessage() instanceof HttpMessage message) {
            HttpServerRequest request = message.getRequest();
            Kind kind = kind(request.method().name(), request.path());
            if (kind != null) {
                // an upload lies on disk, and the header is Camel's own
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

    /** Notes the answer as soon as the route that took the request has made it, before it leaves. */
    private static final class Watch extends SynchronizationAdapter implements SynchronizationRouteAware {
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
            SimulatorState state = SimulatorState.in(exchange.getContext().getRegistry());
            String fault = exchange.getProperty(SimulatorFaults.STRUCK, String.class);
            int delay = exchange.getProperty(SimulatorFaults.DELAY, 0, Integer.class);
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
            state.calls().add(new LoggedCall(new LoggedCall.Facts(at, kind, request.method().name(), request.uri(), headers, status,
                    millisSince(began) + delay, null, fault, null, again(ticket), ticket,
                    exchange.getProperty(SimulatorFaults.ENDPOINT, String.class)), sent, given, state::userOf));
        }

        private static Long again(String ticket) {
            return ticket != null && ticket.matches("[0-9]{1,15}-[0-9a-f]{16}")
                    ? Long.valueOf(ticket.substring(0, ticket.indexOf('-'))) : null;
        }
    }

    /** Before a webhook is posted, each time. */
    public void posting(@ExchangeProperty(WebhookRetries.ATTEMPTS) int attempts, Exchange exchange) {
        exchange.setProperty(WebhookRetries.ATTEMPTS, attempts + 1);
        Message message = exchange.getMessage();
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (String name : List.of("X-Hub-Signature-256", "Content-Type", "User-Agent")) {
            headers.add(Map.entry(name, message.getHeader(name, "", String.class)));
        }
        exchange.setProperty(POSTING, new Posting(Instant.now(), System.nanoTime(), headers, message.getBody(byte[].class)));
    }

    private record Posting(Instant at, long began, List<Map.Entry<String, String>> headers, byte[] body) {
    }

    /**
     * Notes that a webhook was posted, with what was answered.
     *
     * @param status null when there was no answer
     * @return the HTTP status, 0 for none
     */
    public int posted(@Header(Exchange.HTTP_RESPONSE_CODE) Integer status, @Body InputStream body,
            @ExchangeProperty(POSTING) Posting posting, @ExchangeProperty(WebhookRetries.ATTEMPTS) int attempts,
            @ExchangeProperty(SimulatorFaults.DELIVERY) SimulatorFaults.Delivery delivery, Exchange exchange) throws IOException {
        byte[] answer = status == null || body == null ? null : body.readNBytes(LoggedBody.MOST_SHOWN + 1);
        SimulatorState state = SimulatorState.in(exchange.getContext().getRegistry());
        LoggedCall replayed = exchange.getProperty(REPLAYED, LoggedCall.class);
        LoggedCall call = new LoggedCall(new LoggedCall.Facts(posting.at(), Kind.WEBHOOK, "POST",
                pathOf(exchange.getProperty(Exchange.TO_ENDPOINT, "", String.class)), posting.headers(), status == null ? 0 : status,
                millisSince(posting.began()), exchange.getProperty(SimulatorFaults.USER, String.class),
                delivery == null ? null : delivery.fault(), attempts,
                replayed == null ? null : replayed.seq(), null, null),
                LoggedBody.of(posting.body(), "application/json"), LoggedBody.of(answer, null), state::userOf);
        state.calls().add(call);
        if (replayed != null) {
            exchange.setProperty(REPETITION, call);
        }
        return call.facts().status();
    }

    private static String pathOf(String endpoint) {
        try {
            String path = URI.create(endpoint.split("\\?", 2)[0]).getPath();
            return path == null || path.isEmpty() ? "/" : path;
        } catch (IllegalArgumentException e) {
            return "/";
        }
    }

    private static double millisSince(long began) {
        return (System.nanoTime() - began) / 1e6;
    }

    /**
     * {@code GET /simulator/calls}: the newest first, without bodies and headers.
     *
     * @param limit  1 to 1000; 200 if missing
     * @param user   only calls about this user
     * @param before only calls with a lower number
     */
    public String list(@Header("limit") String limit, @Header("user") String user, @Header("before") String before,
            Registry registry) {
        int most = (int) number(limit, "limit", 200);
        if (most < 1 || most > MOST_LISTED) {
            throw Refusal.plain(400, "limit must be a number from 1 to " + MOST_LISTED);
        }
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        String key = user == null || user.isBlank() ? null : Recipient.of(user).map(Recipient::key)
                .orElseThrow(() -> Refusal.plain(400, "user must be a phone number or a business-scoped user id"));
        SimulatorState.in(registry).calls().list(most, number(before, "before", Long.MAX_VALUE), key)
                .forEach(call -> list.add(call.data()));
        return list.toString();
    }

    /** {@code GET /simulator/calls/{seq}}: one, with bodies and headers. */
    public String show(@Header("seq") String seq, Registry registry) {
        return call(seq, registry).whole().toString();
    }

    /**
     * {@code POST /simulator/calls/{seq}/replay}: says that this call is to be made again.
     *
     * @return the body to make it with
     * @throws Refusal 404 when there is none, 409 when it cannot be made again
     */
    public byte[] again(@Header("seq") String seq, Exchange exchange, Registry registry) {
        LoggedCall call = call(seq, registry);
        if (!call.isReplayable()) {
            throw Refusal.plain(409, "This call cannot be made again: its body was not kept");
        }
        exchange.setProperty(REPLAYED, call);
        if (call.facts().kind() == Kind.WEBHOOK) {
            exchange.setProperty(SimulatorFaults.USER, call.user());
        }
        return call.request().bytes();
    }

    /** Whether the call that is made again is a webhook. */
    public boolean isWebhook(@ExchangeProperty(REPLAYED) LoggedCall call) {
        return call.facts().kind() == Kind.WEBHOOK;
    }

    /** Sets up the request of a call that is made again; its address was once taken by this simulator. */
    public void prepare(@ExchangeProperty(REPLAYED) LoggedCall call, Exchange exchange) {
        String ticket = call.seq() + "-" + HexFormat.of().formatHex(Ids.bytes(8));
        exchange.setProperty(REPETITION, ticket);
        Message message = exchange.getMessage();
        String[] parts = call.facts().path().split("\\?", 2);
        message.setHeader(Exchange.HTTP_METHOD, call.facts().method());
        message.setHeader(Exchange.HTTP_PATH, parts[0]);
        if (parts.length == 2) {
            message.setHeader(Exchange.HTTP_RAW_QUERY, parts[1]);
        }
        message.setHeader(TICKET, ticket);
        for (Map.Entry<String, String> header : call.facts().headers()) {
            if (header.getKey().equalsIgnoreCase("Authorization") || header.getKey().equalsIgnoreCase("Content-Type")) {
                message.setHeader(header.getKey(), header.getValue());
            }
        }
        if (call.request().length() == 0) {
            message.setBody(null);
        }
    }

    /** The answer about a call that was made again: {@code {"seq","status"}}; seq is null if it never came in. */
    public String replayed(@ExchangeProperty(REPETITION) Object repetition, @Body Object body, Registry registry) {
        Optional<LoggedCall> call = repetition instanceof LoggedCall made ? Optional.of(made)
                : SimulatorState.in(registry).calls().repetition(String.valueOf(repetition));
        return JsonNodeFactory.instance.objectNode().put("seq", call.map(LoggedCall::seq).orElse(null))
                .put("status", call.map(made -> made.facts().status()).orElse(0)).toString();
    }

    private static LoggedCall call(String seq, Registry registry) {
        return SimulatorState.in(registry).calls().call(number(seq, "The call in the path", 0))
                .orElseThrow(() -> Refusal.plain(404, "There is no such call, or it is forgotten"));
    }

    private static long number(String text, String what, long missing) {
        if (text == null) {
            return missing;
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw Refusal.plain(400, what + " must be a number");
        }
        return Long.parseLong(text);
    }
}
