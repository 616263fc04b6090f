package io.github.waroutes.business;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.graph.GraphEdges;
import org.apache.camel.Exchange;

/** Requests about QR codes and the business profile. Source: WhatsApp Business Management API, "QR codes"; WhatsApp Cloud API, "Business profiles". */
public class BusinessCalls {

    /** Header: the code of a QR code. */
    static final String CODE = "WhatsAppQrCode";
    private static final String EDGE = "message_qrdls";
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9]{1,64}");

    private final GraphEdges edges;

    public BusinessCalls(GraphEdges edges) {
        this.edges = edges;
    }

    /**
     * In: body the text that the user's message begins with, or Meta's request, JSON or a map; with the header {@value #CODE}, for that code. Out: body
     * the request, a map.
     */
    public void code(Exchange exchange) {
        Map<String, Object> request = new LinkedHashMap<>();
        if (exchange.getMessage().getBody() instanceof String text && !text.stripLeading().startsWith("{")) {
            request.put("prefilled_message", text);
        } else {
            request.putAll(edges.map(exchange));
        }
        request.remove("code");
        if (exchange.getMessage().getHeader(CODE) != null) {
            // what follows is for a new one
            request.remove("generate_qr_image");
            request.put("code", id(exchange));
        }
        exchange.getMessage().setBody(request);
    }

    /** {@code METHOD /{number}/message_qrdls/{code}}, of the code in the header {@value #CODE}. */
    public void ofCode(String method, Exchange exchange) {
        edges.ofNumber(method, EDGE + '/' + id(exchange), exchange);
        exchange.getMessage().setBody(null);
    }

    private static String id(Exchange exchange) {
        String code = exchange.getMessage().getHeader(CODE, String.class);
        if (code == null || !FORM.matcher(code).matches()) {
            throw new WhatsAppMessageException(ErrorDetails.builder("The header " + CODE + " is missing, or is no code").build());
        }
        return code;
    }

    /** In: body some fields of the profile, JSON or a map. Out: body the request, a map. */
    public void profile(Exchange exchange) {
        Map<String, Object> request = new LinkedHashMap<>(edges.map(exchange));
        request.put("messaging_product", "whatsapp");
        exchange.getMessage().setBody(request);
    }

    /**
     * The first element of what Meta answers, {@code {"data":[{…}]}}: a list that has one.
     *
     * @throws WhatsAppMessageException 404 if it has none
     */
    @SuppressWarnings("unchecked")
    public Map<String, Object> only(Exchange exchange) {
        Map<String, Object> answer = exchange.getMessage().getBody(Map.class);
        if (!answer.containsKey("data")) {
            return answer;
        }
        if (answer.get("data") instanceof List<?> data && !data.isEmpty() && data.get(0) instanceof Map<?, ?> first) {
            return (Map<String, Object>) first;
        }
        throw new WhatsAppMessageException(ErrorDetails.builder("Meta has none").statusCode(404).build());
    }
}
