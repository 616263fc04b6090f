package io.github.waroutes.graph;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import io.github.waroutes.error.GraphErrorCatalogue;
import io.github.waroutes.error.GraphErrorTranslator;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppHopException;
import io.github.waroutes.error.WhatsAppMediaException;
import io.github.waroutes.error.WhatsAppNetworkException;
import io.github.waroutes.error.WhatsAppRateLimitException;
import io.github.waroutes.error.WhatsAppServiceException;
import io.github.waroutes.error.WhatsAppTemplateException;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpFailuresTest {

    private final HttpFailures failures = new HttpFailures(new GraphErrorTranslator(GraphErrorCatalogue.load()));

    private static Exchange answer(int status, String body) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        exchange.getMessage().setBody(body.getBytes(StandardCharsets.UTF_8));
        return exchange;
    }

    private static Exchange failed(Exception cause) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setProperty(Exchange.EXCEPTION_CAUGHT, cause);
        return exchange;
    }

    @Test
    void aRefusalOfGraphBecomesTheExceptionOfItsCodeWithWhatIsKnownOfTheCall() {
        Exchange exchange = answer(404, "{\"error\":{\"code\":132001,\"message\":\"x\",\"fbtrace_id\":\"Trace1\"}}");
        exchange.setVariable(HttpFailures.ENDPOINT, "messages");
        exchange.setVariable("whatsappTemplate", "order_sent");
        exchange.getMessage().setHeader(UpdateHeaders.PHONE_NUMBER_ID, "106540352242922");

        assertThatThrownBy(() -> failures.raiseGraph(exchange)).isInstanceOfSatisfying(WhatsAppTemplateException.class, e -> {
            assertThat(e.getStatusCode()).isEqualTo(404);
            assertThat(e.getErrorCode()).isEqualTo(132001);
            assertThat(e.getTraceId()).isEqualTo("Trace1");
            assertThat(e.toMap().get("context")).isEqualTo(Map.of("endpoint", "messages", "template", "order_sent",
                    "phone_number_id", "106540352242922"));
        });
    }

    @ParameterizedTest
    @CsvSource({"503, 0", "500, 131000", "500, 131016", "503, 133004", "400, 2"})
    void anAnswerThatGraphFailsAsAWholeIsRaisedForTheBreaker(int status, int code) {
        Exchange exchange = answer(status, code == 0 ? "<html>down</html>" : "{\"error\":{\"code\":" + code + "}}");
        assertThatThrownBy(() -> failures.raiseOutage(exchange)).isInstanceOf(WhatsAppServiceException.class);
    }

    @ParameterizedTest
    @CsvSource({"500, 131057", "503, 2494100", "500, 131045", "500, 133000", "500, 134102", "500, 3", "500, 999999", "400, 131026", "400, 0",
            "429, 0", "200, 0"})
    void anyOtherRefusalIsAnAnswerToTheBreakerAndStaysWhole(int status, int code) {
        Exchange exchange = answer(status, code == 0 ? "" : "{\"error\":{\"code\":" + code + "}}");
        failures.raiseOutage(exchange);
        if (code != 0) {
            assertThatThrownBy(() -> failures.raiseGraph(exchange)).isInstanceOfSatisfying(WhatsAppException.class,
                    e -> assertThat(e.getErrorCode()).isEqualTo(code));
        }
    }

    @Test
    void retryAfterIsReadFromTheAnswersHeaders() {
        Exchange exchange = answer(429, "");
        exchange.getMessage().setHeader("Retry-After", "7");
        assertThatThrownBy(() -> failures.raiseGraph(exchange)).isInstanceOfSatisfying(WhatsAppRateLimitException.class,
                e -> assertThat(e.getRetryAfter()).hasSeconds(7));
    }

    @Test
    void aMediaCallKnowsItsMediaId() {
        Exchange exchange = answer(404, "");
        exchange.setVariable(HttpFailures.ENDPOINT, GraphErrorTranslator.MEDIA_DOWNLOAD);
        exchange.setVariable("whatsappMediaId", "777");
        assertThatThrownBy(() -> failures.raiseGraph(exchange)).isInstanceOfSatisfying(WhatsAppMediaException.class, e -> {
            assertThat(e.getMediaId()).isEqualTo("777");
            assertThat(e.isExpired()).isTrue();
            assertThat(e.isNotFound()).isTrue();
        });
    }

    @Test
    void anotherServersRefusalNamesTheHop() {
        Exchange exchange = answer(503, "who wrote what");
        exchange.setVariable(HttpFailures.ENDPOINT, "transcription");
        assertThatThrownBy(() -> failures.raiseHop(exchange)).isInstanceOfSatisfying(WhatsAppHopException.class, e -> {
            assertThat(e.getHop()).isEqualTo("transcription");
            assertThat(e.getStatusCode()).isEqualTo(503);
            assertThat(e.toJson()).doesNotContain("who wrote what");
        });
    }

    @Test
    void anAnswerWithoutAStatusIsTypedToo() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        assertThatThrownBy(() -> failures.raiseHop(exchange)).isInstanceOf(WhatsAppHopException.class);
    }

    @Test
    void aConnectionThatFailsTellsWhetherTheRequestMayHaveArrived() {
        assertThatThrownBy(() -> failures.raiseNetwork(failed(new ConnectException("refused"))))
                .isInstanceOfSatisfying(WhatsAppNetworkException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse());
        assertThatThrownBy(() -> failures.raiseNetwork(failed(new SocketTimeoutException("slow"))))
                .isInstanceOfSatisfying(WhatsAppNetworkException.class, e -> assertThat(e.isOutcomeUnknown()).isTrue());
    }

    @Test
    void whatWasCaughtIsThrownAgainAsItWas() {
        Exception cause = new IllegalStateException("x");
        assertThatThrownBy(() -> failures.raiseAgain(failed(cause))).isSameAs(cause);
    }

    @Test
    void anErrorOfAWebhookIsTheExceptionOfItsCode() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        assertThat(failures.fromWebhook(Map.of("code", 131056), exchange)).isInstanceOfSatisfying(WhatsAppRateLimitException.class,
                e -> assertThat(e.getErrorCode()).isEqualTo(131056));
    }
}
