package io.github.waroutes.operate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.Masking;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.trace.Traces;
import io.github.waroutes.update.Retries;
import io.github.waroutes.update.TraceId;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes log events: a name and fields, never a body. With a JSON encoder one event is one line. People appear masked, and
 * message ids by their last characters only, because a wamid holds the user's phone number.
 */
public class Events {

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    private static final int SHOWN_OF_AN_ID = 8;
    private static final Map<String, Level> LEVELS = levels();

    private Traces traces = new Traces();

    /** @param traces whose id the events have, and whose spans have the events */
    public void setTraces(Traces traces) {
        this.traces = traces;
    }

    /**
     * Logs an event about the exchange, at the level that {@code whatsapp/events.json} has for it; one that is not there is information.
     *
     * @param name as in {@code whatsapp.send_message.success}
     */
    public void emit(String name, Exchange exchange) {
        Level level = LEVELS.getOrDefault(name, Level.INFO);
        if (!LOG.isEnabledForLevel(level)) {
            return;
        }
        LoggingEventBuilder event = LOG.atLevel(level);
        event = event.addKeyValue("event", name);
        Message message = exchange.getMessage();
        event = add(event, "trace_id", TraceId.of(exchange));
        event = add(event, "kind", message.getHeader(UpdateHeaders.KIND));
        event = add(event, "type", first(message.getHeader(OutboundHeaders.TYPE), message.getHeader(UpdateHeaders.TYPE)));
        event = add(event, "user", Masking.user(message.getHeader(UpdateHeaders.USER, String.class)));
        event = add(event, "message_id", tail(message.getHeader(UpdateHeaders.MESSAGE_ID, String.class)));
        event = add(event, "phone_number_id", message.getHeader(UpdateHeaders.PHONE_NUMBER_ID));
        event = add(event, "account_id", message.getHeader(UpdateHeaders.ACCOUNT_ID));
        event = add(event, "template", message.getHeader(OutboundHeaders.TEMPLATE));
        event = add(event, "queue", exchange.getProperty(QueueConstants.QUEUE));
        event = add(event, "updates", exchange.getVariable("whatsappUpdates"));
        event = add(event, "verdict", exchange.getVariable("whatsappVerdict"));
        event = add(event, "sent_id", tail(exchange.getVariable("whatsappSentId", String.class)));
        Throwable failure = failure(exchange);
        event = addFailure(event, exchange, failure);
        event = add(event, "otel_trace_id", traces.traceId());
        event.log(name);
        if (traces.isOn()) {
            traces.event(name, traced(failure));
        }
    }

    /** As {@link #emit}, but once for a message of a queue, however often it is handled again. */
    public void emitOnce(String name, Exchange exchange) {
        if (Retries.first(name, exchange)) {
            emit(name, exchange);
        }
    }

    private static Map<String, String> traced(Throwable failure) {
        if (failure == null) {
            return Map.of();
        }
        WhatsAppException known = Causes.find(WhatsAppException.class, failure);
        String type = (known == null ? failure : known).getClass().getName();
        return known == null || known.getErrorCode() == null ? Map.of("error.type", type)
                : Map.of("error.type", type, "error.code", known.getErrorCode().toString());
    }

    private static Throwable failure(Exchange exchange) {
        Throwable failure = exchange.getVariable("whatsappFailure", Throwable.class);
        return failure != null ? failure : exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    }

    private static LoggingEventBuilder addFailure(LoggingEventBuilder event, Exchange exchange, Throwable failure) {
        // inside an expression Camel wraps what was thrown
        WhatsAppException known = Causes.find(WhatsAppException.class, failure);
        if (known != null) {
            event = event.addKeyValue("error", known.getClass().getSimpleName());
            event = add(event, "error_message", known.getMessage());
            event = add(event, "error_code", known.getErrorCode());
            event = add(event, "status_code", known.getStatusCode() == 0 ? null : known.getStatusCode());
            event = add(event, "fbtrace_id", known.getTraceId());
            event = event.addKeyValue("retry_class", known.getRetryClass()).addKeyValue("scope", known.getScope());
        } else if (failure != null) {
            // the message of a foreign exception may hold anything
            event = event.addKeyValue("error", failure.getClass().getName());
        }
        FailedStep step = FailedStep.of(exchange, failure);
        if (step != null) {
            event = event.addKeyValue("route", step.route()).addKeyValue("step", step.step()).addKeyValue("place", step.place());
        }
        return event;
    }

    private static LoggingEventBuilder add(LoggingEventBuilder event, String key, Object value) {
        return value == null ? event : event.addKeyValue(key, value);
    }

    private static Object first(Object one, Object other) {
        return one != null ? one : other;
    }

    private static String tail(String id) {
        return id == null || id.length() <= SHOWN_OF_AN_ID ? id : "…" + id.substring(id.length() - SHOWN_OF_AN_ID);
    }

    private static Map<String, Level> levels() {
        try (InputStream list = Events.class.getResourceAsStream("/whatsapp/events.json")) {
            Map<String, Level> levels = new HashMap<>();
            new ObjectMapper().readTree(list).path("events")
                    .forEach(event -> levels.put(event.path("name").asText(), Level.valueOf(event.path("level").asText())));
            return levels;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
