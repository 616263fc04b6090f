package io.github.waroutes.operate;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.queue.StoredMessage;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** Prepares a message for the dead-letter queue: its body and headers stay as they were, and the failure goes beside them. */
public class DeadLetters {

    /** The exception, JSON: {@link WhatsAppException#toMap()}, or for any other exception its type. */
    public static final String EXCEPTION = "WhatsAppException";
    /** The queue the message was taken from, and goes back to when it is replayed. */
    public static final String SOURCE = "WhatsAppDeadLetterSource";
    /** The id of the route in which it failed. */
    public static final String ROUTE = "WhatsAppDeadLetterRoute";
    /** If it failed in a route of a user's: the node's id and kind, as in {@code setBody1 (setBody)}. */
    public static final String STEP = "WhatsAppDeadLetterStep";
    /** If it failed in a route of a user's: file and line, as in {@code file:my-routes/images.camel.yaml:8}. */
    public static final String PLACE = "WhatsAppDeadLetterPlace";
    /** Meta's code of the failure, as text; none if it has none. */
    public static final String CODE = "WhatsAppDeadLetterCode";
    /** The simple name of the exception's class. */
    public static final String TYPE = "WhatsAppDeadLetterException";
    /** When, in ISO 8601. */
    public static final String AT = "WhatsAppDeadLetterAt";
    /** Keeps one failure of one message from being stored twice. */
    public static final String ID = "WhatsAppDeadLetterId";

    private final ObjectMapper json = new ObjectMapper();

    /**
     * Puts the message back as it was taken from its queue: wherever it failed, a route may have changed it. (Camel's own
     * {@code useOriginalMessage} copies every message for this, also those that do not fail.)
     */
    public void original(Exchange exchange) {
        StoredMessage original = exchange.getProperty(QueueConstants.CONTENT, StoredMessage.class);
        if (original != null) {
            exchange.getMessage().setHeaders(new LinkedHashMap<>(original.queueHeaders()));
            exchange.getMessage().setBody(original.queueBody());
        }
    }

    /** Adds the headers that describe the failure. */
    public void prepare(Exchange exchange) throws JsonProcessingException {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        String source = exchange.getProperty(QueueConstants.QUEUE, "direct", String.class);
        Message message = exchange.getMessage();
        Map<String, Object> described = describe(failure);
        message.setHeader(EXCEPTION, json.writeValueAsString(described));
        message.setHeader(TYPE, String.valueOf(described.get("type")).replaceFirst(".*\\.", ""));
        message.removeHeader(CODE);
        if (described.get("error_code") != null) {
            message.setHeader(CODE, described.get("error_code").toString());
        }
        message.setHeader(SOURCE, source);
        message.setHeader(AT, Instant.now().toString());
        String route = exchange.getProperty(Exchange.FAILURE_ROUTE_ID, String.class);
        message.setHeader(ROUTE, route == null ? "unknown" : route);
        FailedStep step = FailedStep.of(exchange, failure);
        if (step != null) {
            message.setHeader(ROUTE, step.route());
            message.setHeader(STEP, step.step());
            message.setHeader(PLACE, step.place());
        }
        Object queueMessage = exchange.getProperty(QueueConstants.MESSAGE_ID);
        message.setHeader(ID, queueMessage == null ? exchange.getExchangeId() : source + ':' + queueMessage);
    }

    private static Map<String, Object> describe(Throwable failure) {
        WhatsAppException known = Causes.find(WhatsAppException.class, failure);
        if (known != null) {
            return known.toMap();
        }
        Map<String, Object> other = new LinkedHashMap<>();
        // the message of a foreign exception may quote what a user wrote
        other.put("type", failure == null ? "unknown" : failure.getClass().getName());
        return other;
    }
}
