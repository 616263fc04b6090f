package io.github.waroutes.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ServiceLoader;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.telemetry.SpanDecorator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpanDecoratorsTest {

    private final CamelContext context = new DefaultCamelContext();

    @Test
    void camelFindsThem() {
        assertThat(ServiceLoader.load(SpanDecorator.class)).extracting(SpanDecorator::getComponent).contains("whatsapp-queue", "whatsapp-http");
    }

    @ParameterizedTest
    @CsvSource({"messages, false", "media, false", "media_download, false", "media_upload, false", "other, false", "transcription, true", "understanding, true"})
    void metaIsNotToldTheTraceAndYourServersAre(String endpoint, boolean told) {
        Exchange exchange = new DefaultExchange(context);
        exchange.setVariable("whatsappEndpoint", endpoint);
        new HopSpanDecorator().getInjector(exchange).put("traceparent", "00-1-2-01");
        assertThat(exchange.getMessage().getHeaders().containsKey("traceparent")).isEqualTo(told);
    }
}
