package io.github.waroutes.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.waroutes.state.StateStore;
import io.github.waroutes.state.LocalStateStore;
import java.time.Duration;

import io.github.waroutes.queue.QueueOutcomeUnknownException;
import io.github.waroutes.queue.QueueUnavailableException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class ApiRepeatsTest {

    private final StateStore values = new LocalStateStore(100, Duration.ofHours(1));

    private static Exchange exchange(String body) {
        ApiCall call = new ApiCall("messages");
        call.owner = "o";
        call.idempotencyKey = "k";
        call.identify(body.getBytes());
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        call.on(exchange);
        return exchange;
    }

    private static Exchange failed(Exchange exchange, Exception failure) {
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure);
        return exchange;
    }

    @Test
    void whatCannotBeNotedDoesNotRefuseWhatIsInTheQueueAlready() {
        ApiRepeats repeats = new ApiRepeats(new StateStore() {
            @Override
            public String get(String key) {
                throw new IllegalStateException("Redis is away");
            }

            @Override
            public void put(String key, String value) {
                throw new IllegalStateException("Redis is away");
            }

            @Override
            public boolean replace(String key, String before, String after) {
                throw new IllegalStateException("Redis is away");
            }

            @Override
            public String take(String key) {
                throw new IllegalStateException("Redis is away");
            }
        });
        assertThatCode(() -> repeats.done(exchange("one"))).doesNotThrowAnyException();
    }

    @Test
    void theKeyOfARequestThatMayHaveBeenTakenStaysWithItsBody() {
        ApiRepeats repeats = new ApiRepeats(values);
        assertThat(repeats.isNew(exchange("one"))).isTrue();
        repeats.release(failed(exchange("one"), new QueueOutcomeUnknownException("late", null)));
        assertThat(repeats.isNew(exchange("one"))).as("the same again").isTrue();
        assertThatCode(() -> repeats.isNew(exchange("two"))).isInstanceOf(ApiException.class);

        repeats.release(failed(exchange("one"), new QueueUnavailableException("full")));
        assertThat(repeats.isNew(exchange("two"))).as("nothing was taken").isTrue();
    }
}
