package io.github.waroutes.simulator.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.call.CallLog;
import io.github.waroutes.simulator.call.LoggedBody;
import io.github.waroutes.simulator.call.LoggedCall;
import io.github.waroutes.simulator.common.ControlRequest;
import io.github.waroutes.simulator.common.LoopbackOnly;
import io.github.waroutes.simulator.common.Parameters;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.github.waroutes.simulator.webhook.Callbacks.Scope;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;

/**
 * Where webhooks go, and the handshake that proves a new callback. Source: WhatsApp Cloud API, "Create a webhook endpoint": a
 * callback is taken when it answers {@code GET ?hub.mode=subscribe&hub.challenge=…&hub.verify_token=…} with 200 and the challenge.
 */
public class CallbackHandshake {

    /** Exchange property: the field of the webhook in the body; messages if it is not there. */
    public static final String FIELD = "simulatorField";
    /** Exchange property: the {@link RequestedCallback}. */
    static final String ASKED = "simulatorCallback";
    /** Exchange property: the challenge the callback was sent. */
    static final String CHALLENGE = "simulatorChallenge";
    /** Exchange property: true when the configured callback failed its handshake, so that it gets no webhook. */
    static final String REFUSED = "simulatorCallbackRefused";

    private static final String HANDSHAKE = "simulatorHandshake";

    private static final int MAX_URL = 2048;
    private static final int MAX_TOKEN = 1024;

    private final Callbacks callbacks;
    private final CallLog log;
    private final SimulatedNumbers numbers;

    public CallbackHandshake(Callbacks callbacks, CallLog log, SimulatedNumbers numbers) {
        this.callbacks = callbacks;
        this.log = log;
        this.numbers = numbers;
    }

    /**
     * A callback that was requested.
     *
     * @param number whose it is, or whose account's or app's
     * @param url    empty to remove it
     * @param token  null for no handshake
     */
    record RequestedCallback(Scope scope, SimulatedNumber number, String url, String token) {
    }

    /** The address of the webhook in the body. */
    public String address(@ExchangeProperty(FIELD) String field,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        return callbacks.of(field == null ? "messages" : field, number);
    }

    /** {@code POST /simulator/callback?number=… {"url","verify_token"?}}: keeps the requested callback of the number's app for the handshake. */
    public void ask(@Header("Content-Type") String contentType, @Header("number") String name, @Body byte[] body, Exchange exchange) {
        SimulatedNumber number = numbers.named(name);
        exchange.setProperty(SimulatedNumbers.NUMBER, number);
        JsonNode request = ControlRequest.object(contentType, body, "{\"url\":\"http://127.0.0.1:8080/webhook\",\"verify_token\":\"…\"}");
        ControlRequest.only(request, Set.of("url", "verify_token"), "A callback takes url and verify_token; nothing else");
        String url = ControlRequest.text(request, "url", MAX_URL);
        if (!LoopbackOnly.isLocal(url)) {
            throw Refusal.plain(400, "url must be an http address on this machine, such as http://127.0.0.1:8080/webhook");
        }
        String token = request.has("verify_token") ? ControlRequest.text(request, "verify_token", MAX_TOKEN)
                : number.verifyToken().isEmpty() ? null : number.verifyToken();
        exchange.setProperty(ASKED, new RequestedCallback(Scope.APP, number, url, token));
    }

    /** {@code POST /{account}/subscribed_apps} with or without {@code override_callback_uri} and {@code verify_token}. */
    public void askForAccount(@Header("Content-Type") String contentType, @Header("override_callback_uri") String uri,
            @Header("verify_token") String token, @Body byte[] body, Exchange exchange) {
        JsonNode request = Parameters.read(contentType, body);
        override(Scope.ACCOUNT, uri == null ? Parameters.text(request, "override_callback_uri") : uri,
                token == null ? Parameters.text(request, "verify_token") : token, exchange);
    }

