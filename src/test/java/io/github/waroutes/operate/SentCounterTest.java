package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class SentCounterTest {

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final SentCounter counter = new SentCounter();

    SentCounterTest() {
        context.getRegistry().bind("metrics", MeterRegistry.class, meters);
        counter.setCamelContext(context);
    }

    private void sent(String type) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setHeader("WhatsAppOutboundType", type);
        counter.process(exchange);
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
}
