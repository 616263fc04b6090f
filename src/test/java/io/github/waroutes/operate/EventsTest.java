package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.github.waroutes.LogCapture;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppRateLimitException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.state.Keys;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventsTest {

    private static final String USER = "15555550101";
    private static final String WAMID = "wamid.HBgLMTU1NTU1NTAxMDEVAgASGBQzQTRCNUM2RDdFOEY5MEExQjJDMwA=";

    private final Events events = new Events();
    private LogCapture log;

    @BeforeEach
    void capture() {
        log = new LogCapture("whatsapp");
    }

    @AfterEach
    void release() {
        log.close();
    }

    private static Exchange exchange() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setBody("what Kim wrote");
        exchange.getMessage().setHeader(UpdateHeaders.KIND, "message");
        exchange.getMessage().setHeader(UpdateHeaders.TYPE, "audio");
        exchange.getMessage().setHeader(UpdateHeaders.USER, USER);
        exchange.getMessage().setHeader(UpdateHeaders.MESSAGE_ID, WAMID);
        exchange.getMessage().setHeader(UpdateHeaders.CONVERSATION, "106540352242922:" + USER);
        exchange.getMessage().setHeader(UpdateHeaders.ID, "message:" + WAMID);
        exchange.getMessage().setHeader(UpdateHeaders.PROFILE_NAME, "Kim Example");
        exchange.getMessage().setHeader(UpdateHeaders.PHONE_NUMBER_ID, "106540352242922");
        exchange.getMessage().setHeader(UpdateHeaders.ACCOUNT_ID, "102290129340398");
        exchange.getMessage().setHeader("Authorization", "Bearer test-token");
        exchange.setProperty(QueueConstants.QUEUE, "whatsapp.inbound");
        exchange.setVariable("whatsappSentId", WAMID);
        return exchange;
    }

    private ILoggingEvent only() {
        assertThat(log.events()).hasSize(1);
        return log.events().get(0);
    }

    @Test
    void anEventHasItsNameAndItsFields() {
        events.emit("whatsapp.message.noted", exchange());
        assertThat(only().getFormattedMessage()).isEqualTo("whatsapp.message.noted");
        assertThat(LogCapture.fields(only())).containsEntry("event", "whatsapp.message.noted").containsEntry("kind", "message")
                .containsEntry("type", "audio").containsEntry("user", "***01").containsEntry("queue", "whatsapp.inbound")
                .containsEntry("phone_number_id", "106540352242922").containsEntry("account_id", "102290129340398")
                .containsEntry("message_id", "…" + WAMID.substring(WAMID.length() - 8))
                .containsEntry("sent_id", "…" + WAMID.substring(WAMID.length() - 8))
                .containsEntry("trace_id", Keys.hash("message:" + WAMID));
    }

    @Test
    void noEventHoldsWhoWroteWhat() {
        Exchange exchange = exchange();
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new IllegalStateException("what Kim wrote " + USER + " test-token"));
        events.emit("whatsapp.send_message.error", exchange);
        assertThat(LogCapture.fields(only())).containsEntry("error", "java.lang.IllegalStateException");
        assertThat(log.lines()).allSatisfy(line ->
                assertThat(line).doesNotContain(USER, WAMID, "wamid.", "Kim", "what Kim wrote", "test-token"));
    }

    @Test
    void theOutboundTypeWinsOverThatOfTheUpdateThatIsAnswered() {
        Exchange exchange = exchange();
        exchange.getMessage().setHeader(OutboundHeaders.TYPE, "template");
        exchange.getMessage().setHeader(OutboundHeaders.TEMPLATE, "order_sent");
        events.emit("whatsapp.send_template.success", exchange);
        assertThat(LogCapture.fields(only())).containsEntry("type", "template").containsEntry("template", "order_sent");
    }

    @Test
    void aTypedFailureIsToldInFull() {
        Exchange exchange = exchange();
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new WhatsAppRateLimitException(ErrorDetails.builder("Too many requests")
                .statusCode(429).errorCode(130429).traceId("Trace1").retryClass(RetryClass.THROTTLE).scope(ErrorScope.NUMBER)
                .build(), Duration.ofSeconds(7)));
        events.emit("whatsapp.send_message.error", exchange);
        assertThat(LogCapture.fields(only())).containsEntry("error", "WhatsAppRateLimitException")
                .containsEntry("error_message", "Too many requests").containsEntry("error_code", "130429")
                .containsEntry("status_code", "429").containsEntry("fbtrace_id", "Trace1").containsEntry("retry_class", "THROTTLE")
                .containsEntry("scope", "NUMBER");
    }

    @Test
    void aFailureOfAStatusWinsOverOneThatWasCaught() {
        Exchange exchange = exchange();
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, new IllegalStateException());
        exchange.setVariable("whatsappFailure", new WhatsAppRateLimitException(ErrorDetails.builder("x").build(), null));
        events.emit("whatsapp.status.failed", exchange);
        assertThat(LogCapture.fields(only())).containsEntry("error", "WhatsAppRateLimitException").doesNotContainKey("status_code");
    }

    @ParameterizedTest
    @CsvSource({"whatsapp.send_message.error, WARN", "whatsapp.send_message.timeout, WARN", "whatsapp.download_media.not_found, WARN",
            "whatsapp.download_media.failed, WARN", "whatsapp.webhook.refused, WARN", "whatsapp.webhook.signature_invalid, WARN",
            "whatsapp.send_template.template_error, WARN", "whatsapp.dead_letter.stored, WARN", "whatsapp.send_message.start, DEBUG",
            "whatsapp.webhook.signature_valid, DEBUG", "whatsapp.send_message.success, INFO", "whatsapp.webhook.received, INFO"})
    void theOutcomeSetsTheLevel(String name, String level) {
        events.emit(name, exchange());
        assertThat(only().getLevel()).isEqualTo(Level.toLevel(level));
    }

    @Test
    void anExchangeOfWhichNothingIsKnownIsAnEventToo() {
        events.emit("whatsapp.webhook.handshake", new DefaultExchange(new DefaultCamelContext()));
        assertThat(LogCapture.fields(only())).containsOnlyKeys("event");
    }
}
