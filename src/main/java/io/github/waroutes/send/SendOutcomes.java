package io.github.waroutes.send;

import io.github.waroutes.delivery.DeliveryState;
import io.github.waroutes.delivery.DeliveryTracker;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

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
import io.github.waroutes.state.StateUnavailableException;
import io.github.waroutes.update.Retries;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects the send routes to {@link Outcomes}, for the current message: an attempt is recorded before it is made, and a message whose send
 * got no answer is held until a status tells its outcome, or until none has come for long enough. A read receipt may be sent twice without
 * harm, so its attempts are not recorded.
 */
public class SendOutcomes {

    /** An exchange variable: the name of the {@link Verdict}. */
    public static final String VERDICT = "whatsappOutcome";

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    /** Exchange property, an Outcome: the message's journal entry when {@link #ask} read it. */
    private static final String KNOWN = "WhatsAppOutcomeKnown";
    /** Exchange property, a Boolean: no status came for the message, and it may be sent again. */
    private static final String SILENT = "WhatsAppOutcomeSilent";
    /** Exchange property, an {@link Attempt} that is recorded, while its outcome is not. */
    private static final String ATTEMPT = "WhatsAppAttempt";
    /** In the memo, an {@link Attempt} that was not made, or was refused, while the journal may still hold it. */
    private static final String NOT_MADE = "attempt-not-made";
    /** In the memo: the journal has no entry for the message, and only its own attempt adds one. */
    private static final String FRESH = "fresh";
    private static final String FAILURE = "failure";

    private final ObjectMapper json = new ObjectMapper();
    private final AtomicBoolean failing = new AtomicBoolean();
    private Outcomes outcomes;
    private long askAgainAfter = 2000;
    private boolean resend = true;
    private int resends = 1;

    /** @param before the entry before it, or null */
    private record Attempt(Outcome before, Outcome noted) {
    }

    public void setOutcomes(Outcomes outcomes) {
        this.outcomes = outcomes;
    }

    /** @param askAgainAfter milliseconds between two checks of a message that is held */
    public void setAskAgainAfter(long askAgainAfter) {
        this.askAgainAfter = askAgainAfter;
    }

    /** @param resend whether a message is sent again when no status has come; otherwise it goes to the dead-letter queue */
    public void setResend(boolean resend) {
        this.resend = resend;
    }

    /** @param resends how often one message is sent again when no status has come; after that it goes to the dead-letter queue */
    public void setResends(int resends) {
        if (resends < 0) {
            throw new IllegalArgumentException("whatsapp.outcome.resends must be 0 or more, and is " + resends);
        }
        this.resends = resends;
    }

    /**
     * Sets the variable {@value #VERDICT} to {@code SEND} (nothing is unknown, or no status came and a resend is allowed), {@code WAIT} (the
     * message waits), {@code SENT} or {@code FAILED} (as Meta reported), or {@code GIVE_UP} (unknown, and it must not be sent again). The
     * entry stays: it is needed if a crash loses the acknowledgement of the message. If it cannot be read now, the message waits.
     *
     * @throws StateUnavailableException if Redis does not answer
     */
    public void ask(Exchange exchange) {
        try {
            decide(exchange);
        } catch (IllegalStateException e) {
            waitFor(e, exchange);
            exchange.setVariable(VERDICT, "WAIT");
        }
    }

