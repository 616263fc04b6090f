package io.github.waroutes.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppServiceException;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NumberGateTest {

    private static final CamelContext CAMEL = new DefaultCamelContext();

    private static final WhatsAppServiceException THROTTLED = failure(RetryClass.THROTTLE, ErrorScope.NUMBER, 130429);
    private static final WhatsAppServiceException TOKEN = failure(RetryClass.ALARM, ErrorScope.TOKEN, 190);

    private final ManualNanos clock = new ManualNanos();
    private final NumberGate gate = new NumberGate(clock);

    private static WhatsAppServiceException failure(RetryClass retryClass, ErrorScope scope, Integer code) {
        return new WhatsAppServiceException(ErrorDetails.builder("x").retryClass(retryClass).scope(scope).errorCode(code).build());
    }

    private static Exchange message(String number, String account) {
        Exchange exchange = new DefaultExchange(CAMEL);
        exchange.getMessage().setHeader(UpdateHeaders.PHONE_NUMBER_ID, number);
        exchange.setProperty(SendLimits.ACCOUNT, account);
        return exchange;
    }

    /** Milliseconds that a message has to wait, 0 for one that may go. */
    private long ask(Exchange exchange) {
        gate.ask(exchange);
        Long wait = exchange.getProperty(QueueConstants.REST, Long.class);
        return wait == null ? 0 : wait;
    }

    private void refused(Exchange exchange, WhatsAppServiceException failure) {
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure);
        gate.refused(exchange);
    }

    private Exchange passed(String number) {
        Exchange exchange = message(number, "account");
        assertThat(ask(exchange)).isZero();
        return exchange;
    }

    private long throttled(Exchange exchange, ErrorScope scope) {
        return gate.close(exchange, scope, THROTTLED, times -> (long) Math.pow(4, times) * 1000);
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
        gate.stop(passed("1"), TOKEN);
        gate.sent(early);
        assertThat(gate.stopped()).isEqualTo(1);
    }

    @Test
    void afterTheWaitOneTriesAndItsSuccessOpensTheWayForTheRest() {
        gate.stop(passed("1"), TOKEN);
        clock.move(Duration.ofMinutes(5));
        Exchange probe = passed("1");
        assertThat(ask(message("1", "account"))).as("soon, to see what became of the one that tries").isEqualTo(2000);
        gate.sent(probe);
        assertThat(ask(message("1", "account"))).isZero();
        assertThat(gate.stopped()).isZero();
    }

    @Test
    void aTryThatFailsStopsTheNumberForAnotherInterval() {
        gate.stop(passed("1"), TOKEN);
        clock.move(Duration.ofMinutes(5));
        gate.stop(passed("1"), TOKEN);
        assertThat(ask(message("1", "account"))).isEqualTo(Duration.ofMinutes(5).toMillis());
    }

    @Test
    void aTryOfWhichNothingIsHeardLetsAnotherTryWithinAMinute() {
        gate.stop(passed("1"), TOKEN);
        clock.move(Duration.ofMinutes(5));
        passed("1");
        clock.move(Duration.ofSeconds(59));
        assertThat(ask(message("1", "account"))).isEqualTo(2000);
        clock.move(Duration.ofSeconds(1));
        passed("1");
    }

    @Test
    void aLookTakesNobodysTurnToTry() {
        gate.stop(passed("1"), TOKEN);
        Exchange early = message("1", "account");
        gate.look(early);
        assertThat(early.getProperty(QueueConstants.REST)).isEqualTo(Duration.ofMinutes(5).toMillis());
        clock.move(Duration.ofMinutes(5));
        Exchange exchange = message("1", "account");
        gate.look(exchange);
        assertThat(exchange.getProperty(QueueConstants.REST)).isNull();
        passed("1");
    }

    @ParameterizedTest
    @EnumSource(value = ErrorScope.class, names = {"MESSAGE", "PAIR", "TEMPLATE"})
    void aTryThatMetaRefusesForAReasonOfItsOwnShowsThatTheNumberWorks(ErrorScope scope) {
        gate.stop(passed("1"), TOKEN);
        clock.move(Duration.ofMinutes(5));
        refused(passed("1"), failure(RetryClass.NEVER, scope, 131026));
        assertThat(gate.stopped()).isZero();
        passed("1");
        passed("1");
    }

    @Test
    void aTryOfAThrottledAccountThatIsRefusedForItsNumberOpensTheAccountForOthers() {
        throttled(passed("1"), ErrorScope.ACCOUNT);
        clock.move(Duration.ofSeconds(1));
        Exchange probe = passed("1");
        WhatsAppServiceException maintenance = failure(RetryClass.TRANSIENT, ErrorScope.NUMBER, 131057);
        refused(probe, maintenance);
        gate.close(probe, ErrorScope.NUMBER, maintenance, times -> 60_000);
        assertThat(ask(message("2", "account"))).isZero();
        assertThat(ask(message("1", "account"))).isEqualTo(60_000);
    }

    @Test
    void aRefusalThatIsAboutWhatIsClosedDoesNotOpenIt() {
        gate.stop(passed("1"), TOKEN);
        clock.move(Duration.ofMinutes(5));
        refused(passed("1"), TOKEN);
        assertThat(gate.stopped()).isEqualTo(1);
    }

    @Test
    void aTryWithoutAnAnswerOpensNothingAndAnotherMayTry() {
        gate.stop(passed("1"), TOKEN);
        clock.move(Duration.ofMinutes(5));
        refused(passed("1"), failure(RetryClass.TRANSIENT, ErrorScope.SERVICE, null));
        assertThat(gate.stopped()).isEqualTo(1);
        refused(passed("1"), failure(RetryClass.TRANSIENT, ErrorScope.SERVICE, 131000));
        assertThat(gate.stopped()).isEqualTo(1);
        passed("1");
    }

    @Test
    void whatIsRefusedHereWithoutAskingMetaOpensNothing() {
        gate.stop(passed("1"), TOKEN);
        clock.move(Duration.ofMinutes(5));
        refused(passed("1"), new WhatsAppServiceException(ErrorDetails.builder("Meta was not asked").errorCode(131047).retryClass(RetryClass.NEVER)
                .scope(ErrorScope.PAIR).context("refused_by", "service_window").build()));
        assertThat(gate.stopped()).isEqualTo(1);
    }

    @Test
    void whatMetaRefusedOfAMessageThatWasOnItsWayBeforeOpensNothing() {
        Exchange early = passed("1");
        gate.stop(passed("1"), TOKEN);
        refused(early, failure(RetryClass.NEVER, ErrorScope.PAIR, 131026));
        assertThat(gate.stopped()).isEqualTo(1);
    }

    @Test
    void aRestrictionHoldsItsScopeForItsTime() {
        Exchange refused = passed("1");
        WhatsAppServiceException restricted = failure(RetryClass.WAIT_LONG, ErrorScope.NUMBER, 131048);
        assertThat(gate.close(refused, ErrorScope.NUMBER, restricted, times -> 3_600_000)).isEqualTo(3_600_000);
        assertThat(ask(message("1", "account"))).isEqualTo(3_600_000);
        clock.move(Duration.ofMinutes(10));
        assertThat(gate.rests()).containsExactly(new NumberGate.Rest("1", "number", false, Duration.ofMinutes(10),
                Duration.ofMinutes(50), "131048"));
    }

    @Test
    void aThrottleDoesNotShortenAnAlarm() {
        gate.stop(passed("1"), TOKEN);
        clock.move(Duration.ofMinutes(5));
        throttled(passed("1"), ErrorScope.NUMBER);
        assertThat(gate.stopped()).isEqualTo(1);
    }
}
