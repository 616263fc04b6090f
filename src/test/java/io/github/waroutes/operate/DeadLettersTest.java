package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMediaException;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.queue.StoredMessage;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class DeadLettersTest {

    private final ObjectMapper json = new ObjectMapper();
    private final DeadLetters letters = new DeadLetters();

    private Exchange failed(Throwable failure) throws Exception {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setBody("untouched");
        exchange.getMessage().setHeader("WhatsAppUser", "15555550101");
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, failure);
        exchange.setProperty(Exchange.FAILURE_ROUTE_ID, "send-message");
        exchange.setProperty(QueueConstants.QUEUE, "whatsapp.outbound");
        exchange.setProperty(QueueConstants.MESSAGE_ID, 42L);
        letters.prepare(exchange);
        return exchange;
    }

    private JsonNode exception(Exchange exchange) throws Exception {
        return json.readTree(exchange.getMessage().getHeader(DeadLetters.EXCEPTION, String.class));
    }

    @Test
    void theMessageStaysAsItWasAndTheFailureGoesBesideIt() throws Exception {
        WhatsAppMediaException failure = new WhatsAppMediaException(ErrorDetails.builder("Media not found").statusCode(404)
                .context(Map.of("endpoint", "media")).build(), "777", true, false);
        Exchange exchange = failed(failure);

        assertThat(exchange.getMessage().getBody()).isEqualTo("untouched");
        assertThat(exchange.getMessage().getHeader("WhatsAppUser")).isEqualTo("15555550101");
        assertThat(exception(exchange)).isEqualTo(json.valueToTree(failure.toMap()));
        assertThat(exchange.getMessage().getHeader(DeadLetters.SOURCE)).isEqualTo("whatsapp.outbound");
        assertThat(exchange.getMessage().getHeader(DeadLetters.ROUTE)).isEqualTo("send-message");
        assertThat(Instant.parse(exchange.getMessage().getHeader(DeadLetters.AT, String.class)))
                .isBetween(Instant.now().minus(Duration.ofMinutes(1)), Instant.now().plusSeconds(1));
    }

    @Test
    void aTypedExceptionIsFoundBehindOthers() throws Exception {
        WhatsAppMediaException typed = new WhatsAppMediaException(ErrorDetails.builder("x").build(), "777", true, false);
        assertThat(exception(failed(new RuntimeException(new IllegalStateException(typed)))).path("type").asText())
                .isEqualTo("WhatsAppMediaException");
    }

    @Test
    void ofAForeignExceptionOnlyItsTypeIsKept() throws Exception {
        assertThat(exception(failed(new IllegalStateException("Kim wrote: hello")))).isEqualTo(
                json.createObjectNode().put("type", "java.lang.IllegalStateException"));
    }

    @Test
    void aFailureWithoutAnExceptionIsUnknown() throws Exception {
        assertThat(exception(failed(null)).path("type").asText()).isEqualTo("unknown");
    }

    @Test
    void oneFailureOfOneMessageHasOneId() throws Exception {
        String first = failed(null).getMessage().getHeader(DeadLetters.ID, String.class);
        assertThat(first).isEqualTo("whatsapp.outbound:42").isEqualTo(failed(null).getMessage().getHeader(DeadLetters.ID));
    }

    @Test
    void aMessageFromNoQueueSaysSo() throws Exception {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        letters.prepare(exchange);
        assertThat(exchange.getMessage().getHeader(DeadLetters.SOURCE)).isEqualTo("direct");
        assertThat(exchange.getMessage().getHeader(DeadLetters.ROUTE)).isEqualTo("unknown");
        assertThat(exchange.getMessage().getHeader(DeadLetters.ID)).isEqualTo(exchange.getExchangeId());
    }

    @Test
    void everyHeaderIsOneThatTheQueueKeeps() throws Exception {
        assertThat(failed(null).getMessage().getHeaders()).allSatisfy((name, value) -> {
            assertThat(name).startsWith("WhatsApp");
            assertThat(value).isInstanceOf(String.class);
        });
        assertThat(new StoredMessage(null, null, failed(null).getMessage().getHeaders(), new byte[0]).queueHeaders())
                .containsKeys(DeadLetters.EXCEPTION, DeadLetters.SOURCE, DeadLetters.ROUTE, DeadLetters.AT, DeadLetters.ID);
    }
}
