package io.github.waroutes.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.queue.StoredMessage;
import io.github.waroutes.state.Keys;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class TraceIdTest {

    private static final String GIVEN = "0123456789abcdef0123456789abcdef";

    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

    private static Map<String, Object> update(String id) {
        return Map.of(UpdateHeaders.ID, id);
    }

    @Test
    void aMessageHasTheIdOfTheUpdateThatItAnswersAndElseItsOwn() {
        assertThat(TraceId.of(Map.of(UpdateHeaders.ID, "message:1", "WhatsAppOutboundId", "message:1:reply:0"))).isEqualTo(Keys.hash("message:1"));
        assertThat(TraceId.of(Map.of("WhatsAppOutboundId", "api-1"))).isEqualTo(Keys.hash("api-1"));
        assertThat(TraceId.of(Map.of())).isNull();
    }

    @Test
    void aCallersIdCountsIfItIsOne() {
        assertThat(TraceId.of(Map.of(UpdateHeaders.ID, "message:1", UpdateHeaders.TRACE_ID, GIVEN))).isEqualTo(GIVEN);
        assertThat(TraceId.of(Map.of(UpdateHeaders.ID, "message:1", UpdateHeaders.TRACE_ID, "+15555550101"))).isEqualTo(Keys.hash("message:1"));
    }

    @Test
    void itStaysWhenARouteRemovesTheHeaders() {
        assertThat(TraceId.of(exchange)).isNull();
        exchange.setProperty(QueueConstants.CONTENT, new StoredMessage("message:1", null, update("message:1"), new byte[0]));
        assertThat(TraceId.of(exchange)).isEqualTo(Keys.hash("message:1"));
    }

    @Test
    void aWebhookHasThoseOfItsUpdates() {
        exchange.getMessage().setBody(List.of(new Update(update("a"), new byte[0]), new Update(update("b"), new byte[0])));
        assertThat(TraceId.of(exchange)).isEqualTo(List.of(Keys.hash("a"), Keys.hash("b")));
        exchange.getMessage().setBody(List.of(new Update(update("a"), new byte[0])));
        assertThat(TraceId.of(exchange)).isEqualTo(Keys.hash("a"));
        exchange.getMessage().setBody(List.of("a text"));
        assertThat(TraceId.of(exchange)).isNull();
        exchange.setVariable(TraceId.VARIABLE, GIVEN);
        assertThat(TraceId.of(exchange)).isEqualTo(GIVEN);
    }
}
