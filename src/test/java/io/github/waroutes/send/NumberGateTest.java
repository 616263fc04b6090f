package io.github.waroutes.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import io.github.waroutes.TestClock;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class NumberGateTest {

    private static final CamelContext CAMEL = new DefaultCamelContext();

    private final TestClock clock = new TestClock();
    private final NumberGate gate = new NumberGate(clock);

    private static Exchange message(String number, String account) {
        Exchange exchange = new DefaultExchange(CAMEL);
        exchange.getMessage().setHeader(UpdateHeaders.PHONE_NUMBER_ID, number);
        exchange.setProperty(SendLimits.ACCOUNT, account);
        return exchange;
    }

    /** Milliseconds that a message has to wait, 0 for one that may go. */
    private long ask(Exchange exchange) {
        gate.ask(exchange);
        Long wait = exchange.getProperty(QueueConstants.AGAIN_AFTER, Long.class);
        return wait == null ? 0 : wait;
    }

    private Exchange passed(String number) {
        Exchange exchange = message(number, "account");
        assertThat(ask(exchange)).isZero();
        return exchange;
    }

    private long throttled(Exchange exchange, ErrorScope scope) {
        return gate.throttled(exchange, scope, times -> (long) Math.pow(4, times) * 1000, 1000);
    }

    @Test
    void aThrottleOfTheNumberLetsOnlyItsMessagesWait() {
        throttled(passed("1"), ErrorScope.NUMBER);
        assertThat(ask(message("1", "account"))).isEqualTo(1000);
        assertThat(ask(message("2", "account"))).isZero();
    }

    @Test
    void aThrottleOfTheAccountLetsAllItsNumbersWaitAndNoOtherAccount() {
        throttled(passed("1"), ErrorScope.ACCOUNT);
        assertThat(ask(message("2", "account"))).isEqualTo(1000);
        assertThat(ask(message("3", "another"))).isZero();
    }

    @Test
    void aThrottleOfTheAppLetsEverythingWait() {
        throttled(passed("1"), ErrorScope.APP);
        assertThat(ask(message("3", "another"))).isEqualTo(1000);
    }

    @Test
    void throttlesInARowGrowFourfoldAndThoseOnTheirWayTogetherCountOnce() {
        Exchange one = passed("1");
        Exchange two = passed("1");
        assertThat(throttled(one, ErrorScope.NUMBER)).isEqualTo(1000);
        assertThat(throttled(two, ErrorScope.NUMBER)).as("on its way before").isEqualTo(1000);
        clock.move(Duration.ofMillis(1000));
        assertThat(throttled(passed("1"), ErrorScope.NUMBER)).isEqualTo(4000);
        clock.move(Duration.ofMillis(4000));
        assertThat(throttled(passed("1"), ErrorScope.NUMBER)).isEqualTo(16000);
    }

    @Test
    void aSuccessThatBeganBeforeTheThrottleDoesNotEndIt() {
        Exchange early = passed("1");
        throttled(passed("1"), ErrorScope.NUMBER);
        gate.sent(early);
        assertThat(ask(message("1", "account"))).isEqualTo(1000);
    }

    @Test
    void aSuccessThatBeganBeforeTheAlarmDoesNotEndIt() {
        Exchange early = passed("1");
        gate.stop(passed("1"), "token");
        gate.sent(early);
        assertThat(gate.stopped()).isEqualTo(1);
    }

    @Test
    void afterTheWaitOneTriesAndItsSuccessOpensTheWayForTheRest() {
        gate.stop(passed("1"), "token");
        clock.move(Duration.ofMinutes(5));
        Exchange probe = passed("1");
        assertThat(ask(message("1", "account"))).as("soon, to see what became of the one that tries").isEqualTo(2000);
        gate.sent(probe);
        assertThat(ask(message("1", "account"))).isZero();
        assertThat(gate.stopped()).isZero();
    }

    @Test
    void aTryThatFailsStopsTheNumberForAnotherInterval() {
        gate.stop(passed("1"), "token");
        clock.move(Duration.ofMinutes(5));
        gate.stop(passed("1"), "token");
        assertThat(ask(message("1", "account"))).isEqualTo(Duration.ofMinutes(5).toMillis());
    }

    @Test
    void aTryOfWhichNothingIsHeardLetsAnotherTryAfterTheInterval() {
        gate.stop(passed("1"), "token");
        clock.move(Duration.ofMinutes(5));
        passed("1");
        clock.move(Duration.ofMinutes(2));
        assertThat(ask(message("1", "account"))).isEqualTo(Duration.ofMinutes(3).toMillis());
        clock.move(Duration.ofMinutes(3));
        passed("1");
    }

    @Test
    void aRestrictionHoldsItsScopeForItsTime() {
        Exchange refused = passed("1");
        assertThat(gate.restricted(refused, ErrorScope.NUMBER, 3_600_000)).isEqualTo(3_600_000);
        assertThat(ask(message("1", "account"))).isEqualTo(3_600_000);
    }

    @Test
    void aThrottleDoesNotShortenAnAlarm() {
        gate.stop(passed("1"), "token");
        clock.move(Duration.ofMinutes(5));
        throttled(passed("1"), ErrorScope.NUMBER);
        assertThat(gate.stopped()).isEqualTo(1);
    }
}