    private void decide(Exchange exchange) {
        String id = id(exchange);
        Map<String, Object> memo = memo(exchange);
        if (memo.get(NOT_MADE) instanceof Attempt attempt) {
            outcomes.notMade(id, attempt.noted(), attempt.before());
            memo.remove(NOT_MADE);
        }
        Outcomes.Answer answer = memo.containsKey(FRESH) ? new Outcomes.Answer(Verdict.NOT_UNKNOWN, null) : outcomes.ask(id, number(exchange));
        Verdict found = answer.verdict();
        if (found == Verdict.NOT_UNKNOWN && mayBeACopy(exchange.getMessage())) {
            found = outcomes.askTracker(id, number(exchange));
        }
        String verdict = switch (found) {
            case NOT_UNKNOWN -> "SEND";
            case WAITING -> isTraceable(exchange) ? "WAIT" : "GIVE_UP";
            case SETTLED_SENT -> "SENT";
            case SETTLED_FAILED -> "FAILED";
            case SILENT -> maySendAgain(exchange, answer.outcome()) ? "SEND" : "GIVE_UP";
            // a replayed dead letter is another message of the queue: an operator wants it sent
            case GIVEN_UP -> queueMessage(exchange).equals(answer.outcome().givenUpAs()) ? "GIVE_UP" : "SEND";
        };
        if (exchange.getProperty(QueueConstants.GIVEN_UP) != null && ("WAIT".equals(verdict) || "SEND".equals(verdict))) {
            verdict = "GIVE_UP";
        }
        if ("WAIT".equals(verdict)) {
            askAgain(exchange, "outcome");
        } else if ("GIVE_UP".equals(verdict)) {
            exchange.setProperty(Exchange.EXCEPTION_CAUGHT, found == Verdict.NOT_UNKNOWN ? Retries.givenUpByOperator() : failure(exchange));
        } else if ("SEND".equals(verdict)) {
            exchange.setProperty(KNOWN, answer.outcome());
            exchange.setProperty(SILENT, found == Verdict.SILENT);
            if (found == Verdict.NOT_UNKNOWN) {
                memo.put(FRESH, true);
            }
        } else if (answer.outcome() != null) {
            forgetWhenAcknowledged(exchange, id, answer.outcome());
        }
        exchange.setVariable(VERDICT, verdict);
    }

    /**
     * Records the attempt before the message goes to Meta, so that it is not sent twice after a crash. If that fails, or another node has
     * begun with the message meanwhile, the message waits.
     *
     * @throws StateUnavailableException if Redis does not answer; the message must not be sent
     */
    public void begin(Exchange exchange) {
        if (isReadReceipt(exchange)) {
            return;
        }
        Outcome before = exchange.getProperty(KNOWN, Outcome.class);
        Attempt attempt = new Attempt(before, outcomes.attempt(isGivenUp(before) ? null : before, exchange.getProperty(SILENT, false, Boolean.class),
                number(exchange)));
        Map<String, Object> memo = memo(exchange);
        memo.remove(FRESH);
        memo.put(NOT_MADE, attempt);
        try {
            if (outcomes.begin(id(exchange), before, attempt.noted())) {
                exchange.setProperty(ATTEMPT, attempt);
            } else {
                askAgain(exchange, "outcome");
            }
            memo.remove(NOT_MADE);
            if (failing.get()) {
                failing.set(false);
            }
        } catch (IllegalStateException e) {
            waitFor(e, exchange);
        }
    }

    // logged once: thousands may wait for the same disk
    private void waitFor(IllegalStateException failure, Exchange exchange) {
        if (!failing.getAndSet(true)) {
            logNotRecorded(failure);
        }
        askAgain(exchange, "journal");
    }

    private void askAgain(Exchange exchange, String reason) {
        exchange.setProperty(QueueConstants.AGAIN_AFTER, askAgainAfter);
        exchange.setProperty(QueueConstants.WAIT_REASON, reason);
    }

    /** Meta refused the message, or was not called: the attempt is over. */
    public void refused(Exchange exchange) {
        if (exchange.removeProperty(ATTEMPT) instanceof Attempt attempt) {
            memo(exchange).put(NOT_MADE, attempt);
            try {
                outcomes.refused(id(exchange), attempt.noted(), attempt.before());
            } catch (IllegalStateException e) {
                // the next ask repeats it
                logNotRecorded(e);
            }
        }
    }

    /** Meta accepted the message. A failure to record that is only logged: after a crash its status settles it. */
    public void accepted(Exchange exchange) {
        if (exchange.removeProperty(ATTEMPT) instanceof Attempt attempt) {
            String id = id(exchange);
            try {
                forgetWhenAcknowledged(exchange, id, outcomes.accepted(id, attempt.noted()));
            } catch (RuntimeException e) {
                logNotRecorded(e);
            }
        }
    }

    private void forgetWhenAcknowledged(Exchange exchange, String id, Outcome settled) {
        exchange.setProperty(QueueConstants.ON_ACKNOWLEDGED, (Runnable) () -> {
            try {
                outcomes.forget(id, settled);
            } catch (RuntimeException e) {
                LOG.debug("The entry of a message that is done stays until it expires", e);
            }
        });
    }

