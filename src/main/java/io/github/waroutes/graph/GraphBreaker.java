package io.github.waroutes.graph;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;

/** Makes the circuit breaker around the Graph API. */
public final class GraphBreaker {

    private static final int CALLS = 50;
    private static final int FEWEST_CALLS = 20;
    private static final int PROBES = 5;

    private GraphBreaker() {
    }

    /**
     * @param failurePercent from which share of failed calls, of the last {@value #CALLS}, it opens
     * @param openSeconds    how long it stays open before it lets {@value #PROBES} calls find out
     * @param consecutiveFailures after how many failed calls one after another it opens, whatever the share: a gateway with little to do
     *                            would take hours for {@value #FEWEST_CALLS} calls
     */
    public static CircuitBreaker create(int failurePercent, int openSeconds, int consecutiveFailures) {
        if (failurePercent < 1 || failurePercent > 100) {
            throw new IllegalArgumentException("whatsapp.breaker.failure-percent must be 1 to 100, and is " + failurePercent);
        }
        if (openSeconds < 1) {
            throw new IllegalArgumentException("whatsapp.breaker.open-seconds must be at least 1, and is " + openSeconds);
        }
        if (consecutiveFailures < 1) {
            throw new IllegalArgumentException("whatsapp.breaker.consecutive-failures must be at least 1, and is " + consecutiveFailures);
        }
        CircuitBreaker breaker = CircuitBreaker.of("graph", CircuitBreakerConfig.custom()
                .failureRateThreshold(failurePercent)
                .minimumNumberOfCalls(FEWEST_CALLS)
                .slidingWindowSize(CALLS)
                .waitDurationInOpenState(Duration.ofSeconds(openSeconds))
                .permittedNumberOfCallsInHalfOpenState(PROBES)
                // the consumer that is paused meanwhile would never make the call that moves it on
                .automaticTransitionFromOpenToHalfOpenEnabled(true)
                .build());
        AtomicInteger failures = new AtomicInteger();
        breaker.getEventPublisher()
                .onSuccess(event -> failures.set(0))
                .onStateTransition(event -> failures.set(0))
                .onError(event -> {
                    if (failures.incrementAndGet() >= consecutiveFailures && breaker.getState() == CircuitBreaker.State.CLOSED) {
                        breaker.transitionToOpenState();
                    }
                });
        return breaker;
    }
}
