package io.github.waroutes.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class SendRetriesTest {

    private static final CamelContext CAMEL = new DefaultCamelContext();

    private final ManualNanos clock = new ManualNanos();
    private final NumberGate gate = new NumberGate(clock);
    private final SendRetries retries = new SendRetries();

    SendRetriesTest() {
        retries.setNumbers(gate);
    }

    /** A message passes the gate and fails so; gives how long its queue rests, in milliseconds. */
    private Long rest(ErrorDetails.Builder failure) {
        Exchange exchange = new DefaultExchange(CAMEL);
        exchange.getMessage().setHeader(UpdateHeaders.PHONE_NUMBER_ID, "1");
        exchange.setProperty(SendLimits.ACCOUNT, "account");
        gate.ask(exchange);
        assertThat(exchange.getProperty(QueueConstants.REST)).isNull();
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new WhatsAppException(failure.build()));
        retries.restQueue(exchange);
        return exchange.getProperty(QueueConstants.REST, Long.class);
    }

    private static ErrorDetails.Builder failure(RetryClass retryClass, ErrorScope scope, Integer code) {
        return ErrorDetails.builder("x").retryClass(retryClass).scope(scope).errorCode(code);
    }

    @Test
    void aThrottleRestsFourfoldEachTimeAndIsNotEndedByCount() {
        long expected = 1000;
        for (int i = 0; i < 20; i++) {
            assertThat(rest(failure(RetryClass.THROTTLE, ErrorScope.NUMBER, 130429))).isEqualTo(expected);
            clock.move(Duration.ofMillis(expected));
            expected = Math.min(256_000, expected * 4);
        }
    }

    @Test
    void whatPassesRestsTwiceAsLongEachTimeOrAsLongAsMetaAsks() {
        assertThat(rest(failure(RetryClass.TRANSIENT, ErrorScope.NUMBER, 2494100))).isEqualTo(1000);
        clock.move(Duration.ofSeconds(1));
        assertThat(rest(failure(RetryClass.TRANSIENT, ErrorScope.NUMBER, 2494100))).isEqualTo(2000);
        clock.move(Duration.ofSeconds(2));
        assertThat(rest(failure(RetryClass.TRANSIENT, ErrorScope.NUMBER, 131057).minimumWait(Duration.ofSeconds(60)))).isEqualTo(60_000);
    }

    @Test
    void aRestrictionRestsForHoursAndAnAlarmUntilTheNextTry() {
        assertThat(rest(failure(RetryClass.WAIT_LONG, ErrorScope.NUMBER, 131048))).isEqualTo(Duration.ofHours(1).toMillis());
        clock.move(Duration.ofHours(1));
        assertThat(rest(failure(RetryClass.ALARM, ErrorScope.TOKEN, 190))).isEqualTo(Duration.ofMinutes(5).toMillis());
        assertThat(gate.stopped()).isEqualTo(1);
    }

    @Test
    void aThrottleOfTheServiceIsOneOfTheApp() {
        rest(failure(RetryClass.THROTTLE, ErrorScope.SERVICE, 4));
        assertThat(gate.rests()).singleElement().satisfies(rest -> assertThat(rest.scope()).isEqualTo("app"));
    }

    @Test
    void bulkBeyondOurMessagingLimitLooksAgainWithinAMinuteAndClosesNothing() {
        assertThat(rest(failure(RetryClass.WAIT_LONG, ErrorScope.ACCOUNT, null).minimumWait(Duration.ofHours(20)))).isEqualTo(60_000);
        assertThat(rest(failure(RetryClass.WAIT_LONG, ErrorScope.ACCOUNT, null).minimumWait(Duration.ofSeconds(3)))).isEqualTo(3000);
        assertThat(gate.rests()).isEmpty();
    }
}
