package io.github.waroutes.error;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetriesTest {

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final Retries retries = new Retries();

    @BeforeEach
    void configure() {
        retries.setCamelContext(context);
    }

    private Exchange failed(Throwable failure) {
        Exchange exchange = new DefaultExchange(context);
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure);
        return exchange;
    }

    private static WhatsAppException typed(RetryClass retryClass, boolean unknown) {
        return new WhatsAppException(ErrorDetails.builder("x").retryClass(retryClass).outcomeUnknown(unknown).build());
    }

    @ParameterizedTest
    @EnumSource(RetryClass.class)
    void theRetryClassDecides(RetryClass retryClass) {
        Exchange exchange = failed(typed(retryClass, false));
        assertThat(retries.throttled(exchange)).isEqualTo(retryClass == RetryClass.THROTTLE);
        assertThat(retries.passing(exchange)).isEqualTo(retryClass == RetryClass.TRANSIENT);
        assertThat(retries.outcomeUnknown(exchange)).isFalse();
    }

    @Test
    void aTypedExceptionIsFoundBehindWrappers() {
        Exchange exchange = failed(new RuntimeException(new IllegalStateException(typed(RetryClass.THROTTLE, true))));
        assertThat(retries.throttled(exchange)).isTrue();
        assertThat(retries.outcomeUnknown(exchange)).isTrue();
    }

    @Test
    void anExceptionThatIsBeingThrownWinsOverOneThatWasCaught() {
        Exchange exchange = failed(typed(RetryClass.THROTTLE, false));
        exchange.setException(typed(RetryClass.TRANSIENT, false));
        assertThat(retries.passing(exchange)).isTrue();
        assertThat(retries.throttled(exchange)).isFalse();
    }

    @Test
    void anOpenBreakerIsPassingTrouble() {
        assertThat(retries.passing(failed(CallNotPermittedException.createCallNotPermittedException(
                CircuitBreaker.ofDefaults("test"))))).isTrue();
    }

    @Test
    void foreignExceptionsLoopsAndNoneAreNothingToRetry() {
        Exception loop = new Exception();
        loop.initCause(new Exception(loop));
        for (Throwable failure : new Throwable[] {new IllegalStateException(), loop, null}) {
            Exchange exchange = failed(failure);
            assertThat(retries.throttled(exchange)).isFalse();
            assertThat(retries.passing(exchange)).isFalse();
            assertThat(retries.outcomeUnknown(exchange)).isFalse();
            assertThat(retries.graphDown(exchange)).isFalse();
        }
    }

    @Test
    void withoutABreakerGraphIsNotDown() {
        assertThat(retries.graphDown(failed(typed(RetryClass.TRANSIENT, false)))).isFalse();
    }

    @Test
    void thereAreSoManyRetriesOfEachKindWhateverBecomesOfTheHeaders() {
        Exchange exchange = failed(null);
        assertThat(retries.again("throttle", 2, exchange)).isTrue();
        exchange.getMessage().removeHeaders("*");
        assertThat(retries.again("throttle", 2, exchange)).isTrue();
        assertThat(retries.again("throttle", 2, exchange)).isFalse();
        assertThat(retries.again("transient", 1, exchange)).isTrue();
        assertThat(retries.again("transient", 1, exchange)).isFalse();
        assertThat(retries.again("none", 0, exchange)).isFalse();
    }
}