    /**
     * {@code POST /{phone_number_id}} with {@code webhook_configuration.override_callback_uri} and {@code .verify_token}, the empty
     * string to remove it; or with {@code pin}.
     */
    public void askForNumber(@Header("Content-Type") String contentType, @Body byte[] body, Exchange exchange) {
        JsonNode request = Parameters.read(contentType, body);
        if (!request.has("webhook_configuration")) {
            String pin = Parameters.text(request, "pin");
            if (pin == null || !pin.matches("[0-9]{6}")) {
                throw Refusal.invalidParameter("webhook_configuration, an object, or pin, six digits, is missing");
            }
            return;
        }
        JsonNode configuration = request.path("webhook_configuration");
        String uri = Parameters.text(configuration, "override_callback_uri");
        if (uri == null) {
            throw Refusal.missingParameter("webhook_configuration.override_callback_uri is missing");
        }
        override(Scope.NUMBER, uri, Parameters.text(configuration, "verify_token"), exchange);
    }

    private static void override(Scope scope, String uri, String token, Exchange exchange) {
        SimulatedNumber number = exchange.getProperty(SimulatedNumbers.NUMBER, SimulatedNumber.class);
        if (uri == null) {
            // without an override Meta goes back to the app's callback
            exchange.setProperty(ASKED, new RequestedCallback(scope, number, "", null));
            return;
        }
        if (!uri.isEmpty()) {
            if (token == null || token.isEmpty() || token.length() > MAX_TOKEN) {
                throw Refusal.missingParameter("verify_token is missing, or is no text of 1 to " + MAX_TOKEN + " characters");
            }
            if (uri.length() > MAX_URL || !LoopbackOnly.isLocal(uri)) {
                throw Refusal.callbackRefused("the simulator posts to its own machine only: override_callback_uri must be an"
                        + " address such as http://127.0.0.1:8080/webhook");
            }
        }
        exchange.setProperty(ASKED, new RequestedCallback(scope, number, uri, uri.isEmpty() ? null : token));
    }

    /** Whether a handshake must precede the requested callback. */
    public boolean mustAnswer(@ExchangeProperty(ASKED) RequestedCallback asked) {
        return asked != null && asked.token() != null;
    }

    /** Whether the app is not subscribed to the field of the webhook in the body, so that nobody gets it. */
    public boolean isUnsubscribed(@ExchangeProperty(FIELD) String field, @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        return !callbacks.isSubscribed(field == null ? "messages" : field, number);
    }

    /** {@code POST /simulator/subscription?number=… {"fields":["messages"]}}: what the number's app is subscribed to; an empty list: it has no callback. */
    public String subscribe(@Header("Content-Type") String contentType, @Header("number") String name, @Body byte[] body) {
        JsonNode request = ControlRequest.object(contentType, body, "{\"fields\":[\"messages\"]}");
        ControlRequest.only(request, Set.of("fields"), "The body takes fields; nothing else");
        Set<String> fields = new LinkedHashSet<>();
        request.path("fields").forEach(field -> fields.add(field.asText()));
        if (!request.path("fields").isArray() || !fields.stream().allMatch(field -> field.matches("[a-z_]{1,100}"))) {
            throw Refusal.plain(400, "fields must be a list of webhook fields, such as [\"messages\"]; an empty one is an app without a callback");
        }
        callbacks.subscribe(numbers.named(name), fields);
        return request.toString();
    }

    /** Whether the webhook in the body would go to the configured callback before that has answered a handshake. */
    public boolean isUnproven(@ExchangeProperty(FIELD) String field,
            @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        return !number.verifyToken().isEmpty() && !callbacks.isProven(number)
                && callbacks.isConfigured(field == null ? "messages" : field, number);
    }

    /** Requests the configured callback itself. */
    public void askForConfigured(@ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number, Exchange exchange) {
        exchange.setProperty(ASKED, new RequestedCallback(Scope.APP, number, callbacks.configured(number), number.verifyToken()));
    }

    /** A handshake under way. */
    public record Asking(Instant at, long began, String path) {
    }

