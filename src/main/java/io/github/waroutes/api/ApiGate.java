package io.github.waroutes.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;

import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberRegistry;
import io.github.waroutes.number.NumberSettings;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * What every request to the API passes first: bearer token, method, content type, headers. Nothing of the body is read before.
 * Afterwards the exchange has no header left; what was in them is in its {@link ApiCall}.
 */
public class ApiGate {

    private static final Pattern BEARER = Pattern.compile("(?i)bearer +([!-~]+) *");
    private static final Pattern KEY = Pattern.compile("[!-~]{1,128}");
    private static final Pattern NUMBER = Pattern.compile("[0-9A-Za-z_-]{1,64}");
    private static final Pattern MEDIA_TYPE = Pattern.compile("[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}( *;[ -~]{0,200})?");
    private static final Pattern FILENAME = Pattern.compile("[^\\p{Cntrl}/\\\\\"]{1,240}");
    /** An exchange variable: the request's method. */
    static final String METHOD = "whatsappApiMethod";
    static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");
    private static final Pattern NAMED = Pattern.compile("[!-~]{1,256}");

    private final NumberLookup numbers = new NumberLookup();
    private ApiTokens tokens = new ApiTokens("");
    private Duration patience = Duration.ofSeconds(30);
    private Semaphore requests = new Semaphore(32);
    private Semaphore streams = new Semaphore(16);

    /** @param token of all numbers, or several with commas between while one replaces another; empty lets in only those of single numbers */
    public void setToken(String token) {
        tokens = new ApiTokens(token);
    }

    /** @param milliseconds how long to wait for the next piece of a body */
    public void setReadTimeout(long milliseconds) {
        patience = Duration.ofMillis(positive("whatsapp.api.read-timeout", milliseconds));
    }

    /** @param number how many requests may be under way at the same moment: whatever they wait for, webhooks have the other threads */
    public void setMaxRequests(int number) {
        requests = new Semaphore((int) positive("whatsapp.api.max-requests", number));
    }

    /** @param number how many requests may stream a body in at the same moment; of those that may be under way */
    public void setMaxStreams(int number) {
        streams = new Semaphore((int) positive("whatsapp.api.max-streams", number));
    }

