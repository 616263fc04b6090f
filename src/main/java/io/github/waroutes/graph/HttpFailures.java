package io.github.waroutes.graph;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.waroutes.error.Causes;
import io.github.waroutes.error.GraphErrorTranslator;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppMediaException;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * The boundary at which a failed HTTP call becomes a typed exception. A route calls it with the answer on the message, or
 * with the exception that the HTTP client threw.
 */
public class HttpFailures {

    /** An exchange variable that names the call for logs and metrics: {@code messages}, {@code media}, … */
    static final String ENDPOINT = "whatsappEndpoint";

    private final GraphErrorTranslator translator;

    public HttpFailures(GraphErrorTranslator translator) {
        this.translator = translator;
    }

    /** Throws what the Graph API's error answer means. */
    public void raiseGraph(Exchange exchange) {
        Message answer = exchange.getMessage();
        byte[] body = body(answer);
        if ("block_users".equals(exchange.getVariable(ENDPOINT))) {
            // this one says what was done all the same
            exchange.setVariable("whatsappRefused", body);
        }
        throw translator.fromResponse(status(answer), answer.getHeaders(), body, context(exchange));
    }

    /** Throws an answer that says that the Graph API fails as a whole; any other stays on the message as it is. */
    public void raiseOutage(Exchange exchange) {
        Message answer = exchange.getMessage();
        byte[] body = answer.getBody(byte[].class);
        WhatsAppException failure = translator.fromResponse(status(answer), answer.getHeaders(), body, context(exchange));
        if (translator.isOutage(failure)) {
            answer.setBody(null);
            throw failure;
        }
    }

    /** Throws what another server's error answer means; the hop is named by the call's name. */
    public void raiseHop(Exchange exchange) {
        Message answer = exchange.getMessage();
        throw translator.fromHop(exchange.getVariable(ENDPOINT, "hop", String.class), status(answer), answer.getHeaders(),
                body(answer), context(exchange));
    }

    /** Throws what a connection that failed means. */
    public void raiseNetwork(Exchange exchange) {
        throw translator.fromNetwork(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class), context(exchange));
    }

    /** Throws again what was caught. */
    public void raiseAgain(Exchange exchange) throws Exception {
        throw exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    }

    /** The typed exception of one element of an {@code errors} array of a webhook. */
    public Exception fromWebhook(Map<?, ?> error, Exchange exchange) {
        return translator.fromGraphError(error, context(exchange));
    }

    // A typed exception thrown inside an expression comes wrapped, so these look at its causes; ${exception.…} would not.

    /** Did the download URL expire? See {@link WhatsAppMediaException#isExpired()}. */
    public boolean isExpired(Exchange exchange) {
        WhatsAppMediaException failure = caught(exchange, WhatsAppMediaException.class);
        return failure != null && failure.isExpired();
    }

    /** Is the media file gone? See {@link WhatsAppMediaException#isNotFound()}. */
    public boolean isNotFound(Exchange exchange) {
        WhatsAppMediaException failure = caught(exchange, WhatsAppMediaException.class);
        return failure != null && failure.isNotFound();
    }

    private static <T> T caught(Exchange exchange, Class<T> type) {
        T now = Causes.find(type, exchange.getException());
        return now != null ? now : Causes.caught(type, exchange);
    }

    /** Takes the body off the message: a stream that was read must not meet a route that wants to cache it. */
    private static byte[] body(Message answer) {
        byte[] body = answer.getBody(byte[].class);
        answer.setBody(null);
        return body;
    }

    private static int status(Message answer) {
        return answer.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
    }

    private static Map<String, Object> context(Exchange exchange) {
        Map<String, Object> context = new LinkedHashMap<>();
        put(context, "endpoint", exchange.getVariable(ENDPOINT));
        put(context, "media_id", exchange.getVariable("whatsappMediaId"));
        put(context, "template", exchange.getVariable("whatsappTemplate"));
        put(context, "phone_number_id", exchange.getMessage().getHeader(UpdateHeaders.PHONE_NUMBER_ID));
        return context;
    }

    private static void put(Map<String, Object> context, String key, Object value) {
        if (value != null) {
            context.put(key, value.toString());
        }
    }
}
