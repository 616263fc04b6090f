package io.github.waroutes.simulator.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.common.Events;
import io.github.waroutes.simulator.common.Recipient;
import io.github.waroutes.simulator.common.SendBody;
import io.github.waroutes.simulator.fault.FaultPlan;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One call between the business and the simulated Cloud API. Its details are read from its body on first use.
 * Thread-safe.
 */
public final class LoggedCall extends Events.Source {

    private static final Pattern SECRET_PARAMETER =
            Pattern.compile("(?i)([?&](?:token|access_token|input_token|appsecret_proof|hub\\.verify_token)=)([^&]*)");
    private static final Set<String> SECRET_HEADERS = Set.of("authorization", "x-hub-signature-256", "x-hub-signature", "cookie",
            "proxy-authorization");

    private static final Pattern SENDING = Pattern.compile("^[^?]*/(marketing_)?messages(\\?|$)");

    /** The kinds of calls. */
    public enum Kind {
        GRAPH, WEBHOOK, MEDIA, TRANSCRIPTION;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * The facts of a call.
     *
     * @param path     with its query, as it was sent
     * @param headers  as they were sent
     * @param status   0 when no answer came or could be sent
     * @param user     {@link Recipient#key} if known already, or null: it is read from the request
     * @param fault    the fault of the call, or null
     * @param attempts how often it was tried, or null
     * @param again    the number of the call this one repeats, or null
     * @param ticket   identifies the request for the repetition, or null
     * @param endpoint the {@link FaultPlan.Endpoint} that was called, or null if it was refused before that was known
     */
    public record Facts(Instant at, Kind kind, String method, String path, List<Map.Entry<String, String>> headers, int status,
            double millis, String user, String fault, Integer attempts, Long again, String ticket, String endpoint) {
    }

    private record About(String user, String summary) {
    }

    private final Facts facts;
    private final UserOfMessage userOfMessage;
    private long seq;
    private LoggedBody request;
    private LoggedBody response;
    private About about;

    /** @param userOfMessage finds the user of a message id */
    LoggedCall(Facts facts, LoggedBody request, LoggedBody response, UserOfMessage userOfMessage) {
        this.facts = facts;
        this.request = request;
        this.response = response;
        this.userOfMessage = userOfMessage;
    }

    public Facts facts() {
        return facts;
    }

    public synchronized long seq() {
        return seq;
    }

    synchronized void number(long seq) {
        this.seq = seq;
    }

    public synchronized LoggedBody request() {
        return request;
    }

    /** Releases the bodies. */
    synchronized void drop() {
        about();
        request = LoggedBody.NONE;
        response = LoggedBody.NONE;
    }

    /** Approximate memory use. */
    synchronized long weight() {
        long headers = facts.headers().stream().mapToLong(header -> header.getKey().length() + header.getValue().length()).sum();
        return 512 + headers + facts.path().length() + request.weight() + response.weight();
    }

    /** Whether it can be made again as it was. */
    public synchronized boolean isReplayable() {
        return request.isWhole() && (facts.kind() == Kind.WEBHOOK && !isHandshake() || facts.kind() == Kind.GRAPH || isDownload());
    }

    private boolean isHandshake() {
        return facts.kind() == Kind.WEBHOOK && facts.method().equals("GET");
    }

    private boolean isDownload() {
        return facts.kind() == Kind.MEDIA && facts.method().equals("GET");
    }

    @Override
    public String user() {
        if (facts.user() != null) {
            return facts.user();
        }
        synchronized (this) {
            return about().user();
        }
    }

    @Override
    public String event() {
        return "call";
    }

    /** A summary without bodies and headers. */
    @Override
    public synchronized ObjectNode data() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("seq", seq).put("at", facts.at().toString())
                .put("kind", facts.kind().toString()).put("summary", about().summary()).put("method", facts.method())
                .put("path", maskedPath()).put("status", facts.status())
                .put("duration_ms", Math.round(facts.millis() * 10) / 10.0).put("endpoint", endpoint());
        if (about().user() != null) {
            json.put("user", about().user());
        }
        if (facts.fault() != null) {
            json.put("fault", facts.fault());
        }
        if (facts.attempts() != null) {
            json.put("attempts", facts.attempts());
        }
        if (facts.again() != null) {
            json.put("replay_of", facts.again());
        }
        return json.put("replayable", isReplayable());
    }

