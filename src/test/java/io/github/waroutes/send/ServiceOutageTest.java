package io.github.waroutes.send;

import io.github.waroutes.graph.GraphBreaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.waroutes.TestClock;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppServiceException;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServiceOutageTest {

    private final TestClock clock = new TestClock();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final CircuitBreaker breaker = GraphBreaker.create(50, 10, 1_000_000);
    private final ServiceOutage outage = new ServiceOutage(clock);
    private final Map<String, Object> memo = new HashMap<>();

    @BeforeEach
    void start() {
        context.getRegistry().bind("whatsappGraphBreaker", breaker);
        outage.setCamelContext(context);
    }

    private static ErrorDetails.Builder down() {
        return ErrorDetails.builder("Down").retryClass(RetryClass.TRANSIENT).scope(ErrorScope.SERVICE);
    }

    private Exchange exchange(WhatsAppException failure) {
        Exchange exchange = new DefaultExchange(context);
        exchange.setProperty(QueueConstants.MEMO, memo);
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure);
        return exchange;
    }

    /** The wait in milliseconds; null: it is given up. */
    private Long hold(ErrorDetails.Builder details) {
        Exchange exchange = exchange(new WhatsAppServiceException(details.build()));
        outage.hold(exchange);
        return exchange.getProperty(QueueConstants.AGAIN_AFTER, Long.class);
    }

    private void anotherIsAnswered() {
        breaker.onSuccess(1, TimeUnit.MILLISECONDS);
    }

    @Test
    void itConcernsFailuresOfTheServiceThatCertainlyTookNothing() {
        assertThat(outage.concerns(exchange(new WhatsAppServiceException(down().build())))).isTrue();
        Stream.of(down().scope(ErrorScope.MESSAGE), down().scope(ErrorScope.NUMBER), down().retryClass(RetryClass.NEVER),
                down().outcomeUnknown(true)).forEach(details ->
                assertThat(outage.concerns(exchange(new WhatsAppServiceException(details.build())))).isFalse());
        assertThat(outage.concerns(exchange(null))).isFalse();
    }

    @Test
    void theWaitGrowsToTheLongestOrToWhatMetaAsksAndIsNotEndedByCount() {
        assertThat(Stream.generate(() -> hold(down())).limit(4)).containsExactly(1000L, 2000L, 2000L, 2000L);
        assertThat(hold(down().minimumWait(Duration.ofSeconds(60)))).isEqualTo(60_000);
        for (int i = 0; i < 1_000; i++) {
            assertThat(hold(down())).isNotNull();
        }
    }

    @Test
    void itEndsByTimeAndNotAtAllIfTheTimeIsZero() {
        outage.setGiveUpAfterMillis(60_000);
        hold(down());
        clock.move(Duration.ofMillis(59_999));
        assertThat(hold(down())).isNotNull();
        clock.move(Duration.ofMillis(1));
        assertThat(hold(down())).isNull();
        outage.setGiveUpAfterMillis(0);
        clock.move(Duration.ofDays(1000));
        assertThat(hold(down())).isNotNull();
        assertThatIllegalArgumentException().isThrownBy(() -> outage.setGiveUpAfterMillis(-1))
                .withMessageContaining("whatsapp.retry.outage.give-up-after");
    }

    @Test
    void aCodeThatComesAgainWhileOthersAreAnsweredIsGivenUpByCount() {
        assertThat(hold(down().errorCode(131000))).isNotNull();
        assertThat(hold(down().errorCode(131000))).as("nobody else was answered").isNotNull();
        anotherIsAnswered();
        assertThat(hold(down().errorCode(131000))).isNotNull();
        assertThat(hold(down().errorCode(131000))).as("nobody since").isNotNull();
        anotherIsAnswered();
        assertThat(hold(down().errorCode(131000))).isNull();
    }

    @Test
    void aConnectionThatFailsIsNeverAboutTheMessage() {
        for (int i = 0; i < 10; i++) {
            assertThat(hold(down())).isNotNull();
            anotherIsAnswered();
        }
    }
}
