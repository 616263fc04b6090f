package io.github.waroutes.send;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.waroutes.error.Causes;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;

/**
 * How long a message waits that Graph did not take because Graph fails: it was not reached, or answered 500 and above, or with a code
 * whose scope is the service. Such a failure is nobody's message's fault, so the message keeps its place and is not given up by count,
 * but for one case: a Graph error code that comes again and again for this message while Graph answers others is about the message.
 */
public class ServiceOutage implements CamelContextAware {

    private static final String BEGAN = "outage-began";
    private static final String LAST = "outage-last";
    private static final String WAITS = "outage-waits";
    private static final String ALONE = "outage-alone";

    private final Clock clock;
    private final AtomicLong answers = new AtomicLong();
    private CamelContext camelContext;
    private String breakerName = "whatsappGraphBreaker";
    private CircuitBreaker watched;
    private int attempts = 2;
    private long delay = 1000;
    private long longestDelay = 2000;
    private Duration giveUpAfter = Duration.ofHours(24);

    public ServiceOutage() {
        this(Clock.systemUTC());
    }

    ServiceOutage(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    /** @param breakerName the name of the circuit breaker around the Graph API, which sees every call */
    public void setBreakerName(String breakerName) {
        this.breakerName = breakerName;
    }

    /** @param attempts how often a message is tried again that fails with an error code while Graph answers others */
    public void setAttempts(int attempts) {
        this.attempts = attempts;
    }

    /** @param delay the first wait, in milliseconds; each further one is twice as long */
    public void setDelay(long delay) {
        this.delay = delay;
    }

    /** @param longestDelay the longest wait, in milliseconds, unless the first is longer */
    public void setLongestDelay(long longestDelay) {
        this.longestDelay = longestDelay;
    }

    /** @param millis how long after its first failure in this process a message is given up; 0: never */
    public void setGiveUpAfterMillis(long millis) {
        if (millis < 0) {
            throw new IllegalArgumentException("whatsapp.retry.outage.give-up-after must be 0 (never) or more milliseconds, and is " + millis);
        }
        giveUpAfter = Duration.ofMillis(millis);
    }

    /** Whether it is the service that failed, and the message was certainly not taken. */
    public boolean concerns(Exchange exchange) {
        WhatsAppException failure = failure(exchange);
        return failure != null && failure.getRetryClass() == RetryClass.TRANSIENT && failure.getScope() == ErrorScope.SERVICE
                && !failure.isOutcomeUnknown();
    }

    /** Lets the message wait in its place; without a wait on the exchange afterwards it is given up. */
    public void hold(Exchange exchange) {
        watch();
        @SuppressWarnings("unchecked")
        Map<String, Object> memo = exchange.getProperty(QueueConstants.MEMO, Map.class);
        if (memo == null) {
            return;
        }
        WhatsAppException failure = failure(exchange);
        long now = clock.millis();
        long began = (Long) memo.computeIfAbsent(BEGAN, first -> now);
        if (!giveUpAfter.isZero() && now - began >= giveUpAfter.toMillis()) {
            return;
        }
        long answered = answers.get();
        boolean others = memo.put(LAST, answered) instanceof Long last && answered > last;
        if (others && failure != null && failure.getErrorCode() != null
                && (Integer) memo.merge(ALONE, 1, (one, more) -> (Integer) one + (Integer) more) >= attempts) {
            return;
        }
        int waits = (Integer) memo.merge(WAITS, 1, (one, more) -> (Integer) one + (Integer) more) - 1;
        long wait = Math.min(delay << Math.min(waits, 16), Math.max(delay, longestDelay));
        Duration asked = failure == null ? null : failure.getMinimumWait();
        exchange.setProperty(QueueConstants.AGAIN_AFTER, asked == null ? wait : Math.max(wait, asked.toMillis()));
    }

    // when it is first needed: Camel 4.17 may make a bean more than once, and the registry has the one that is used
    private synchronized void watch() {
        CircuitBreaker breaker = camelContext.getRegistry().lookupByNameAndType(breakerName, CircuitBreaker.class);
        if (breaker != null && breaker != watched) {
            watched = breaker;
            breaker.getEventPublisher().onSuccess(event -> answers.incrementAndGet());
        }
    }

    private static WhatsAppException failure(Exchange exchange) {
        return Causes.find(WhatsAppException.class, Causes.thrown(exchange));
    }
}