    /** With bodies and headers. */
    public synchronized ObjectNode whole() {
        ObjectNode json = data();
        ObjectNode headers = json.putObject("request_headers");
        facts.headers().forEach(header -> headers.put(header.getKey(), SECRET_HEADERS.contains(
                header.getKey().toLowerCase(java.util.Locale.ROOT)) ? masked(header.getValue()) : header.getValue()));
        json.set("request", request.shown());
        json.set("response", response.shown());
        if (request.isCut() || response.isCut()) {
            json.put("truncated", true);
        }
        return json;
    }

    /** Masks a secret but for its last four characters; a prefix stays, as in {@code Bearer …cdef} and {@code sha256=…cdef}. */
    static String masked(String secret) {
        Matcher named = Pattern.compile("^((?i:Bearer |Basic |sha256=|sha1=)?)(.*)$", Pattern.DOTALL).matcher(secret);
        named.matches();
        String rest = named.group(2);
        return named.group(1) + "…" + (rest.length() < 8 ? "" : rest.substring(rest.length() - 4));
    }

    private String maskedPath() {
        return SECRET_PARAMETER.matcher(facts.path()).replaceAll(
                found -> Matcher.quoteReplacement(found.group(1) + masked(found.group(2))));
    }

    private String endpoint() {
        if (facts.endpoint() != null) {
            return facts.endpoint();
        }
        FaultPlan.Endpoint usual = switch (facts.kind()) {
            case WEBHOOK -> FaultPlan.Endpoint.WEBHOOK;
            case TRANSCRIPTION -> FaultPlan.Endpoint.TRANSCRIPTION;
            case MEDIA -> isDownload() ? FaultPlan.Endpoint.MEDIA_DOWNLOAD : FaultPlan.Endpoint.MEDIA;
            case GRAPH -> SENDING.matcher(facts.path()).find() ? FaultPlan.Endpoint.MESSAGES : FaultPlan.Endpoint.ACCOUNT;
        };
        return usual.toString();
    }

    private About about() {
        if (about == null) {
            JsonNode sent = request.object().orElse(JsonNodeFactory.instance.objectNode());
            about = facts.kind() == Kind.WEBHOOK ? ofWebhook(sent) : ofRequest(sent);
        }
        return about;
    }

    private About ofWebhook(JsonNode sent) {
        JsonNode change = sent.at("/entry/0/changes/0");
        JsonNode value = change.path("value");
        String what = isHandshake() ? "handshake" : change.path("field").asText();
        JsonNode item = value.at("/messages/0");
        int more = value.path("messages").size();
        if (item.isObject()) {
            what = item.path("type").asText();
        } else if (value.at("/statuses/0").isObject()) {
            item = value.at("/statuses/0");
            more = value.path("statuses").size();
            what = "status " + item.path("status").asText();
        }
        String user = facts.user();
        for (String field : List.of("from", "from_user_id", "recipient_id", "recipient_user_id")) {
            user = user == null ? item.path(field).textValue() : user;
        }
        return new About(user, "webhook " + what + (more > 1 ? " (" + more + ")" : "") + outcome());
    }

    private About ofRequest(JsonNode sent) {
        String[] steps = facts.path().split("\\?", 2)[0].split("/");
        String last = steps.length == 0 ? "" : steps[steps.length - 1];
        if (last.matches("[0-9]+")) {
            last = facts.kind() == Kind.MEDIA ? "file" : "object " + last;
        }
        String user = facts.user();
        String what = "";
        if (last.endsWith("messages") && sent.has("messaging_product")) {
            if (SendBody.isReadMark(sent)) {
                what = sent.has("typing_indicator") ? " read, typing" : " read";
                user = user == null ? userOfMessage.userOf(sent.path("message_id").asText()).orElse(null) : user;
            } else {
                what = " " + abbreviated(SendBody.typeOf(sent));
                String input = SendBody.inputOf(sent);
                user = user == null ? Recipient.of(input).map(Recipient::key).orElse(null) : user;
            }
        }
        return new About(user, facts.method() + " " + last + what + outcome());
    }

    private static String abbreviated(String type) {
        return type.length() > 40 ? type.substring(0, 40) : type;
    }

    private String outcome() {
        if (facts.status() == 0) {
            return " → no answer";
        }
        if (facts.status() < 400 || facts.kind() == Kind.WEBHOOK) {
            return " → " + facts.status();
        }
        JsonNode code = response.object().map(answer -> answer.at("/error/code")).orElse(null);
        return " → " + facts.status() + (code != null && code.isInt() ? " (" + code.intValue() + ")" : "");
    }
}
