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
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the send routes ask of {@link Outcomes}, for the current message: its attempt is noted before it is made, and a send that was written
 * and not answered is held until its status says what became of it, or nobody says anything for long enough. A read receipt may be sent
 * twice without harm, so its attempts are not noted.
 */
public class SendOutcomes {

    /** An exchange variable: the name of the {@link Verdict}. */
    public static final String VERDICT = "whatsappOutcome";

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");
    /** Exchange property, an Outcome: what was written down of the message when it was asked for. */
    private static final String KNOWN = "WhatsAppOutcomeKnown";
    /** Exchange property, a Boolean: nothing was heard of the message, and it may be sent again. */
    private static final String SILENT = "WhatsAppOutcomeSilent";
    /** Exchange property, an {@link Attempt}: it is noted, and what became of it is not. */
    private static final String ATTEMPT = "WhatsAppAttempt";
    /** In the memo, an {@link Attempt}: it was not made, or refused, and whether that is written down is not certain. */
    private static final String NOT_MADE = "attempt-not-made";
    /** In the memo: nothing is written down of the message, and only its own attempt changes that. */
    private static final String FRESH = "fresh";
    private static final String FAILURE = "failure";

    private final ObjectMapper json = new ObjectMapper();
    private final AtomicBoolean failing = new AtomicBoolean();
    private Outcomes outcomes;
    private long askAgainAfter = 2000;
    private boolean resend = true;
    private int resends = 1;

    /** @param before what was written down before it, or null */
    private record Attempt(Outcome before, Outcome noted) {
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
     * If that cannot be read now, the message waits.
     *
     * @throws StateUnavailableException if Redis is away
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
        if (found == Verdict.NOT_UNKNOWN && exchange.getMessage().getHeader(SendRetries.POSTPONED) != null) {
            found = outcomes.askTracker(id, number(exchange));
        }
        String verdict = switch (found) {
            case NOT_UNKNOWN -> "SEND";
            case WAITING -> isTold(exchange) ? "WAIT" : "GIVE_UP";
            case SETTLED_SENT -> "SENT";
            case SETTLED_FAILED -> "FAILED";
            case SILENT -> maySendAgain(exchange, answer.outcome()) ? "SEND" : "GIVE_UP";
            // from the dead letter it comes as another message of the queue: somebody wants it sent
            case GIVEN_UP -> takenAs(exchange).equals(answer.outcome().givenUpAs()) ? "GIVE_UP" : "SEND";
        };
        if ("WAIT".equals(verdict)) {
            exchange.setProperty(QueueConstants.AGAIN_AFTER, askAgainAfter);
        } else if ("GIVE_UP".equals(verdict)) {
            exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure(exchange));
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
     * The message goes to Meta next: that is written down, so that a crash does not make it be sent twice. If it cannot be, or another has
     * begun with the message meanwhile, it waits.
     *
     * @throws StateUnavailableException if Redis is away; the message is not to be sent
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
                exchange.setProperty(QueueConstants.AGAIN_AFTER, askAgainAfter);
            }
            memo.remove(NOT_MADE);
            if (failing.get()) {
                failing.set(false);
            }
        } catch (IllegalStateException e) {
            waitFor(e, exchange);
        }
    }

    // thousands may wait for the same disk
    private void waitFor(IllegalStateException failure, Exchange exchange) {
        if (!failing.getAndSet(true)) {
            notNoted(failure);
        }
        exchange.setProperty(QueueConstants.AGAIN_AFTER, askAgainAfter);
    }

    /** Meta did not take the message, and said so, or was not asked: the attempt is over. */
    public void refused(Exchange exchange) {
        if (exchange.removeProperty(ATTEMPT) instanceof Attempt attempt) {
            memo(exchange).put(NOT_MADE, attempt);
            try {
                outcomes.refused(id(exchange), attempt.noted(), attempt.before());
            } catch (IllegalStateException e) {
                // the next ask does it
                notNoted(e);
            }
        }
    }

    /** Meta has taken the message. A failure to note it is logged: after a crash a status must tell. */
    public void accepted(Exchange exchange) {
        if (exchange.removeProperty(ATTEMPT) instanceof Attempt attempt) {
            String id = id(exchange);
            try {
                forgetWhenAcknowledged(exchange, id, outcomes.accepted(id, attempt.noted()));
            } catch (RuntimeException e) {
                notNoted(e);
            }
        }
    }

    private void forgetWhenAcknowledged(Exchange exchange, String id, Outcome settled) {
        exchange.setProperty(QueueConstants.ON_ACKNOWLEDGED, (Runnable) () -> {
            try {
                outcomes.forget(id, settled);
            } catch (RuntimeException e) {
                LOG.debug("The entry of a message that is done stays until it is too old", e);
            }
        });
    }

    /** The message is given up, for whatever reason: a crash must not make it be sent, and whoever replays it can have it sent. */
    public void givenUp(Exchange exchange) {
        WhatsAppException failure = Causes.find(WhatsAppException.class, Causes.thrown(exchange));
        boolean answered = failure != null && !failure.isOutcomeUnknown();
        if (exchange.removeProperty(ATTEMPT) instanceof Attempt attempt && answered) {
            memo(exchange).put(NOT_MADE, attempt);
            outcomes.notMade(id(exchange), attempt.noted(), attempt.before());
        }
        outcomes.giveUp(id(exchange), takenAs(exchange));
    }

    private static boolean isGivenUp(Outcome outcome) {
        return outcome != null && outcome.verdict() == Verdict.GIVEN_UP;
    }

    private static boolean isReadReceipt(Exchange exchange) {
        return "read".equals(exchange.getMessage().getHeader(OutboundHeaders.TYPE, String.class));
    }

    private boolean maySendAgain(Exchange exchange, Outcome outcome) {
        return resend && outcome.resends() < resends && isTold(exchange);
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
            return message.hasNonNull("status") || id(exchange).equals(message.path("biz_opaque_callback_data").asText(null));
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

    /** The send that was just tried was written, and not answered: the message waits. */
    public void unknown(Exchange exchange) {
        Outcome noted = exchange.removeProperty(ATTEMPT) instanceof Attempt attempt ? attempt.noted() : null;
        try {
            outcomes.unknown(id(exchange), number(exchange), noted);
        } catch (RuntimeException e) {
            // a read receipt, which may be sent twice
            notNoted(e);
        }
        Throwable failure = Causes.caught(WhatsAppException.class, exchange);
        if (failure != null) {
            memo(exchange).put(FAILURE, failure);
        }
        exchange.setProperty(QueueConstants.AGAIN_AFTER, askAgainAfter);
    }

    private static void notNoted(RuntimeException why) {
        LOG.atError().addKeyValue("event", "whatsapp.outcome.not_noted").addKeyValue("error", why.getClass().getName())
                .addKeyValue("reason", why instanceof IllegalStateException ? why.getMessage() : "the store did not take it").log("whatsapp.outcome.not_noted");
    }

    /** A status, Meta's object as the body, may settle one. */
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