    /** The message is given up, for any reason: a crash must not lead to a send, while a replay may. */
    public void givenUp(Exchange exchange) {
        WhatsAppException failure = Causes.find(WhatsAppException.class, Causes.thrown(exchange));
        boolean answered = failure != null && !failure.isOutcomeUnknown();
        if (exchange.removeProperty(ATTEMPT) instanceof Attempt attempt && answered) {
            memo(exchange).put(NOT_MADE, attempt);
            outcomes.notMade(id(exchange), attempt.noted(), attempt.before());
        }
        outcomes.giveUp(id(exchange), queueMessage(exchange));
    }

    /** What was stored for later, or was made by an update that is handled again, may have been sent before. */
    private static boolean mayBeACopy(Message message) {
        return message.getHeader(SendRetries.POSTPONED) != null || message.getHeader(QueueConstants.REPLAY) != null;
    }

    private static boolean isGivenUp(Outcome outcome) {
        return outcome != null && outcome.verdict() == Verdict.GIVEN_UP;
    }

    private static boolean isReadReceipt(Exchange exchange) {
        return "read".equals(exchange.getMessage().getHeader(OutboundHeaders.TYPE, String.class));
    }

    private boolean maySendAgain(Exchange exchange, Outcome outcome) {
        return resend && outcome.resends() < resends && isTraceable(exchange);
    }

    private static String queueMessage(Exchange exchange) {
        return exchange.getProperty(QueueConstants.QUEUE, "", String.class) + ' '
                + exchange.getProperty(QueueConstants.MESSAGE_ID, "", String.class);
    }

    /** Whether a missing status means something: statuses carry our id, or the message is a read receipt, which may be sent twice. */
    private boolean isTraceable(Exchange exchange) {
        byte[] body = exchange.getMessage().getBody(byte[].class);
        try {
            JsonNode message = json.readTree(body == null ? new byte[0] : body);
            return message.hasNonNull("status") || id(exchange).equals(message.path("biz_opaque_callback_data").asText(null));
        } catch (IOException e) {
            return false;
        }
    }

    /** Why it is given up: the exception of the send, if it is still known and a status could have come. */
    private Throwable failure(Exchange exchange) {
        boolean traceable = isTraceable(exchange);
        if (traceable && memo(exchange).get(FAILURE) instanceof Throwable known) {
            return known;
        }
        String why = traceable
                ? "no status has come. See whether statuses reach the webhook, and whether the user has it before you replay it."
                : "its biz_opaque_callback_data is not our id, so no status can tell. See whether the user has it before you replay it.";
        return new WhatsAppNetworkException(ErrorDetails.builder("The message may have been sent, or not: no answer came, and " + why)
                .retryClass(RetryClass.NEVER).scope(ErrorScope.SERVICE).outcomeUnknown(true).build(), true);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> memo(Exchange exchange) {
        return exchange.getProperty(QueueConstants.MEMO, new HashMap<>(), Map.class);
    }

    /** The request was written and not answered: the message waits. */
    public void unknown(Exchange exchange) {
        Outcome noted = exchange.removeProperty(ATTEMPT) instanceof Attempt attempt ? attempt.noted() : null;
        try {
            outcomes.unknown(id(exchange), number(exchange), noted);
        } catch (RuntimeException e) {
            // a read receipt, which may be sent twice
            logNotRecorded(e);
        }
        Throwable failure = Causes.caught(WhatsAppException.class, exchange);
        if (failure != null) {
            memo(exchange).put(FAILURE, failure);
        }
        exchange.setProperty(QueueConstants.AGAIN_AFTER, askAgainAfter);
    }

    private static void logNotRecorded(RuntimeException why) {
        LOG.atError().addKeyValue("event", "whatsapp.outcome.not_noted").addKeyValue("error", why.getClass().getName())
                .addKeyValue("reason", why instanceof IllegalStateException ? why.getMessage() : "the store did not take it").log("whatsapp.outcome.not_noted");
    }

    /** A status, Meta's object as the body, may settle an unknown outcome. */
    public void settle(Exchange exchange) {
        Message message = exchange.getMessage();
        @SuppressWarnings("unchecked")
        Map<String, Object> status = message.getBody(Map.class);
        String id = DeliveryTracker.outboundId(status);
        DeliveryState state = DeliveryState.of(status.get("status"));
        if (id != null && state != null) {
            outcomes.settle(id, number(exchange), state);
        }
    }

    private static String number(Exchange exchange) {
        return exchange.getMessage().getHeader(UpdateHeaders.PHONE_NUMBER_ID, String.class);
    }

    private static String id(Exchange exchange) {
        return exchange.getMessage().getHeader(OutboundHeaders.ID, "", String.class);
    }
}
