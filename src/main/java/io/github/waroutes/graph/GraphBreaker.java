package io.github.waroutes.graph;

import java.time.Duration;

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
     */
    public static CircuitBreaker create(int failurePercent, int openSeconds) {
        if (failurePercent < 1 || failurePercent > 100) {
            throw new IllegalArgumentException("whatsapp.breaker.failure-percent must be 1 to 100, and is " + failurePercent);
        }
        if (openSeconds < 1) {
            throw new IllegalArgumentException("whatsapp.breaker.open-seconds must be at least 1, and is " + openSeconds);
        }
        return CircuitBreaker.of("graph", CircuitBreakerConfig.custom()
                .failureRateThreshold(failurePercent)
                .minimumNumberOfCalls(FEWEST_CALLS)
                .slidingWindowSize(CALLS)
                .waitDurationInOpenState(Duration.ofSeconds(openSeconds))
                .permittedNumberOfCallsInHalfOpenState(PROBES)
                // the consumer that is paused meanwhile would never make the call that moves it on
                .automaticTransitionFromOpenToHalfOpenEnabled(true)
                .build());
    }
}
