package io.github.waroutes.operate;

import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the management API answers: JSON, and problems as RFC 9457 has them. */
public class ManagementAnswers {

    private static final Logger LOG = LoggerFactory.getLogger(ManagementAnswers.class);

    private final ObjectMapper json = new ObjectMapper();

    /** 200 with the body as JSON. */
    public void answer(Exchange exchange) {
        write(exchange, 200, "application/json", exchange.getMessage().getBody());
    }

    /** The failure that was caught. */
    public void problem(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        Map<String, Object> problem = new LinkedHashMap<>();
        boolean known = failure instanceof ManagementException;
        int status = known ? ((ManagementException) failure).getStatus() : 503;
        if (!known) {
            LOG.warn("A request to the management API failed", failure);
        }
        problem.put("type", "about:blank");
        problem.put("status", status);
        problem.put("detail", known ? failure.getMessage() : "It could not be done now; the log says why. Nothing was changed.");
        write(exchange, status, "application/problem+json", problem);
        if (status == 401) {
            exchange.getMessage().setHeader("WWW-Authenticate", "Bearer");
        }
    }

    private void write(Exchange exchange, int status, String type, Object body) {
        Message out = exchange.getMessage();
        out.removeHeaders("*");
        out.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        out.setHeader("Content-Type", type);
        out.setHeader("Cache-Control", "no-store");
        out.setHeader("X-Content-Type-Options", "nosniff");
        try {
            out.setBody(json.writeValueAsBytes(body));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The answer cannot be written as JSON");
        }
    }
}
