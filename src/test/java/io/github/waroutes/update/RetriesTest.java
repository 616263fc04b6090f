package io.github.waroutes.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetriesTest {

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final Retries retries = new Retries();
    private final Map<String, Object> memo = new HashMap<>();

    private static ErrorDetails.Builder details(RetryClass retryClass) {
        return ErrorDetails.builder("x").retryClass(retryClass);
    }

    private Exchange exchange(Throwable failure) {
        Exchange exchange = new DefaultExchange(context);
        exchange.setProperty(QueueConstants.MEMO, memo);
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure);
        return exchange;
    }

    /** The wait in milliseconds; null: it is given up. */
    private Long decide(Throwable failure) {
        Exchange exchange = exchange(failure);
        retries.again(exchange);
        return exchange.getProperty(QueueConstants.AGAIN_AFTER, Long.class);
    }

    private Long decide(ErrorDetails.Builder details) {
        return decide(new WhatsAppException(details.build()));
    }

    @Test
    void aThrottleWaitsFourfoldAndTroubleThatPassesTwiceAsLongEachCountedOnItsOwn() {
        assertThat(Stream.generate(() -> decide(details(RetryClass.THROTTLE))).limit(6))
                .containsExactly(1000L, 4000L, 16_000L, 64_000L, 256_000L, null);
        assertThat(Stream.generate(() -> decide(details(RetryClass.TRANSIENT))).limit(3)).containsExactly(1000L, 2000L, null);
    }

    @Test
    void theOtherSideMayAskForALongerWaitAndForFewerTries() {
        assertThat(decide(details(RetryClass.THROTTLE).minimumWait(Duration.ofSeconds(30)))).isEqualTo(30_000);
        assertThat(decide(details(RetryClass.TRANSIENT).maximumRetries(0))).isNull();
    }

    @ParameterizedTest
    @EnumSource(value = RetryClass.class, names = {"WAIT_LONG", "NEVER", "ALARM"})
    void anyOtherClassIsGivenUp(RetryClass retryClass) {
        assertThat(decide(details(retryClass))).isNull();
    }

    @Test
    void aTypedExceptionIsFoundBehindWrappersAndAnOpenBreakerPasses() {
        assertThat(decide(new RuntimeException(new IllegalStateException(new WhatsAppException(details(RetryClass.THROTTLE).build())))))
                .isEqualTo(1000);
        assertThat(decide(CallNotPermittedException.createCallNotPermittedException(CircuitBreaker.ofDefaults("test")))).isEqualTo(1000);
    }

    @Test
    void anExceptionThatIsBeingThrownWinsOverOneThatWasCaught() {
        Exchange exchange = exchange(new WhatsAppException(details(RetryClass.THROTTLE).build()));
        exchange.setException(new WhatsAppException(details(RetryClass.NEVER).build()));
        retries.again(exchange);
        assertThat(exchange.getProperty(QueueConstants.AGAIN_AFTER)).isNull();
    }

    @Test
    void foreignExceptionsLoopsAndNoneAreNothingToRetry() {
        Exception loop = new Exception();
        loop.initCause(new Exception(loop));
        for (Throwable failure : new Throwable[] {new IllegalStateException(), loop, null}) {
            assertThat(decide(failure)).isNull();
        }
    }

    @Test
    void whatIsDoneOnceIsDoneOnceHoweverOftenTheUpdateIsHandled() {
        assertThat(retries.first("received", exchange(null))).isTrue();
        assertThat(retries.first("received", exchange(null))).isFalse();
        assertThat(retries.first("other", exchange(null))).isTrue();
    }
}
