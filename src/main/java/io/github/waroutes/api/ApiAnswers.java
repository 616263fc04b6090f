package io.github.waroutes.api;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.update.TraceId;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * Writes answers: JSON, never cached, with no header of the exchange among theirs. Afterwards the variables
 * {@code whatsappApiEndpoint} and {@code whatsappApiStatus} say what to count.
 */
public class ApiAnswers {

    static final String ENDPOINT = "whatsappApiEndpoint";
    static final String STATUS = "whatsappApiStatus";

    private final ObjectMapper json = new ObjectMapper();
    private byte[] document;

    /** 202: the message is in the queue, durably. */
    public void accepted(Exchange exchange) {
        String id = ApiCall.of(exchange).id;
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", id);
        body.put("status", "accepted");
        answer(exchange, 202, body);
        // for the log event: to the caller go only headers that ApiHeaderFilter knows
        exchange.getMessage().setHeader(UpdateHeaders.TRACE_ID, TraceId.of(Map.of(OutboundHeaders.ID, id)));
        exchange.getMessage().setHeader("Location", "/api/messages/" + URLEncoder.encode(id, StandardCharsets.UTF_8));
    }

    /** 201: Meta has the file, under the id in the header {@code WhatsAppMediaId}. */
    public void uploaded(Exchange exchange) {
        String id = exchange.getMessage().getHeader(UpdateHeaders.MEDIA_ID, String.class);
        if (id == null) {
            throw new IllegalStateException("The upload gave no media id");
        }
        answer(exchange, 201, Map.of("id", id));
    }

    /** 202: the bulk was read to its end; the body is what became of it. */
    public void bulk(Exchange exchange) {
        answer(exchange, 202, exchange.getMessage().getBody());
        exchange.getMessage().setHeader("Location", "/api/bulk/" + ApiCall.of(exchange).id);
    }

    /**
     * 200 and the body, a map.
     *
     * @throws ApiException 404 if there is none
     */
    public void found(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (!(body instanceof Map<?, ?>)) {
            throw ApiMessages.unknown();
        }
        answer(exchange, 200, body);
    }

    /** 200 and the body, a list, as {@code {"data":[…]}}. */
    public void listed(Exchange exchange) {
        answer(exchange, 200, Map.of("data", exchange.getMessage().getBody()));
    }

    /** 201 and what Meta answered, if that names what was made; else 200. */
    public void done(Exchange exchange) {
        Map<?, ?> body = exchange.getMessage().getBody(Map.class);
        answer(exchange, body.containsKey("id") || body.containsKey("code") ? 201 : 200, body);
    }

    /** 200 and the OpenAPI document. */
    public void openapi(Exchange exchange) {
        answer(exchange, 200, null);
        exchange.getMessage().setBody(document());
    }

    private synchronized byte[] document() {
        if (document == null) {
            try (InputStream in = ApiAnswers.class.getResourceAsStream("/whatsapp/openapi.json")) {
                document = in.readAllBytes();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
        return document;
    }

    /** The failure of the exchange as a problem. */
    public void problem(Exchange exchange) {
        Throwable failure = exchange.getProperty(LimitedStream.REFUSAL, Throwable.class);
        if (failure == null) {
            failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        }
        ApiCall call = ApiCall.of(exchange);
        Problem problem = Problem.of(failure, call != null && call.manages);
        Map<String, Object> members = new LinkedHashMap<>(problem.members());
        if (call != null && call.bulk != null) {
            // what is queued already is said even so
            Map<String, Object> progress = call.bulk.now.answer();
            progress.remove("status");
            progress.remove("problems");
            members.putAll(progress);
        }
        answer(exchange, problem.status(), members);
        Message out = exchange.getMessage();
        out.setHeader("Content-Type", "application/problem+json");
        if (problem.retryAfter() != null) {
            out.setHeader("Retry-After", Long.toString(Math.max(1, problem.retryAfter().toSeconds())));
        }
        if (problem.status() == 401) {
            out.setHeader("WWW-Authenticate", "Bearer");
        }
        if (failure instanceof ApiGate.MethodNotAllowed other) {
            out.setHeader("Allow", other.allowed());
        }
    }

    private void answer(Exchange exchange, int status, Object body) {
        ApiCall call = ApiCall.of(exchange);
        boolean left = call != null && call.request.finish();
        Message out = exchange.getMessage();
        Object template = out.getHeader(OutboundHeaders.TEMPLATE);
        out.removeHeaders("*");
        if (call != null && call.manages) {
            // for the log event, as in accepted
            out.setHeader(UpdateHeaders.TYPE, exchange.getVariable(ApiGate.METHOD) + " " + call.endpoint);
            if (template != null) {
                out.setHeader(OutboundHeaders.TEMPLATE, template);
            }
        }
        out.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        out.setHeader("Content-Type", "application/json");
        out.setHeader("Cache-Control", "no-store");
        out.setHeader("X-Content-Type-Options", "nosniff");
        if (left) {
            out.setHeader("Connection", "close");
        }
        try {
            out.setBody(body == null ? new byte[0] : json.writeValueAsBytes(body));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The answer cannot be written as JSON");
        }
        exchange.setVariable(ENDPOINT, call == null ? "unknown" : call.endpoint);
        exchange.setVariable(STATUS, status);
    }
}
