package io.github.waroutes.send;

import io.github.waroutes.delivery.DeliveryState;
import io.github.waroutes.delivery.DeliveryTracker;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppNetworkException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.redisson.client.RedisException;
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
    /** In the memo: the message was not heard of, and may be sent again. */
    private static final String SILENT = "silent";
    /** In the memo, an Instant: since when its outcome is unknown, which is still to be written down. */
    private static final String NOT_NOTED = "not-noted";
    /** In the memo: what was written down before it was sent again. */
    private static final String BEFORE = "before-resend";

    private final ObjectMapper json = new ObjectMapper();

    private final Clock clock;
    private Outcomes outcomes;
    private long askAgainAfter = 2000;
    private boolean resend = true;
    private int resends = 1;

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

    /** @param resends how often silence makes one message be sent again; after that it goes to the dead letter */
    public void setResends(int resends) {
        if (resends < 0) {
            throw new IllegalArgumentException("whatsapp.outcome.resends must be 0 or more, and is " + resends);
        }
        this.resends = resends;
    }

    /**
     * Sets the variable {@value #VERDICT} to {@code SEND} (nothing is unknown, or silence allows it), {@code WAIT} (and lets the
     * message wait), {@code SENT}, {@code FAILED} (Meta has said so) or {@code GIVE_UP} (nobody knows, and it must not be sent again).
     * What is known of the message stays written down: it is asked for again if a crash forgets that the message is done.
     */
    public void ask(Exchange exchange) {
        String id = id(exchange);
        if (memo(exchange).get(NOT_NOTED) instanceof Instant since) {
            outcomes.unknown(id, since);
            memo(exchange).remove(NOT_NOTED);
        }
        Verdict found = outcomes.ask(id, clock.instant());
        if (found == Verdict.NOT_UNKNOWN && triedBefore(exchange)) {
            found = outcomes.askTracker(id);
        }
        String verdict = switch (found) {
            case NOT_UNKNOWN -> "SEND";
            case WAITING -> isTold(exchange) ? "WAIT" : "GIVE_UP";
            case SETTLED_SENT -> "SENT";
            case SETTLED_FAILED -> "FAILED";
            case SILENT -> maySendAgain(exchange) ? "SEND" : "GIVE_UP";
            case GIVEN_UP -> isGivenUp(exchange) ? "GIVE_UP" : "SEND";
        };
        if ("WAIT".equals(verdict)) {
            exchange.setProperty(QueueConstants.AGAIN_AFTER, askAgainAfter);
        } else if ("GIVE_UP".equals(verdict)) {
            exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure(exchange));
        } else if (found == Verdict.SILENT) {
            memo(exchange).put(SILENT, true);
        } else if (found == Verdict.GIVEN_UP) {
            // it comes from the dead letter: somebody wants it sent
            outcomes.forget(id);
        }
        exchange.setVariable(VERDICT, verdict);
    }

    /** The message goes to Meta now. If it is for the second time, that is written down first, so that a crash does not make it the third. */
    public void begin(Exchange exchange) {
        Map<String, Object> memo = memo(exchange);
        if (memo.remove(SILENT) != null) {
            String id = id(exchange);
            outcomes.find(id).ifPresent(before -> memo.put(BEFORE, before));
            outcomes.resent(id, clock.instant());
        }
    }

    /** Meta did not take what was sent again, and said so: that was no resend. */
    public void refused(Exchange exchange) {
        if (memo(exchange).remove(BEFORE) instanceof Outcome before) {
            outcomes.notResent(id(exchange), before);
        }
    }

    /** Meta has taken the message. */
    public void accepted(Exchange exchange) {
        if (memo(exchange).remove(BEFORE) != null) {
            outcomes.settle(id(exchange), DeliveryState.ACCEPTED);
        }
    }

    /** The message is given up, for whatever reason: a crash must not make it be sent, and whoever replays it can have it sent. */
    public void givenUp(Exchange exchange) {
        outcomes.giveUp(id(exchange), takenAs(exchange));
    }

    private static boolean triedBefore(Exchange exchange) {
        return exchange.getProperty(QueueConstants.MAYBE_HANDLED, false, Boolean.class)
                || exchange.getMessage().getHeader(SendRetries.POSTPONED) != null;
    }

    private boolean maySendAgain(Exchange exchange) {
        int before = outcomes.find(id(exchange)).map(Outcome::resends).orElse(0);
        return resend && before < resends && isTold(exchange);
    }

    private boolean isGivenUp(Exchange exchange) {
        String as = outcomes.find(id(exchange)).map(Outcome::givenUpAs).orElse(null);
        return takenAs(exchange).equals(as);
    }

    private static String takenAs(Exchange exchange) {
        return exchange.getProperty(QueueConstants.QUEUE, "", String.class) + ' '
                + exchange.getProperty(QueueConstants.MESSAGE_ID, "", String.class);
    }

    /** Whether silence tells anything: statuses bring our id back, or what would be sent twice is a read receipt. */
    private boolean isTold(Exchange exchange) {
        byte[] body = exchange.getMessage().getBody(byte[].class);
        try {
            JsonNode message = json.readTree(body == null ? new byte[0] : body);
            return message.has("status") || id(exchange).equals(message.path("biz_opaque_callback_data").asText(null));
        } catch (IOException e) {
            return false;
        }
    }

    /** Why it is given up: what was thrown when the send ended, as long as anybody knows and could have been told more. */
    private Throwable failure(Exchange exchange) {
        boolean told = isTold(exchange);
        if (told && memo(exchange).get(FAILURE) instanceof Throwable known) {
            return known;
        }
        String why = told
                ? "no status has come. See whether statuses reach the webhook, and whether the user has it before you replay it."
                : "its biz_opaque_callback_data is not our id, so no status can tell. See whether the user has it before you replay it.";
        return new WhatsAppNetworkException(ErrorDetails.builder("The message may have been sent, or not: no answer came, and " + why)
                .retryClass(RetryClass.NEVER).scope(ErrorScope.SERVICE).outcomeUnknown(true).build(), true);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> memo(Exchange exchange) {
        return exchange.getProperty(QueueConstants.MEMO, new HashMap<>(), Map.class);
    }

    /**
     * The send that was just tried was written, and not answered: the message waits. While Redis is away it waits too, and is not sent
     * before that is written down. If it cannot be written down for another reason it is given up: it must not be sent again by mistake.
     */
    public void unknown(Exchange exchange) {
        try {
            outcomes.unknown(id(exchange), clock.instant());
        } catch (RedisException e) {
            notNoted(e);
            memo(exchange).put(NOT_NOTED, clock.instant());
        } catch (RuntimeException e) {
            notNoted(e);
            return;
        }
        Throwable failure = Causes.caught(WhatsAppException.class, exchange);
        memo(exchange).remove(BEFORE);
        if (failure != null) {
            memo(exchange).put(FAILURE, failure);
        }
        exchange.setProperty(QueueConstants.AGAIN_AFTER, askAgainAfter);
    }

    private static void notNoted(RuntimeException why) {
        LOG.atError().addKeyValue("event", "whatsapp.outcome.not_noted").addKeyValue("error", why.getClass().getName())
                .log("whatsapp.outcome.not_noted");
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
