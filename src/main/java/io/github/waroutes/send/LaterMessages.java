package io.github.waroutes.send;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.github.waroutes.error.Causes;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * Messages that gave up their place for hours. Each waits in a queue of its wait class, where all wait equally long, so that only the
 * head has to be checked; a wait that is longer than its class goes through several. Time is the wall clock at the start of the process
 * plus monotonic time since, so that a change of the system clock in between has no effect.
 */
public class LaterMessages {

    /** When the message may be sent, in milliseconds since 1970. */
    public static final String DELIVER_AT = "WhatsAppDeliverAt";
    /** The wait class, by which the queue is split: how many seconds a message waits there at the most. */
    public static final String CLASS = "WhatsAppLaterClass";
    /** The message's id for duplicate detection from now on. */
    public static final String ID = "WhatsAppPostponedId";
    /** An exchange variable: whether a message that has waited in its class goes on to a {@code NEXT} one, or {@code BACK} to be sent. */
    public static final String STEP = "whatsappLater";

    /** When the message came into its class, in milliseconds since 1970. */
    private static final String SINCE = "WhatsAppLaterSince";
    /** How many classes it has been in since it gave up its place. */
    private static final String CLASSES = "WhatsAppLaterClasses";
    /** How many long waits count against the limit. */
    private static final String LONG_WAITS = "WhatsAppLongWaits";
    private static final long[] CLASS_SECONDS = {24 * 3600, 6 * 3600, 3600, 600, 60};
    /** Jitter, so that thousands that wait for the same moment are not due at once. */
    private static final long JITTER_MILLIS = Duration.ofMinutes(15).toMillis();

    private final LongSupplier now;
    private final long started;
    private long longWait = Duration.ofHours(1).toMillis();
    private int longWaits = 3;

    public LaterMessages() {
        this(steadyClock());
    }

    /** @param now milliseconds since 1970 */
    LaterMessages(LongSupplier now) {
        this.now = now;
        this.started = now.getAsLong();
    }

    private static LongSupplier steadyClock() {
        long offset = System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        return () -> offset + TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** @param longWait the wait where the failure names none, in milliseconds */
    public void setLongWait(long longWait) {
        this.longWait = longWait;
    }

    /** @param longWaits how often a message may wait long; waits for our own messaging limit do not count */
    public void setLongWaits(int longWaits) {
        this.longWaits = longWaits;
    }

    /**
     * Sets the headers that say when the message may be sent, and where it waits until then. It gives up its place, so that a marketing
     * message that must wait a day does not hold back the answer to a question.
     *
     * @return false if it has waited often enough
     */
    public boolean postpone(Exchange exchange) {
        WhatsAppException failure = Causes.find(WhatsAppException.class, Causes.thrown(exchange));
        Message message = exchange.getMessage();
        int waits = message.getHeader(LONG_WAITS, 0, Integer.class);
        boolean ours = failure != null && FailedSend.isOurMessagingLimit(failure);
        if (waits >= longWaits && !ours) {
            return false;
        }
        long wait = failure != null && failure.getMinimumWait() != null ? failure.getMinimumWait().toMillis() : longWait;
        message.setHeader(SendRetries.POSTPONED, message.getHeader(SendRetries.POSTPONED, 0, Integer.class) + 1);
        message.setHeader(LONG_WAITS, ours ? waits : waits + 1);
        message.setHeader(CLASSES, 0);
        enter(message, wait + (ours ? ThreadLocalRandom.current().nextLong(JITTER_MILLIS) : 0));
        return true;
    }

    /** For the message at the head of a class: the class rests until the message's time there is over; then {@link #STEP} says what is next. */
    public void look(Exchange exchange) {
        Message message = exchange.getMessage();
        long time = now.getAsLong();
        long since = message.getHeader(SINCE, started, Long.class);
        long due = message.getHeader(DELIVER_AT, since, Long.class);
        long whole = TimeUnit.SECONDS.toMillis(Long.parseLong(message.getHeader(CLASS, "60", String.class)));
        // a time in the future: the clock was set back while no process ran, so the wait begins with this process
        long waited = time - (since > time ? started : since);
        long rest = Math.min(whole, due - since) - waited;
        if (rest > 0) {
            exchange.setProperty(QueueConstants.REST, rest);
            return;
        }
        long left = due - since - waited;
        if (left > 0) {
            message.setHeader(CLASSES, message.getHeader(CLASSES, 0, Integer.class) + 1);
            enter(message, left);
            exchange.setVariable(STEP, "NEXT");
        } else {
            message.removeHeader(CLASS);
            message.removeHeader(SINCE);
            message.removeHeader(CLASSES);
            exchange.setVariable(STEP, "BACK");
        }
    }

    private void enter(Message message, long wait) {
        long seconds = CLASS_SECONDS[CLASS_SECONDS.length - 1];
        for (long longest : CLASS_SECONDS) {
            if (TimeUnit.SECONDS.toMillis(longest) <= wait) {
                seconds = longest;
                break;
            }
        }
        long time = now.getAsLong();
        message.setHeader(SINCE, time);
        message.setHeader(DELIVER_AT, time + wait);
        message.setHeader(CLASS, String.valueOf(seconds));
        // a new id, or duplicate detection would drop the message
        int classes = message.getHeader(CLASSES, 0, Integer.class);
        message.setHeader(ID, message.getHeader(OutboundHeaders.ID, "", String.class) + ":later:"
                + message.getHeader(SendRetries.POSTPONED, 0, Integer.class) + (classes == 0 ? "" : "." + classes));
    }
}
