package io.github.waroutes.error;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.http.base.HttpOperationFailedException;

/**
 * Turns every failure at the HTTP boundary, and every error a webhook reports, into a {@link WhatsAppException}.
 * Thread-safe.
 *
 * <p>The context is what the caller knows of the call and wants to see in the exception: {@code endpoint},
 * {@code media_id}, {@code template}, {@code phone_number_id}, … A {@code media_id} or {@code template} becomes a field
 * of the media or template exception. It must hold nothing personal. Parts of the answer reach the message only after
 * {@link Masking#text(String)}; the body itself reaches nothing.
 */
public class GraphErrorTranslator {

    /** The {@code endpoint} in the context of a call that fetches the bytes of a media file from its URL. */
    public static final String MEDIA_DOWNLOAD = "media_download";

    private static final int LONGEST_DETAILS = 300;
    private static final int OBJECT_UNKNOWN = 33;
    private static final Set<String> OF_OBJECTS = Set.of("message_templates", "message_qrdls");
    private static final int INVALID_PARAMETER = 100;
    /** Meta has no code of its own for one that is missing or wrong: it is in the message of code 100. */
    private static final String PROOF = "appsecret_proof";
    private static final Pattern CODE_PREFIX = Pattern.compile("^\\(#\\d+\\)\\s*");
    private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Cc}\\p{Cf}]+");
    private static final Pattern TRACE_ID = Pattern.compile("[A-Za-z0-9_+/=.-]{1,100}");
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,63}");

    private final GraphErrorCatalogue catalogue;
    private final Clock clock;
    private final ObjectMapper mapper = new ObjectMapper();

    public GraphErrorTranslator(GraphErrorCatalogue catalogue) {
        this(catalogue, Clock.systemUTC());
    }

    /** @param clock tells how far away the date of a {@code Retry-After} is */
    public GraphErrorTranslator(GraphErrorCatalogue catalogue, Clock clock) {
        this.catalogue = Objects.requireNonNull(catalogue, "The translator needs a catalogue");
        this.clock = Objects.requireNonNull(clock, "The translator needs a clock");
    }

    /**
     * An answer of the Graph API, or of a server between it and us, that is not a success.
     *
     * <p>The code decides, as Meta advises, with these exceptions: HTTP 429 is always a rate limit; for a call with a
     * {@code media_id}, HTTP 404 and code 100 with subcode 33 mean that the file is not there; code 100 about
     * {@code appsecret_proof} concerns all calls of the app. A code that is not in the
     * catalogue, or none, is decided by {@code is_transient} and by the status: 429 throttle, 408 and 5xx transient, 401
     * and 403 alarm, anything else never.
     *
     * @param status  the HTTP status
     * @param headers the answer's headers, names in any case; may be null
     * @param body    the answer's body, of any content; may be null
     * @param context what is known of the call; may be null
     */
    public WhatsAppException fromResponse(int status, Map<String, ?> headers, byte[] body, Map<String, Object> context) {
        Headers answered = new Headers(headers);
        Map<String, Object> facts = copy(context);
        Map<?, ?> error = errorIn(body);
        if (error == null) {
            facts.put("content_type", answered.mediaType());
            facts.put("body_length", body == null ? 0 : body.length);
        }
        return translate(status, answered, error, facts);
    }

    /** Whether an answer says that the Graph API fails as a whole: 500 and above without a code, or a code whose scope is the service. */
    public boolean isOutage(WhatsAppException answer) {
        Integer code = answer.getErrorCode();
        return code == null ? answer.getStatusCode() >= 500
                : answer.getScope() == ErrorScope.SERVICE && catalogue.lookup(code).scope() == ErrorScope.SERVICE;
    }

    /**
     * An error that a webhook reports: an element of {@code statuses[].errors[]}, {@code messages[].errors[]} or
     * {@code value.errors[]}, {@code {code, title, message, error_data: {details}, href}}. A code means the same here as
     * in an answer. The status code is 0; an unknown code is never retried.
     */
    public WhatsAppException fromGraphError(Map<?, ?> error, Map<String, Object> context) {
        return translate(0, new Headers(Map.of()), error == null ? Map.of() : error, copy(context));
    }

    /**
     * A call that ended without an answer. The first network failure in the chain of causes decides; if the chain has a
     * {@link WhatsAppException}, that is returned as it is, and Camel's {@link HttpOperationFailedException} is an answer
     * after all. A failure that has nothing to do with the network is not retried.
     */
    public WhatsAppException fromNetwork(Throwable failure, Map<String, Object> context) {
        Throwable other = null;
        for (Throwable link : Causes.chain(failure)) {
            if (link instanceof WhatsAppException typed) {
                return typed;
            }
            if (link instanceof HttpOperationFailedException answer) {
                String body = answer.getResponseBody();
                return fromResponse(answer.getStatusCode(), answer.getResponseHeaders(),
                        body == null ? null : body.getBytes(StandardCharsets.UTF_8), context);
            }
            NetworkFailure kind = NetworkFailure.of(link);
            if (kind != null) {
                // these messages name a host at most; those of other exceptions may quote URLs and bodies
                ErrorDetails details = network(kind.title(), kind.isOutcomeUnknown(), link, context).cause(link).build();
                return new WhatsAppNetworkException(details, kind.isTimeout());
            }
            if (other == null && NetworkFailure.isOther(link)) {
                other = link;
            }
        }
        if (other != null) {
            ErrorDetails details = network(NetworkFailure.OTHER, true, other, context).build();
            return at(other, new WhatsAppNetworkException(details, false));
        }
        String name = failure == null ? "unknown" : failure.getClass().getName();
        return at(failure, new WhatsAppException(ErrorDetails.builder("The call failed, and not on the network: " + name)
                .context(context).context("failure", name).outcomeUnknown(true).build()));
    }

    /**
     * An answer of a server of our own, such as transcription or understanding, that is not a success. The status
     * decides: 429 throttle, 408 and 5xx transient, 401 and 403 alarm, anything else never.
     *
     * @param hop the server's name as it shall show in messages and metrics: {@code transcription}, {@code understanding}
     */
    public WhatsAppException fromHop(String hop, int status, Map<String, ?> headers, byte[] body, Map<String, Object> context) {
        Headers answered = new Headers(headers);
        Map<?, ?> error = errorIn(body);
        RetryClass retryClass = retryByStatus(status);
        ErrorDetails details = ErrorDetails.builder("The " + hop + " server answered HTTP " + status)
                .statusCode(status)
                .context(context)
                .context("hop", hop)
                .context("server_error", error == null ? null : identifier(error))
                .context("content_type", answered.mediaType())
                .context("body_length", body == null ? 0 : body.length)
                .retryClass(retryClass)
                .scope(retryClass == RetryClass.NEVER ? ErrorScope.MESSAGE : ErrorScope.SERVICE)
                .minimumWait(answered.retryAfter(clock))
                .build();
        return new WhatsAppHopException(details, hop);
    }

    private WhatsAppException translate(int status, Headers headers, Map<?, ?> error, Map<String, Object> context) {
        Map<?, ?> said = error == null ? Map.of() : error;
        Integer code = integer(said.get("code"));
        Integer subcode = integer(said.get("error_subcode"));
        String mediaId = Objects.toString(context.get("media_id"), null);
        boolean download = MEDIA_DOWNLOAD.equals(context.get("endpoint"));

        ErrorKind found = code == null ? null : catalogue.lookup(code, subcode);
        ErrorKind kind = found != null && found.known() ? found : byStatus(status, said);
        boolean notFound = mediaId != null && isMissing(status, code, subcode, kind);
        boolean expired = download && code == null && (status == 403 || status == 404 || status == 410);
        if (status == 429) {
            kind = throttled(kind);
        } else if (code != null && code == INVALID_PARAMETER && Objects.toString(said.get("message")).contains(PROOF)) {
            kind = kind("App secret proof missing or wrong (whatsapp.graph.appsecret-proof, whatsapp.app-secret)", ErrorKind.Type.AUTH,
                    RetryClass.ALARM, ErrorScope.APP);
        } else if (expired) {
            kind = media("Media URL expired or refused");
        } else if (notFound) {
            kind = media("Media not found");
        } else if (code != null && code == INVALID_PARAMETER && Objects.equals(subcode, OBJECT_UNKNOWN) && OF_OBJECTS.contains(Objects.toString(context.get("endpoint")))) {
            // said of whatever the path names: here it is the template or the QR code
            kind = kind("There is no such object", ErrorKind.Type.MESSAGE, RetryClass.NEVER, ErrorScope.MESSAGE);
        } else if (mediaId != null && code == null && kind.type() == ErrorKind.Type.MESSAGE) {
            kind = media("Media request refused");
        }

        Duration retryAfter = headers.retryAfter(clock);
        if (retryAfter == null && kind.type() == ErrorKind.Type.RATE_LIMIT
                && (kind.scope() == ErrorScope.APP || kind.scope() == ErrorScope.ACCOUNT)) {
            retryAfter = headers.regainAccess(mapper);
        }
        ErrorDetails details = ErrorDetails.builder(message(kind, status, code, said))
                .statusCode(status)
                .errorCode(code)
                .errorSubcode(subcode)
                .traceId(traceId(said, headers))
                .context(context)
                .retryClass(kind.retryClass())
                .scope(kind.scope())
                .minimumWait(longer(retryAfter, kind.minimumWait()))
                .maximumRetries(kind.maximumRetries())
                .outcomeUnknown(code == null && outcomeUnknown(status))
                .build();
        return switch (kind.type()) {
            case RATE_LIMIT -> new WhatsAppRateLimitException(details, retryAfter);
            case AUTH -> new WhatsAppAuthException(details);
            case MEDIA -> new WhatsAppMediaException(details, mediaId, notFound, expired);
            case TEMPLATE -> new WhatsAppTemplateException(details, Objects.toString(context.get("template"), null));
            case ACCOUNT -> new WhatsAppAccountException(details);
            case MESSAGE -> new WhatsAppMessageException(details);
            case SERVICE -> new WhatsAppServiceException(details);
            case WEBHOOK -> new WhatsAppWebhookException(details);
        };
    }

    private static ErrorKind byStatus(int status, Map<?, ?> error) {
        if (status != 429 && Boolean.parseBoolean(Objects.toString(error.get("is_transient")))) {
            return kind("Passing trouble at WhatsApp", ErrorKind.Type.SERVICE, RetryClass.TRANSIENT, ErrorScope.SERVICE);
        }
        if (status == 429) {
            return kind("Too many requests", ErrorKind.Type.RATE_LIMIT, RetryClass.THROTTLE, ErrorScope.NUMBER);
        }
        if (status == 401) {
            return kind("Access token refused", ErrorKind.Type.AUTH, RetryClass.ALARM, ErrorScope.TOKEN);
        }
        if (status == 403) {
            return kind("Access refused", ErrorKind.Type.AUTH, RetryClass.ALARM, ErrorScope.ACCOUNT);
        }
        // RFC 9110, 15.5.9: the server did not receive the whole request, and it may be repeated
        if (status >= 500 || status == 408) {
            return kind("Service unavailable", ErrorKind.Type.SERVICE, RetryClass.TRANSIENT, ErrorScope.SERVICE);
        }
        if (status >= 400 || status == 0) {
            return kind(status == 0 ? "Unknown error" : "Request refused",
                    ErrorKind.Type.MESSAGE, RetryClass.NEVER, ErrorScope.MESSAGE);
        }
        return kind("Answer not understood", ErrorKind.Type.SERVICE, RetryClass.NEVER, ErrorScope.MESSAGE);
    }

    // 404 goes with other codes too, such as a missing template's: then the media file is not what is missing
    private static boolean isMissing(int status, Integer code, Integer subcode, ErrorKind kind) {
        if (code == null || !kind.known()) {
            return status == 404;
        }
        return code == INVALID_PARAMETER && (status == 404 || Objects.equals(subcode, OBJECT_UNKNOWN))
                || code == OBJECT_UNKNOWN && status == 404;
    }

    // a wait that the catalogue wants long stays long: a quick retry is what these codes punish
    private static ErrorKind throttled(ErrorKind kind) {
        boolean limit = kind.type() == ErrorKind.Type.RATE_LIMIT;
        return new ErrorKind(kind.from(), kind.to(), kind.subcode(),
                limit ? kind.title() : "Too many requests",
                ErrorKind.Type.RATE_LIMIT,
                limit && kind.retryClass() == RetryClass.WAIT_LONG ? RetryClass.WAIT_LONG : RetryClass.THROTTLE,
                limit ? kind.scope() : ErrorScope.NUMBER,
                limit ? kind.minimumWait() : null, null, null, kind.known());
    }

    private static ErrorKind media(String title) {
        return kind(title, ErrorKind.Type.MEDIA, RetryClass.NEVER, ErrorScope.MESSAGE);
    }

    private static ErrorKind kind(String title, ErrorKind.Type type, RetryClass retryClass, ErrorScope scope) {
        return ErrorKind.unknown(0, title, type, retryClass, scope);
    }

    private static RetryClass retryByStatus(int status) {
        if (status == 429) {
            return RetryClass.THROTTLE;
        }
        if (status >= 500 || status == 408) {
            return RetryClass.TRANSIENT;
        }
        return status == 401 || status == 403 ? RetryClass.ALARM : RetryClass.NEVER;
    }

    // a gateway that lost the answer (RFC 9110, 15.6.3 and 15.6.5), or a success that cannot be read
    private static boolean outcomeUnknown(int status) {
        return status == 502 || status == 504 || status >= 200 && status < 300;
    }

    private static String message(ErrorKind kind, int status, Integer code, Map<?, ?> error) {
        String title = kind.title();
        String theirTitle = firstText(error.get("title"), error.get("error_user_title"));
        if (!kind.known() && kind.type() == ErrorKind.Type.MESSAGE && theirTitle != null) {
            title = readable(theirTitle);
        }
        String place = code != null ? " (code " + code + ")" : status != 0 ? " (HTTP " + status + ")" : "";
        Object data = error.get("error_data") instanceof Map<?, ?> map ? map.get("details") : null;
        String details = firstText(data, error.get("error_user_msg"), error.get("message"));
        if (details == null) {
            return title + place;
        }
        String readable = readable(CODE_PREFIX.matcher(details.strip()).replaceFirst(""));
        return readable.isEmpty() || readable.equalsIgnoreCase(title) ? title + place : title + place + ": " + readable;
    }

    private static String readable(String text) {
        String line = Masking.text(BLANKS.matcher(text).replaceAll(" ").strip());
        return line.length() > LONGEST_DETAILS ? line.substring(0, LONGEST_DETAILS) + "…" : line;
    }

    private static String firstText(Object... values) {
        for (Object value : values) {
            if (value instanceof String text && !text.isBlank()) {
                return text;
            }
        }
        return null;
    }

    private static String traceId(Map<?, ?> error, Headers headers) {
        String traceId = firstText(error.get("fbtrace_id"), headers.first("x-fb-trace-id"));
        return traceId != null && TRACE_ID.matcher(traceId).matches() ? traceId : null;
    }

    // of the fields OpenAI-compatible servers send, only these are fixed words and never quote the request
    private static String identifier(Map<?, ?> error) {
        String word = firstText(error.get("code"), error.get("type"));
        return word != null && IDENTIFIER.matcher(word).matches() ? Masking.text(word) : null;
    }

    private Map<?, ?> errorIn(byte[] body) {
        if (body == null || body.length == 0) {
            return null;
        }
        try {
            Object json = mapper.readValue(body, Object.class);
            return json instanceof Map<?, ?> answer && answer.get("error") instanceof Map<?, ?> error ? error : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static Integer integer(Object value) {
        if (!(value instanceof Number) && !(value instanceof String)) {
            return null;
        }
        String digits = value.toString().strip();
        try {
            return digits.length() > 20 ? null : new BigDecimal(digits).intValueExact();
        } catch (NumberFormatException | ArithmeticException e) {
            return null;
        }
    }

    private static Map<String, Object> copy(Map<String, Object> context) {
        return context == null ? new LinkedHashMap<>() : new LinkedHashMap<>(context);
    }

    private static Duration longer(Duration one, Duration other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static ErrorDetails.Builder network(
            String title, boolean outcomeUnknown, Throwable failure, Map<String, Object> context) {
        String outcome = outcomeUnknown ? "the request may have been carried out" : "nothing was sent";
        return ErrorDetails.builder(title + "; " + outcome)
                .context(context)
                .context("failure", failure.getClass().getName())
                .retryClass(RetryClass.TRANSIENT)
                .scope(ErrorScope.SERVICE)
                .outcomeUnknown(outcomeUnknown);
    }

    // where it happened, without the message of the failure
    private static WhatsAppException at(Throwable failure, WhatsAppException typed) {
        if (failure != null) {
            typed.setStackTrace(failure.getStackTrace());
        }
        return typed;
    }
}
