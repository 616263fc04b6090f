package io.github.waroutes.api;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.message.CallerForms;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** Reads the bodies of requests, and puts on the exchange what the ways out expect. */
public class ApiMessages {

    private static final Pattern TEMPLATE = Pattern.compile("[a-z0-9_]{1,512}");
    private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{2,3}(_[A-Za-z0-9]{2,8})*");
    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9]{1,64}");
    private static final Set<String> MEMBERS = new TreeSet<>(Set.of("to", "recipient", "name", "language", "parameters", "reference"));

    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() { };

    private final ObjectMapper json = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private long maxBytes = 262_144;
    private long maxMediaBytes = 104_857_600;

    /** @param maxBytes the largest JSON body */
    public void setMaxBytes(long maxBytes) {
        this.maxBytes = ApiGate.positive("whatsapp.api.max-bytes", maxBytes);
    }

    /** @param maxBytes the largest file; Meta takes documents up to 100 MB */
    public void setMaxMediaBytes(long maxBytes) {
        this.maxMediaBytes = ApiGate.positive("whatsapp.api.media.max-bytes", maxBytes);
    }

    /**
     * In: the request. Out: body its bytes, a JSON object; the headers for {@code direct:whatsapp-send}.
     *
     * @throws ApiException 400 or 413
     */
    public void message(Exchange exchange) {
        byte[] bytes = read(exchange);
        object(bytes);
        prepared(exchange, bytes).setBody(bytes);
    }

    /**
     * In: the request, {@code {"to"|"recipient", "name", "language", "parameters", "reference"}}. Out: body the parameters, a map, a list or null;
     * the headers for {@code direct:whatsapp-send-template}.
     *
     * @throws ApiException 400, 413 or 422
     */
    public void template(Exchange exchange) {
        byte[] bytes = read(exchange);
        JsonNode request = object(bytes);
        request.fieldNames().forEachRemaining(name -> {
            if (!MEMBERS.contains(name)) {
                throw refused("The body has a member that a template request has not. It may have: " + String.join(", ", MEMBERS)
                        + ". For everything else a template can have, use /api/messages.", null);
            }
        });
        String user = user(request);
        String name = text(request, "name");
        // a text, or an object as in a message
        String language = CallerForms.language(request.path("language").isObject() ? text(request.path("language"), "code") : text(request, "language"));
        if (!TEMPLATE.matcher(name).matches()) {
            throw refused("name must be a template's name: lower-case letters, digits and underscores.", "name");
        }
        if (!LANGUAGE.matcher(language).matches()) {
            throw refused("language must be a language code, such as en or pt_BR.", "language");
        }
        Object parameters = parameters(request.path("parameters"));
        Message message = prepared(exchange, bytes);
        message.setHeader(UpdateHeaders.USER, user);
        if (request.hasNonNull("reference")) {
            message.setHeader(OutboundHeaders.REFERENCE, text(request, "reference"));
        }
        message.setHeader(OutboundHeaders.TEMPLATE, name);
        message.setHeader(OutboundHeaders.TEMPLATE_LANGUAGE, language);
        message.setBody(parameters);
    }

    /** In: the request. Out: body a stream of the file; the headers for {@code direct:whatsapp-upload-media}. */
    public void media(Exchange exchange) {
        ApiCall call = ApiCall.of(exchange);
        Message message = exchange.getMessage();
        message.setHeader(OutboundHeaders.MEDIA_TYPE, call.contentType.trim());
        if (call.filename != null) {
            message.setHeader(OutboundHeaders.MEDIA_FILENAME, call.filename);
        }
        number(call, message);
        message.setBody(LimitedStream.of(call, maxMediaBytes, "whatsapp.api.media.max-bytes", exchange));
    }

    /**
     * In: the request. Out: headers {@code WhatsAppOutboundId} and {@code WhatsAppPhoneNumberId}, for {@code direct:whatsapp-delivery-state}.
     *
     * @throws ApiException 404 if it is no id
     */
    public void state(Exchange exchange) {
        ApiCall call = ApiCall.of(exchange);
        if (call.named.isEmpty() || !call.mayKnow(call.named)) {
            throw unknown();
        }
        call.id = call.named;
        exchange.getMessage().setHeader(OutboundHeaders.ID, call.named);
        exchange.getMessage().setHeader(UpdateHeaders.PHONE_NUMBER_ID, call.numberOf(call.named));
        exchange.getMessage().setBody(null);
    }

    /**
     * In: the request, {@code {"to"|"recipient", "action", "for", "reason"}}. Out: variable {@code whatsappAction} ({@code pause}, {@code resume} or
     * {@code show}); the headers for {@code direct:whatsapp-pause}, {@code -resume} and {@code -hand-over}.
     *
     * @throws ApiException 400, 413 or 422
     */
    public void handOver(Exchange exchange) {
        JsonNode request = person(exchange, Set.of("pause", "resume", "show"), Set.of("for", "reason"));
        Message message = exchange.getMessage();
        message.setHeader("WhatsAppPauseBy", "api");
        if (request.hasNonNull("for")) {
            message.setHeader("WhatsAppPauseFor", text(request, "for"));
        }
        if (request.hasNonNull("reason")) {
            message.setHeader("WhatsAppPauseReason", text(request, "reason"));
        }
    }

    /**
     * In: the request, {@code {"to"|"recipient", "action"}}. Out: variable {@code whatsappAction} ({@code stop}, {@code start} or {@code show}); the
     * headers for {@code direct:whatsapp-opt-out}, {@code -opt-in} and {@code -opted-out}.
     *
     * @throws ApiException 400, 413 or 422
     */
    public void optOut(Exchange exchange) {
        person(exchange, Set.of("stop", "start", "show"), Set.of());
        exchange.getMessage().setHeader("WhatsAppOptOutBy", "api");
    }

    private JsonNode person(Exchange exchange, Set<String> actions, Set<String> members) {
        JsonNode request = object(read(exchange));
        Set<String> all = new TreeSet<>(members);
        all.addAll(Set.of("to", "recipient", "action"));
        request.fieldNames().forEachRemaining(name -> {
            if (!all.contains(name)) {
                throw refused("The body may have: " + String.join(", ", all) + '.', null);
            }
        });
        String user = user(request);
        String action = text(request, "action");
        if (!actions.contains(action)) {
            throw refused("action must be one of " + String.join(", ", new TreeSet<>(actions)) + '.', "action");
        }
        exchange.setVariable("whatsappAction", action);
        Message message = exchange.getMessage();
        message.setHeader(UpdateHeaders.USER, user);
        number(ApiCall.of(exchange), message);
        message.setBody(null);
        return request;
    }

    /**
     * In: a request about the number or its account. Out: body the request's JSON object, a map, or null if it has none; the header of the
     * number.
     *
     * @throws ApiException 400, 413 or 415
     */
    public void management(Exchange exchange) {
        ApiCall call = ApiCall.of(exchange);
        call.manages = true;
        Message message = exchange.getMessage();
        number(call, message);
        String method = exchange.getVariable(ApiGate.METHOD, String.class);
        byte[] bytes = "GET".equals(method) ? new byte[0] : read(exchange);
        message.setBody(bytes.length == 0 && !ApiGate.WITH_BODY.contains(method) ? null : json.convertValue(object(bytes), OBJECT));
    }

    /** As {@link #management}, of a request that has no body. */
    public void numberOnly(Exchange exchange) {
        ApiCall.of(exchange).manages = true;
        number(ApiCall.of(exchange), exchange.getMessage());
    }

    /** As {@link #management}, and the header {@code WhatsAppQrCode} from the end of the path. */
    public void qrCode(Exchange exchange) {
        management(exchange);
        exchange.getMessage().setHeader("WhatsAppQrCode", form(CODE, ApiCall.of(exchange).named));
    }

    /** As {@link #management}, and the header {@code WhatsAppTemplate} from the end of the path. */
    public void templateName(Exchange exchange) {
        management(exchange);
        exchange.getMessage().setHeader(OutboundHeaders.TEMPLATE, form(TEMPLATE, ApiCall.of(exchange).named));
    }

    /** As {@link #management}, and the headers {@code WhatsAppTemplate} and {@code WhatsAppTemplateLanguage} from the end of the path. */
    public void templateLanguage(Exchange exchange) {
        management(exchange);
        exchange.getMessage().setHeader(OutboundHeaders.TEMPLATE, form(TEMPLATE, ApiCall.of(exchange).parent));
        exchange.getMessage().setHeader(OutboundHeaders.TEMPLATE_LANGUAGE, form(LANGUAGE, ApiCall.of(exchange).named));
    }

    private static String form(Pattern form, String text) {
        if (!form.matcher(text).matches()) {
            throw unknown();
        }
        return text;
    }

    static ApiException unknown() {
        return new ApiException(404, "not-found", "Nothing is known under this id. It may be wrong, or too old.");
    }

    private Message prepared(Exchange exchange, byte[] bytes) {
        ApiCall call = ApiCall.of(exchange);
        call.identify(bytes);
        Message message = exchange.getMessage();
        message.setHeader(OutboundHeaders.ID, call.id);
        number(call, message);
        return message;
    }

    private static void number(ApiCall call, Message message) {
        if (call.phoneNumberId != null) {
            message.setHeader(UpdateHeaders.PHONE_NUMBER_ID, call.phoneNumberId);
        }
    }

    private byte[] read(Exchange exchange) {
        try {
            return LimitedStream.of(ApiCall.of(exchange), maxBytes, "whatsapp.api.max-bytes", exchange).readAllBytes();
        } catch (IOException e) {
            throw new ApiException(400, "bad-request", "The body could not be read to its end.");
        }
    }

    private JsonNode object(byte[] bytes) {
        try {
            JsonNode read = json.readTree(bytes);
            if (read.isObject()) {
                return read;
            }
        } catch (JsonProcessingException e) {
            // reported below without the parser's message, which quotes the body
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        throw new ApiException(400, "bad-request", "The body is not one JSON object.");
    }

    private static String text(JsonNode request, String member) {
        JsonNode value = request.path(member);
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw refused(member + " is missing, or not a text.", member);
        }
        return value.textValue();
    }

    private static String user(JsonNode request) {
        if (request.hasNonNull("to") == request.hasNonNull("recipient")) {
            throw refused("Give either to, a phone number with its country code, or recipient, a business-scoped user id.", "to");
        }
        return !request.hasNonNull("to") ? text(request, "recipient")
                : CallerForms.phone(request.path("to").isIntegralNumber() ? request.path("to").asText() : text(request, "to"));
    }

    private static Object parameters(JsonNode parameters) {
        if (parameters.isMissingNode() || parameters.isNull()) {
            return null;
        }
        if (parameters.isObject()) {
            Map<String, Object> named = new LinkedHashMap<>();
            parameters.fields().forEachRemaining(field -> named.put(field.getKey(), value(field.getValue())));
            return named;
        }
        if (parameters.isArray()) {
            List<Object> positional = new ArrayList<>();
            parameters.forEach(value -> positional.add(value(value)));
            return positional;
        }
        throw refused("parameters must be an object (named) or an array (positional).", "parameters");
    }

    private static Object value(JsonNode value) {
        if (value.isValueNode() && !value.isNull()) {
            return value.asText();
        }
        throw refused("The values of parameters must be texts or numbers. For a currency or a date, use /api/messages.", "parameters");
    }

    private static ApiException refused(String detail, String field) {
        return new ApiException(422, "message", detail, field);
    }
}
