package io.github.waroutes.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.concurrent.TimeUnit;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import org.junit.jupiter.api.Test;

class GraphBreakerTest {

    private final CircuitBreaker breaker = GraphBreaker.create(50, 600, 5);

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            breaker.onError(1, TimeUnit.MILLISECONDS, new IllegalStateException());
        }
    }

    @Test
    void aFewFailuresInARowOpenItThoughThereAreTooFewForAShare() {
        fail(4);
        assertThat(breaker.getState()).isEqualTo(CircuitBreaker.State.CLOSED);
        fail(1);
        assertThat(breaker.getState()).isEqualTo(CircuitBreaker.State.OPEN);
    }

    @Test
    void anAnswerInBetweenBeginsTheCountAnew() {
        fail(4);
        breaker.onSuccess(1, TimeUnit.MILLISECONDS);
        fail(4);
        assertThat(breaker.getState()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void aRowOfFailuresAfterManyAnswersOpensItToo() {
        for (int i = 0; i < 100; i++) {
            breaker.onSuccess(1, TimeUnit.MILLISECONDS);
        }
        fail(5);
        assertThat(breaker.getState()).isEqualTo(CircuitBreaker.State.OPEN);
    }

    @Test
    void aWrongSettingIsNamed() {
        assertThatIllegalArgumentException().isThrownBy(() -> GraphBreaker.create(50, 10, 0))
                .withMessageContaining("whatsapp.breaker.consecutive-failures");
    }
}
