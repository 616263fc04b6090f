package io.github.waroutes.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.queue.QueueConstants;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaterMessagesTest {

    private long now = Duration.ofDays(20_000).toMillis();
    private final LaterMessages later = new LaterMessages(() -> now);

    private static Exchange exchange(Map<String, Object> headers, WhatsAppException failure) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setHeaders(new LinkedHashMap<>(headers));
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure);
        return exchange;
    }

    private static WhatsAppException failure(ErrorScope scope, Integer code, Duration wait) {
        return new WhatsAppException(ErrorDetails.builder("x").retryClass(RetryClass.WAIT_LONG).scope(scope).errorCode(code)
                .minimumWait(wait).build());
    }

    private static final Map<String, Object> SENT = Map.of(OutboundHeaders.ID, "order-1");

    private Map<String, Object> postponed(Duration wait) {
        Exchange exchange = exchange(SENT, failure(ErrorScope.PAIR, 131049, wait));
        assertThat(later.postpone(exchange)).isTrue();
        return exchange.getMessage().getHeaders();
    }

    @ParameterizedTest
    @CsvSource({"86400, 86400", "86399, 21600", "21600, 21600", "3600, 3600", "3599, 600", "600, 600", "60, 60", "59, 60", "200000, 86400"})
    void theClassIsTheLongestThatIsNotLongerThanTheWait(long seconds, String expected) {
        assertThat(postponed(Duration.ofSeconds(seconds))).containsEntry(LaterMessages.CLASS, expected)
                .containsEntry(LaterMessages.DELIVER_AT, now + seconds * 1000).containsEntry(LaterMessages.ID, "order-1:later:1");
    }

    /** Looks at the message as the head of its class, rests as told, and goes on until it is back; gives the classes. */
    private List<String> classes(Map<String, Object> headers) {
        List<String> classes = new ArrayList<>();
        List<Object> ids = new ArrayList<>();
        while (true) {
            if (headers.get(LaterMessages.CLASS) != null && !ids.contains(headers.get(LaterMessages.ID))) {
                classes.add(headers.get(LaterMessages.CLASS).toString());
                ids.add(headers.get(LaterMessages.ID));
            }
            Exchange exchange = exchange(headers, null);
            later.look(exchange);
            headers = exchange.getMessage().getHeaders();
            Long rest = exchange.getProperty(QueueConstants.REST, Long.class);
            if (rest != null) {
                now += rest;
            } else if ("BACK".equals(exchange.getVariable(LaterMessages.STEP))) {
                assertThat(headers).doesNotContainKey(LaterMessages.CLASS);
                return classes;
            }
        }
    }

    @Test
    void aLongWaitGoesThroughItsClassesAndEndsAtItsTimeUnderAnIdOfItsOwnInEach() {
        long begin = now;
        Map<String, Object> headers = postponed(Duration.ofSeconds(2 * 3600 + 11 * 60 + 5));
        assertThat(classes(headers)).containsExactly("3600", "3600", "600", "60", "60");
        assertThat(now - begin).isEqualTo(Duration.ofSeconds(2 * 3600 + 11 * 60 + 5).toMillis());
    }

    @Test
    void aMessageThatWasPutThereByAClockThatWasAheadWaitsNoLongerThanItWouldHaveFromTheStartOn() {
        Map<String, Object> headers = postponed(Duration.ofHours(1));
        now -= Duration.ofHours(6).toMillis();
        LaterMessages restarted = new LaterMessages(() -> now);
        Exchange exchange = exchange(headers, null);
        restarted.look(exchange);
        assertThat(exchange.getProperty(QueueConstants.REST)).isEqualTo(Duration.ofHours(1).toMillis());
        now += Duration.ofHours(1).toMillis();
        exchange = exchange(headers, null);
        restarted.look(exchange);
        assertThat(exchange.getProperty(QueueConstants.REST)).isNull();
        assertThat(exchange.getVariable(LaterMessages.STEP)).isEqualTo("BACK");
    }

    @Test
    void aMessageWaitsLongThreeTimesAndForOurOwnLimitHoweverOften() {
        Map<String, Object> headers = SENT;
        for (int i = 1; i <= 3; i++) {
            Exchange exchange = exchange(headers, failure(ErrorScope.TEMPLATE, 132069, null));
            assertThat(later.postpone(exchange)).isTrue();
            headers = exchange.getMessage().getHeaders();
            assertThat(headers).containsEntry(LaterMessages.ID, "order-1:later:" + i).containsEntry(LaterMessages.CLASS, "3600");
        }
        assertThat(later.postpone(exchange(headers, failure(ErrorScope.TEMPLATE, 132069, null)))).isFalse();
        Exchange ours = exchange(headers, failure(ErrorScope.ACCOUNT, null, Duration.ofMinutes(10)));
        assertThat(later.postpone(ours)).isTrue();
        assertThat(ours.getMessage().getHeader(LaterMessages.DELIVER_AT, Long.class) - now).as("spread over a quarter of an hour")
                .isBetween(Duration.ofMinutes(10).toMillis(), Duration.ofMinutes(25).toMillis());
    }
}
