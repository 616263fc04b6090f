package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class MessageCountersTest {

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final MessageCounters counters = new MessageCounters();

    MessageCountersTest() {
        context.getRegistry().bind("metrics", MeterRegistry.class, meters);
        counters.setCamelContext(context);
    }

    private void sent(String type) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setHeader("WhatsAppOutboundType", type);
        counters.sent(exchange);
    }

    @Test
    void messagesAreCountedByType() {
        sent("text");
        sent("text");
        sent("template");

        assertThat(meters.get("whatsapp.messages.sent").tags("type", "text", "status", "success", "camelContext", context.getName())
                .counter().count()).isEqualTo(2);
        assertThat(meters.get("whatsapp.messages.sent").tag("type", "template").counter().count()).isEqualTo(1);
    }

    @Test
    void aMessageThatWasTakenWithoutATypeIsCountedToo() {
        sent(null);

        assertThat(meters.get("whatsapp.messages.sent").tag("type", "unknown").counter().count()).isEqualTo(1);
    }

    @Test
    void updatesAreCountedOneByOneAndAStrangersTypeNamesNoLabel() {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setHeader("WhatsAppMessageType", "made-up");
        counters.stored(List.of("one", "two", "three"), exchange);
        counters.received(exchange);
        counters.status(exchange);

        assertThat(meters.get("whatsapp.webhook.updates").counter().count()).isEqualTo(3);
        assertThat(meters.get("whatsapp.webhook.latency").timer().count()).as("it was one webhook").isEqualTo(1);
        assertThat(meters.get("whatsapp.messages.received").tags("type", "other", "number", "other").counter().count()).isEqualTo(1);
        assertThat(meters.get("whatsapp.statuses.received").tag("status", "other").counter().count()).isEqualTo(1);
    }
}
