package io.github.waroutes.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppServiceException;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class ServiceOutageTest {

    private final ManualNanos clock = new ManualNanos();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final ServiceOutage outage = new ServiceOutage(clock);
    private final Map<String, Object> memo = new HashMap<>();

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

    /** Another message is taken, a minute passes, and the message in hand gets the code again. */
    private Long refusedWhileOthersAreTaken(Integer code) {
        outage.taken();
        clock.move(Duration.ofMinutes(1));
        return hold(down().errorCode(code));
    }

    @Test
    void aCodeThatComesAgainAndAgainWhileOthersAreTakenIsGivenUpByTimeAndNotByCount() {
        for (int i = 0; i < 1_000; i++) {
            outage.taken();
            assertThat(hold(down().errorCode(131016))).isNotNull();
        }
        for (int i = 0; i < 14; i++) {
            assertThat(refusedWhileOthersAreTaken(131016)).isNotNull();
        }
        assertThat(refusedWhileOthersAreTaken(131016)).isNull();
    }

    @Test
    void aTimeInWhichGraphTakesNothingIsNobodysFault() {
        hold(down().errorCode(131016));
        for (int i = 0; i < 60; i++) {
            clock.move(Duration.ofMinutes(1));
            assertThat(hold(down().errorCode(131016))).isNotNull();
        }
    }

    @Test
    void aConnectionThatFailsIsNeverAboutTheMessage() {
        for (int i = 0; i < 60; i++) {
            assertThat(refusedWhileOthersAreTaken(null)).isNotNull();
        }
    }

    @Test
    void whatIsAloneIsHeldForeverIfItsTimeIsZero() {
        outage.setGiveUpAloneAfterMillis(0);
        for (int i = 0; i < 60; i++) {
            assertThat(refusedWhileOthersAreTaken(131016)).isNotNull();
        }
        assertThatIllegalArgumentException().isThrownBy(() -> outage.setGiveUpAloneAfterMillis(-1))
                .withMessageContaining("whatsapp.retry.alone.give-up-after");
    }

    @Test
    void whileTheBreakerIsOpenTheWaitIsTheLongestOne() {
        Exchange exchange = exchange(null);
        outage.hold(exchange);
        assertThat(exchange.getProperty(QueueConstants.AGAIN_AFTER)).isEqualTo(2000L);
    }
}
