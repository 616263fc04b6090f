package io.github.waroutes.operate;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.number.NumberRegistry;
import io.github.waroutes.number.NumberSettings;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** What a request to the management API asks for. Each throws {@link ManagementException} 400 for what it cannot read. */
final class ManagementRequest {

    /** So many messages are listed, or meant, at the most. */
    static final int MOST = 1000;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() { };

    private ManagementRequest() {
    }

    /** The JSON object in the body. */
    static Map<String, Object> body(Exchange exchange) {
        try {
            Map<String, Object> request = JSON.readValue(exchange.getMessage().getBody(byte[].class), OBJECT);
            if (request != null) {
                return request;
            }
        } catch (IOException | IllegalArgumentException e) {
            // said below
        }
        throw new ManagementException(400, "The body must be a JSON object.");
    }

    /** The reason that a change needs; {@code why} ends the sentence that asks for it. */
    static String reason(Map<String, Object> request, String why) {
        if (request.get("reason") instanceof String reason && !reason.isBlank()) {
            return reason;
        }
        throw new ManagementException(400, "Give a reason, a text: " + why);
    }

    /** The ids of the messages that are meant. */
    static List<String> ids(Object ids) {
        if (!(ids instanceof List<?> list) || list.isEmpty() || list.size() > MOST || !list.stream().allMatch(String.class::isInstance)) {
            throw new ManagementException(400, "ids must be a list of 1 to " + MOST + " texts.");
        }
        return list.stream().map(String.class::cast).toList();
    }

    /** The query's parameters. */
    static Map<String, String> query(Exchange exchange) {
        Message message = exchange.getMessage();
        String query = message.getHeader(Exchange.HTTP_QUERY, "", String.class);
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : query.isEmpty() ? new String[0] : query.split("&")) {
            String[] parts = pair.split("=", 2);
            values.put(decoded(parts[0]), parts.length == 2 ? decoded(parts[1]) : "");
        }
        return values;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new ManagementException(400, "The query is not written as in name=value&other=value, percent-encoded.");
        }
    }

    /** A whole number from 0 to {@code most}. */
    static int number(Object value, String name, int otherwise, int most) {
        try {
            int number = value == null ? otherwise : Integer.parseInt(value.toString());
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new ManagementException(400, name + " must be a number from 0 to " + most + '.');
    }

    /** The id of the number with this name. */
    static String idOf(String name, Exchange exchange) {
        NumberRegistry registry = NumberSettings.in(exchange.getContext()).registry();
        if (registry.byName(name) == null) {
            throw new ManagementException(400, "There is no number " + name + ". There are: " + NumberSettings.names(registry.all()) + '.');
        }
        return registry.byName(name).phoneNumberId();
    }
}
