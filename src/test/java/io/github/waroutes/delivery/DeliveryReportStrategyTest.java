package io.github.waroutes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.TestClock;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class DeliveryReportStrategyTest {

    private final DeliveryReportStrategy strategy = new DeliveryReportStrategy();
    private final DeliveryReportFilter filter = new DeliveryReportFilter();
    private final DeliveryReportKey key = new DeliveryReportKey();
    private final DefaultCamelContext context = new DefaultCamelContext();

    private Exchange exchange(Object body) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(body);
        return exchange;
    }

    private Map<?, ?> report(Exchange exchange) throws Exception {
        strategy.onCompletion(exchange);
        return new ObjectMapper().readValue(exchange.getMessage().getBody(String.class), Map.class);
    }

    @Test
    void eventsInAnyOrderMakeOneReport() throws Exception {
        Exchange collected = strategy.aggregate(null, exchange("{\"outbound_id\":\"one\",\"state\":\"read\",\"at\":\"2026-06-01T12:00:03Z\"}"));
        collected = strategy.aggregate(collected, exchange("""
                {"outbound_id":"one","wamid":"wamid.a","state":"sent","at":"2026-06-01T12:00:01Z","category":"utility"}"""));
        assertThat(report(collected)).isEqualTo(Map.of("outbound_id", "one", "wamid", "wamid.a", "state", "read", "complete", true,
                "times", Map.of("sent", "2026-06-01T12:00:01Z", "read", "2026-06-01T12:00:03Z"), "price", Map.of("category", "utility")));
        assertThat(collected.getMessage().getHeaders()).containsOnly(Map.entry("WhatsAppUpdateKind", "delivery"),
                Map.entry("WhatsAppMessageType", "read"), Map.entry("WhatsAppMessageId", "wamid.a"));
    }

    @Test
    void theReportOfAFailedMessageHasItsErrorAndIsComplete() throws Exception {
        Exchange collected = strategy.aggregate(null, exchange("""
                {"outbound_id":"one","state":"failed","at":"2026-06-01T12:00:03Z","error":{"type":"WhatsAppMessageException","error_code":131026}}"""));
        assertThat(strategy.matches(collected)).isTrue();
        assertThat(report(collected).get("error")).isEqualTo(Map.of("type", "WhatsAppMessageException", "error_code", 131026));
    }

    @Test
    void aReportThatOnlyTimeEndsSaysSo() throws Exception {
        Exchange collected = strategy.aggregate(null, exchange("{\"outbound_id\":\"one\",\"state\":\"sent\",\"at\":\"2026-06-01T12:00:03Z\"}"));
        assertThat(strategy.matches(collected)).isFalse();
        assertThat(report(collected).get("complete")).isEqualTo(false);
    }

    @Test
    void nothingOfTheExchangeIsKeptButTheText() {
        Exchange event = exchange("{\"outbound_id\":\"one\",\"state\":\"sent\",\"at\":\"2026-06-01T12:00:03Z\"}");
        event.getMessage().setHeader("WhatsAppUser", Statuses.PHONE);
        event.setProperty("user", Statuses.PHONE);
        event.setProperty(Exchange.EXCEPTION_CAUGHT, new IllegalStateException(Statuses.PHONE));
        event.setVariable("user", Statuses.PHONE);
        Exchange kept = strategy.aggregate(null, event);
        assertThat(kept.getMessage().getHeaders()).isEmpty();
        assertThat(kept.getAllProperties()).isEmpty();
        assertThat(kept.getVariables()).isEmpty();
    }

    @Test
    void onlyEventsWithOurIdAndBeforeTheEndBelong() {
        assertThat(filter.matches(exchange("{\"outbound_id\":\"one\",\"state\":\"sent\"}"))).isTrue();
        assertThat(filter.matches(exchange("{\"outbound_id\":\"one\",\"state\":\"read\",\"before\":\"delivered\"}"))).isTrue();
        assertThat(filter.matches(exchange("{\"outbound_id\":\"one\",\"state\":\"played\",\"before\":\"read\"}"))).isFalse();
        assertThat(filter.matches(exchange("{\"wamid\":\"wamid.a\",\"state\":\"sent\"}"))).isFalse();
        assertThat(filter.matches(exchange(null))).isFalse();
        assertThat(filter.matches(exchange(""))).isFalse();
    }

    @Test
    void aChangeCountsAsTheEventThatItWrites() throws Exception {
        Delivery read = new Delivery("one", "wamid.a", null, DeliveryState.READ, Map.of(DeliveryState.READ, TestClock.START), null, null, null);
        for (DeliveryState before : new DeliveryState[] {null, DeliveryState.SENT, DeliveryState.READ, DeliveryState.FAILED}) {
            DeliveryChange change = new DeliveryChange(before, read);
            assertThat(filter.matches(exchange(change))).as("after %s", before).isEqualTo(filter.matches(exchange(change.event())));
        }
        assertThat(filter.matches(exchange(new DeliveryChange(null, new Delivery(null, "wamid.a", null, DeliveryState.READ, Map.of(), null, null,
                null))))).isFalse();
        DeliveryChange change = new DeliveryChange(null, read);
        assertThat(key.evaluate(exchange(change))).isEqualTo(key.evaluate(exchange(change.event())));
        assertThat(report(strategy.aggregate(null, exchange(change)))).isEqualTo(report(strategy.aggregate(null, exchange(change.event()))));
    }

    @Test
    void theKeyShowsNoId() {
        assertThat((String) key.evaluate(exchange("{\"outbound_id\":\"one\"}")))
                .matches("[0-9a-f]{32}").isNotEqualTo(key.evaluate(exchange("{\"outbound_id\":\"two\"}")));
    }

    @Test
    void whatIsNoEventIsRefusedWithoutBeingQuoted() {
        assertThatIllegalArgumentException().isThrownBy(() -> filter.matches(exchange("not JSON " + Statuses.PHONE)))
                .withMessage("What is to be read as a delivery is not a JSON object").withNoCause();
        assertThatIllegalArgumentException().isThrownBy(() -> strategy.aggregate(null, exchange("{\"outbound_id\":\"one\",\"state\":\"lost\"}")))
                .withMessageContaining("accepted, sent, delivered, read, played or failed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> strategy.aggregate(null, exchange("{\"outbound_id\":\"one\",\"state\":\"sent\",\"at\":\"noon\"}")))
                .withMessageContaining("ISO 8601");
    }
}
