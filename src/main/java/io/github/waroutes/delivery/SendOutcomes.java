package io.github.waroutes.delivery;

import java.time.Clock;
import java.util.Map;

import io.github.waroutes.error.Causes;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppNetworkException;
import io.github.waroutes.graph.OutboundHeaders;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the send routes ask of {@link Outcomes}, for the message in hand: a send that was written and not answered is held until
 * its status says what became of it, or nobody says anything for long enough.
 */
public class SendOutcomes {

    /** An exchange variable: the name of the {@link Verdict}. */
    public static final String VERDICT = "whatsappOutcome";

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    private static final String FAILURE = "failure";

    private final Clock clock;
    private Outcomes outcomes;
    private long askAgainAfter = 2000;
    private boolean resend = true;

    public SendOutcomes() {
        this(Clock.systemUTC());
    }

    SendOutcomes(Clock clock) {
        this.clock = clock;
    }

    public void setOutcomes(Outcomes outcomes) {
        this.outcomes = outcomes;
    }

    /** @param askAgainAfter milliseconds between two looks at a message that is held */
    public void setAskAgainAfter(long askAgainAfter) {
        this.askAgainAfter = askAgainAfter;
    }

    /** @param resend whether silence makes the message be sent again; otherwise it goes to the dead letter */
    public void setResend(boolean resend) {
        this.resend = resend;
    }

    /**
     * Sets the variable {@value #VERDICT} to {@code SEND} (nothing is unknown, or silence allows it), {@code WAIT} (and lets the
     * message wait), {@code SENT}, {@code FAILED} (its statuses said so) or {@code GIVE_UP} (silence, and no resending).
     */
    public void ask(Exchange exchange) {
        String id = id(exchange);
        Verdict found = outcomes.ask(id, clock.instant());
        String verdict = switch (found) {
            case NOT_UNKNOWN -> "SEND";
            case WAITING -> "WAIT";
            case SETTLED_SENT -> "SENT";
            case SETTLED_FAILED -> "FAILED";
            case SILENT -> resend ? "SEND" : "GIVE_UP";
        };
        if ("WAIT".equals(verdict)) {
            exchange.setProperty(QueueConstants.AGAIN_AFTER, askAgainAfter);
        } else if (found != Verdict.NOT_UNKNOWN) {
            outcomes.forget(id);
        }
        if ("GIVE_UP".equals(verdict)) {
            exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure(exchange));
        }
        exchange.setVariable(VERDICT, verdict);
    }

    /** What was thrown when the send ended; after a restart nobody knows, but for its kind. */
    private static Object failure(Exchange exchange) {
        Object known = memo(exchange).get(FAILURE);
        return known != null ? known : new WhatsAppNetworkException(
                ErrorDetails.builder("No answer came, and no status: the message may have been sent, or not")
                        .retryClass(RetryClass.NEVER).scope(ErrorScope.SERVICE).outcomeUnknown(true).build(), true);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> memo(Exchange exchange) {
        return exchange.getProperty(QueueConstants.MEMO, Map.of(), Map.class);
    }

    /**
     * The send that was just tried was written, and not answered: the message waits. If that cannot be written down it does
     * not wait, and is given up: it must not be sent again by mistake.
     */
    public void unknown(Exchange exchange) {
        try {
            outcomes.unknown(id(exchange), clock.instant());
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("event", "whatsapp.outcome.not_noted").addKeyValue("error", e.getClass().getName())
                    .log("whatsapp.outcome.not_noted");
            return;
        }
        Throwable failure = Causes.caught(WhatsAppException.class, exchange);
        if (failure != null) {
            memo(exchange).put(FAILURE, failure);
        }
        exchange.setProperty(QueueConstants.AGAIN_AFTER, askAgainAfter);
    }

    /** A status, Meta's object as the body, may settle one. */
    public void settle(Exchange exchange) {
        Message message = exchange.getMessage();
        @SuppressWarnings("unchecked")
        Map<String, Object> status = message.getBody(Map.class);
        String id = DeliveryTracker.outboundId(status);
        DeliveryState state = DeliveryState.of(status.get("status"));
        if (id != null && state != null) {
            outcomes.settle(id, state);
        }
    }

    private static String id(Exchange exchange) {
        return exchange.getMessage().getHeader(OutboundHeaders.ID, "", String.class);
    }
}