    /** The address of the handshake, without a query. */
    public String handshakeAddress(@ExchangeProperty(ASKED) RequestedCallback asked) {
        return asked.url().split("\\?", 2)[0];
    }

    /** The query of the handshake; it has a new challenge each time. */
    public String handshakeQuery(@ExchangeProperty(ASKED) RequestedCallback asked, Exchange exchange) {
        String challenge = Integer.toString(ThreadLocalRandom.current().nextInt(1_000_000_000, Integer.MAX_VALUE));
        exchange.setProperty(CHALLENGE, challenge);
        String[] own = asked.url().split("\\?", 2);
        String query = (own.length > 1 ? own[1] + "&" : "") + "hub.mode=subscribe&hub.challenge=" + challenge
                + "&hub.verify_token=" + URLEncoder.encode(asked.token(), StandardCharsets.UTF_8).replace("+", "%20");
        exchange.setProperty(HANDSHAKE, new Asking(Instant.now(), System.nanoTime(), own[0] + '?' + query));
        return query;
    }

    /** Records a handshake as a call, whatever its result. */
    public void note(@Header(Exchange.HTTP_RESPONSE_CODE) Integer status, @Body String answer, @ExchangeProperty(HANDSHAKE) Asking asking) {
        byte[] given = status == null || answer == null ? null : answer.getBytes(StandardCharsets.UTF_8);
        log.add(new LoggedCall.Facts(asking.at(), LoggedCall.Kind.WEBHOOK, "GET", asking.path(), List.of(),
                status == null ? 0 : status, (System.nanoTime() - asking.began()) / 1e6, null, null, null, null, null, null),
                LoggedBody.NONE, LoggedBody.of(given, null));
    }

    /**
     * What is wrong with the answer to a handshake; empty if it is right.
     *
     * @param status the HTTP status, null when there was no answer
     */
    public String judge(@Header(Exchange.HTTP_RESPONSE_CODE) Integer status, @Body String answer,
            @ExchangeProperty(CHALLENGE) String challenge) {
        if (status == null) {
            return "the callback did not answer";
        }
        if (status != 200) {
            return "HTTP Status Code = " + status;
        }
        return challenge.equals(answer == null ? "" : answer.strip()) ? "" : "the answer was not the challenge";
    }

    /** Sets the requested callback, unless its handshake failed; {@code problem} is the result of {@link #judge}. */
    public void take(@ExchangeProperty(ASKED) RequestedCallback asked, @Body String problem) {
        if (asked == null) {
            return;
        }
        if (asked.token() != null && !problem.isEmpty()) {
            throw asked.scope() == Scope.APP
                    ? Refusal.plain(400, "The callback was not taken: " + problem + ". It must answer GET with 200 and the"
                            + " value of hub.challenge, if hub.verify_token is its own")
                    : Refusal.callbackRefused(problem);
        }
        if (asked.url().isEmpty()) {
            callbacks.clear(asked.scope(), asked.number());
        } else {
            callbacks.set(asked.scope(), asked.number(), asked.url());
        }
    }

    /** Records the result of the configured callback's handshake. */
    public void prove(@Body String problem, @ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number,
            Exchange exchange) {
        callbacks.setProven(number, problem.isEmpty());
        exchange.setProperty(REFUSED, !problem.isEmpty());
    }

    /** {@code GET /simulator/callback?number=…}: {@code {"url","account"?,"number"?}}, the app's and the overrides. */
    public String show(@Header("number") String name) {
        SimulatedNumber number = numbers.named(name);
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("url", callbacks.ofApp(number));
        callbacks.get(Scope.ACCOUNT, number).ifPresent(url -> json.put("account", url));
        callbacks.get(Scope.NUMBER, number).ifPresent(url -> json.put("number", url));
        return json.toString();
    }

    /** {@code DELETE /simulator/callback}: back to the configured callbacks, without overrides. */
    public String reset() {
        callbacks.clearAll();
        return show(null);
    }
}
