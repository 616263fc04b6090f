package io.github.waroutes.send;

import io.github.waroutes.error.WhatsAppRateLimitException;
import io.github.waroutes.limit.Limits;
import io.github.waroutes.limit.LocalLimitState;
import io.github.waroutes.limit.ManualTime;
import io.github.waroutes.limit.SendRequest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.github.waroutes.TestClock;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class SendLimitsTest {

    private static final CamelContext CAMEL = new DefaultCamelContext();
    private static final String NUMBER = "106540352242922";

    private final ManualTime time = new ManualTime();
    private final TestClock clock = new TestClock();
    private final Limits limits = new Limits(new LocalLimitState(time));
    private final SendLimits sends = new SendLimits(clock);

    SendLimitsTest() {
        sends.setLimits(limits);
    }

    private void pass(Duration duration) {
        time.pass(duration);
        clock.move(duration);
    }

    private static Exchange message(String user, Map<String, Object> memo) {
        Exchange exchange = new DefaultExchange(CAMEL);
        exchange.getMessage().setHeader(UpdateHeaders.PHONE_NUMBER_ID, NUMBER);
        exchange.getMessage().setHeader(UpdateHeaders.CONVERSATION, NUMBER + ':' + user);
        exchange.getMessage().setHeader(OutboundHeaders.TYPE, "text");
        exchange.setProperty(QueueConstants.MEMO, memo);
        return exchange;
    }

    /** Milliseconds that the message has to wait, 0: it goes. */
    private long reserve(String user, Map<String, Object> memo) {
        Exchange exchange = message(user, memo);
        sends.account(exchange);
        sends.reserve(exchange);
        Long wait = exchange.getProperty(QueueConstants.AGAIN_AFTER, Long.class);
        return wait == null ? 0 : wait;
    }

    @Test
    void ofAChangeOnlyWhatIsOfItsAccountCounts() {
        String tier = "{\"field\":\"business_capability_update\",\"value\":{\"max_daily_conversations_per_business\":%d}";
        Exchange exchange = new DefaultExchange(CAMEL);
        exchange.getMessage().setHeader(UpdateHeaders.ACCOUNT_ID, "own");
        exchange.getMessage().setBody(("{\"entry\":[{\"id\":\"own\",\"changes\":[" + tier.formatted(2000)
                + ",\"entry\":[{\"id\":\"other\",\"changes\":[" + tier.formatted(1) + "}]}]}]}]}").getBytes(StandardCharsets.UTF_8));
        sends.change(exchange);
        assertThat(limits.remaining(Limits.ACCOUNT, "own")).isEqualTo(2000);
        assertThat(limits.remaining(Limits.ACCOUNT, "other")).isEqualTo(250);
    }

    @Test
    void aPlaceIsUsedWhenItsTimeHasCome() {
        for (int i = 0; i < 8; i++) {
            assertThat(reserve("user-" + i, new HashMap<>())).isZero();
        }
        Map<String, Object> memo = new HashMap<>();
        assertThat(reserve("a", memo)).isEqualTo(13);
        pass(Duration.ofMillis(13));
        assertThat(reserve("a", memo)).isZero();
    }

    @Test
    void placesThatFellDueInAPauseAreNotAllUsedAtItsEnd() {
        List<Map<String, Object>> memos = new ArrayList<>();
        for (int i = 0; i < 800; i++) {
            memos.add(new HashMap<>());
            reserve("user-" + i, memos.get(i));
        }
        pass(Duration.ofSeconds(10));
        int atOnce = 0;
        for (int i = 8; i < 800; i++) {
            atOnce += reserve("user-" + i, memos.get(i)) == 0 ? 1 : 0;
        }
        assertThat(atOnce).as("at 80 a second, of which a tenth of a second's worth and what was a quarter late may leave at once").isLessThanOrEqualTo(8 + 20);
    }

    @Test
    void anOldMessageThatComesInNowWasCountedByMetaEarlier() {
        limits.reserve(new SendRequest(NUMBER, "a", "account", false, true, false));
        double before = limits.remaining(Limits.NUMBER, NUMBER);
        Exchange old = message("a", new HashMap<>());
        old.getMessage().setHeader(UpdateHeaders.TIMESTAMP, clock.instant().getEpochSecond() - 60);
        sends.received(old);
        assertThat(limits.remaining(Limits.NUMBER, NUMBER)).isEqualTo(before);
        Exchange fresh = message("a", new HashMap<>());
        fresh.getMessage().setHeader(UpdateHeaders.TIMESTAMP, clock.instant().getEpochSecond());
        sends.received(fresh);
        assertThat(limits.remaining(Limits.NUMBER, NUMBER)).isEqualTo(before - 1);
    }

    @Test
    void aSendThatAnswersNoUpdateCountsForTheAccountOfItsNumber() {
        Exchange update = message("a", new HashMap<>());
        update.getMessage().setHeader(UpdateHeaders.ACCOUNT_ID, "102290129340398");
        update.getMessage().setBody("{\"entry\":[{\"changes\":[{\"value\":{\"metadata\":{\"display_phone_number\":\"15550783881\"}}}]}]}");
        sends.learn(update);
        Exchange send = message("a", new HashMap<>());
        sends.account(send);
        assertThat(send.getProperty(SendLimits.ACCOUNT)).isEqualTo("102290129340398");
    }

    @Test
    void aMessageOfDirectSendCountsForTheTier() {
        limits.onChange(Map.of("entry", List.of(Map.of("id", "acc", "changes", List.of(Map.of("field",
                "business_capability_update", "value", Map.of("max_daily_conversations_per_business", 1)))))));
        sends.setAccountId("acc");
        sends.reserve(direct("15555550101"));
        Exchange second = direct("15555550102");
        assertThatThrownBy(() -> sends.reserve(second)).isInstanceOf(WhatsAppRateLimitException.class);
    }

    private Exchange direct(String user) {
        Exchange exchange = message(user, new HashMap<>());
        exchange.getMessage().setHeader(OutboundHeaders.CATEGORY, "utility");
        sends.account(exchange);
        return exchange;
    }
}