    static long positive(String property, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(property + " must be at least 1, and is " + value + '.');
        }
        return value;
    }

    /**
     * Lets a request in.
     *
     * @param endpoint a name for metrics
     * @param method   the method that the address takes, or several with commas between; the request's goes into the variable {@value #METHOD}
     * @param type     the content type of a body that is posted, put or patched; {@code any} for one of every type, {@code none} for no body
     * @throws ApiException 400, 401, 405 or 415; 503 if too many are under way
     */
    public void open(String endpoint, String method, String type, Exchange exchange) {
        Message in = exchange.getMessage();
        ApiCall call = new ApiCall(endpoint);
        call.request = RequestBody.of(in.getBody(), patience);
        call.on(exchange);
        String authorization = header(in, "Authorization");
        String query = header(in, Exchange.HTTP_QUERY);
        String actual = header(in, Exchange.HTTP_METHOD);
        String path = header(in, Exchange.HTTP_PATH);
        call.contentType = header(in, "Content-Type");
        call.idempotencyKey = header(in, "Idempotency-Key");
        call.phoneNumberId = header(in, "X-WhatsApp-Phone-Number-Id");
        String number = header(in, "X-WhatsApp-Number");
        call.filename = header(in, "X-Filename");
        String length = header(in, "Content-Length");
        call.length = length != null && length.matches("\\d{1,18}") ? Long.parseLong(length) : 0;
        in.removeHeaders("*");
        in.setBody(null);
        if (query != null && !query.isEmpty()) {
            // query parameters arrive as headers too, beside the real ones
            throw new ApiException(400, "bad-request", "The API takes no query parameters. Give what you want to say in headers"
                    + " and in the body.");
        }
        NumberSettings settings = numbers.in(exchange.getContext());
        NumberRegistry registry = settings == null ? null : settings.registry();
        letIn(call, authorization, registry);
        take(requests, exchange, "Too many requests are under way (whatsapp.api.max-requests).");
        if (!List.of(method.split(",")).contains(actual)) {
            throw new MethodNotAllowed(method.replace(",", ", "));
        }
        exchange.setVariable(METHOD, actual);
        mediaType(call, WITH_BODY.contains(actual) ? type : "none");
        form(KEY, call.idempotencyKey, "Idempotency-Key", "must be 1 to 128 visible ASCII characters");
        form(NUMBER, call.phoneNumberId, "X-WhatsApp-Phone-Number-Id", "must be Meta's id of a number, not the phone number");
        numberByName(call, number, registry);
        number(call, registry);
        form(FILENAME, call.filename, "X-Filename", "must be a plain file name of up to 240 characters");
        call.named = named(path);
        call.parent = named(path == null ? null : path.substring(0, Math.max(0, path.lastIndexOf('/'))));
        call.body = call.request.stream();
    }

    /** Lets a request in whose body may be long, if not too many such are there. */
    public void openStream(String endpoint, String method, String type, Exchange exchange) {
        open(endpoint, method, type, exchange);
        take(streams, exchange, "Too many bodies are being streamed in (whatsapp.api.max-streams).");
    }

    private static void take(Semaphore room, Exchange exchange, String none) {
        if (!room.tryAcquire()) {
            throw new ApiException(503, "too-busy", none + " Send the request again in a few seconds.");
        }
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                room.release();
            }
        });
    }

    /** Lets anybody in, for what is no secret. */
    public void openToAll(String endpoint, Exchange exchange) {
        Message in = exchange.getMessage();
        ApiCall call = new ApiCall(endpoint);
        call.request = RequestBody.of(in.getBody(), patience);
        call.on(exchange);
        String actual = header(in, Exchange.HTTP_METHOD);
        in.removeHeaders("*");
        in.setBody(null);
        if (!"GET".equals(actual)) {
            throw new MethodNotAllowed("GET");
        }
    }

    private static String header(Message in, String name) {
        Object value = in.getHeader(name);
        // one that came twice is a list, which is none of the forms below
        return value == null ? null : value.toString();
    }

    private void letIn(ApiCall call, String authorization, NumberRegistry registry) {
        var given = BEARER.matcher(authorization == null ? "" : authorization);
        ApiTokens.Grant grant = tokens.find(given.matches() ? given.group(1) : "", registry);
        if (grant == null) {
            throw new ApiException(401, "unauthorized", tokens.none(registry)
                    ? "The send API is switched off: whatsapp.api.token is not set."
                    : "Send the header Authorization: Bearer TOKEN, with the token that whatsapp.api.token, or your number's api-token, has.");
        }
        call.owner = grant.owner();
        call.numbers = grant.numbers();
    }

    private static void mediaType(ApiCall call, String type) {
        if (type.equals("none")) {
            return;
        }
        String given = call.contentType == null ? "" : call.contentType.trim();
        boolean fits = type.equals("any")
                ? MEDIA_TYPE.matcher(given).matches()
                : given.split(";", 2)[0].trim().toLowerCase(Locale.ROOT).equals(type);
        if (!fits) {
            throw new ApiException(415, "media-type", type.equals("any")
                    ? "Send the header Content-Type with the type of the file, such as image/jpeg."
                    : "Send the body as " + type + ", and say so in the header Content-Type.", "Content-Type");
        }
    }

    private static void form(Pattern form, String value, String header, String rule) {
        if (value != null && !form.matcher(value).matches()) {
            throw new ApiException(400, "bad-request", "The header " + header + ' ' + rule + '.', header);
        }
    }

    private static void numberByName(ApiCall call, String name, NumberRegistry registry) {
        if (name == null || registry == null) {
            return;
        }
        BusinessNumber number = registry.byName(name.strip());
        if (number == null || !call.mayUse(number.phoneNumberId())) {
            throw new ApiException(400, "bad-request", "The header X-WhatsApp-Number names no number that this token may use. There are: "
                    + names(call, registry), "X-WhatsApp-Number");
        }
        if (call.phoneNumberId != null && !call.phoneNumberId.equals(number.phoneNumberId())) {
            throw new ApiException(400, "bad-request", "The headers X-WhatsApp-Number and X-WhatsApp-Phone-Number-Id name two numbers. Give one"
                    + " of them.", "X-WhatsApp-Number");
        }
        call.phoneNumberId = number.phoneNumberId();
    }

    /** A token of single numbers uses the first of them when the request names none. */
    private static void number(ApiCall call, NumberRegistry registry) {
        if (call.numbers != null && call.phoneNumberId == null) {
            call.phoneNumberId = call.numbers.get(0).phoneNumberId();
        }
        if (!call.mayUse(call.phoneNumberId)) {
            throw new ApiException(400, "bad-request", "The header X-WhatsApp-Phone-Number-Id names no number that this token may use. There"
                    + " are: " + names(call, registry), "X-WhatsApp-Phone-Number-Id");
        }
        call.number = call.phoneNumberId != null || registry == null ? call.phoneNumberId : registry.first().phoneNumberId();
    }

    private static String names(ApiCall call, NumberRegistry registry) {
        return NumberSettings.names(call.numbers != null ? call.numbers : registry.all());
    }

    private static String named(String path) {
        String last = path == null ? "" : path.substring(path.lastIndexOf('/') + 1);
        try {
            String decoded = URLDecoder.decode(last.replace("+", "%2B"), StandardCharsets.UTF_8);
            return NAMED.matcher(decoded).matches() ? decoded : "";
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** 405, and the method that would do. */
    static final class MethodNotAllowed extends ApiException {

        private static final long serialVersionUID = 1L;

        private final String allowed;

        MethodNotAllowed(String allowed) {
            super(405, "method", "Use the method " + allowed.replace(", ", " or ") + '.');
            this.allowed = allowed;
        }

        String allowed() {
            return allowed;
        }
    }
}
