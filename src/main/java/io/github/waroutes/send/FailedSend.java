package io.github.waroutes.send;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;

/** What a failed send leads to, by retry class and scope; docs/operate.md shows the table. */
public class FailedSend {

    /** An exchange variable: the name of the {@link Way}. */
    public static final String WAY = "whatsappWay";

    private String bulkQueue = "whatsapp.outbound.bulk";

    /** What becomes of the message. */
    public enum Way {
        /** It waits in its place, a few times. */
        WAIT_HERE,
        /** It goes back to the head of its queue, and all of the queue rests. */
        REST_QUEUE,
        /** It waits in its place as long as Graph fails as a whole. */
        HOLD_SERVICE,
        /** It gives up its place and is tried again after hours, a few times. */
        POSTPONE,
        /** The outcome is unknown: it may have been sent. */
        UNKNOWN,
        /** It goes to the dead-letter queue. */
        GIVE_UP
    }

    /** @param bulkQueue the name of the queue for bulk messages only */
    public void setBulkQueue(String bulkQueue) {
        this.bulkQueue = bulkQueue;
    }

    /** Sets the variable {@value #WAY}. */
    public void decide(Exchange exchange) {
        boolean bulk = bulkQueue.equals(exchange.getProperty(QueueConstants.QUEUE, String.class));
        exchange.setVariable(WAY, way(Causes.thrown(exchange), bulk).name());
    }

    /** @param bulk whether the message's queue is the one for bulk messages only */
    static Way way(Throwable thrown, boolean bulk) {
        // inside an expression Camel wraps what was thrown
        WhatsAppException failure = Causes.find(WhatsAppException.class, thrown);
        if (failure == null) {
            return Causes.find(CallNotPermittedException.class, thrown) == null ? Way.GIVE_UP : Way.HOLD_SERVICE;
        }
        if (failure.isOutcomeUnknown()) {
            return Way.UNKNOWN;
        }
        if (isOurMessagingLimit(failure)) {
            return bulk ? Way.REST_QUEUE : Way.POSTPONE;
        }
        return way(failure.getRetryClass(), failure.getScope());
    }

    static Way way(RetryClass retryClass, ErrorScope scope) {
        boolean service = scope == ErrorScope.SERVICE;
        boolean alone = scope == ErrorScope.MESSAGE || scope == ErrorScope.PAIR || scope == ErrorScope.TEMPLATE;
        return switch (retryClass) {
            case THROTTLE -> alone ? Way.WAIT_HERE : Way.REST_QUEUE;
            case TRANSIENT -> service ? Way.HOLD_SERVICE : alone ? Way.WAIT_HERE : Way.REST_QUEUE;
            case WAIT_LONG -> alone ? Way.POSTPONE : Way.REST_QUEUE;
            case ALARM -> alone || service ? Way.GIVE_UP : Way.REST_QUEUE;
            case NEVER -> Way.GIVE_UP;
        };
    }

    /** Whether {@link io.github.waroutes.limit.Limits} refused the message because the account's messaging limit is used up; Meta was not called. */
    static boolean isOurMessagingLimit(WhatsAppException failure) {
        return failure.getRetryClass() == RetryClass.WAIT_LONG && failure.getScope() == ErrorScope.ACCOUNT
                && failure.getErrorCode() == null && failure.getStatusCode() == 0;
    }
}
