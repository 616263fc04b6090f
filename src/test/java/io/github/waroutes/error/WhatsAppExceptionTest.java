package io.github.waroutes.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WhatsAppExceptionTest {

    @Test
    void withoutFurtherDetailsItIsNeverRetriedAndConcernsThisMessage() {
        WhatsAppException e = new WhatsAppException(ErrorDetails.builder("No").build());

        assertThat(e.toMap()).isEqualTo(Map.of("type", "WhatsAppException", "message", "No", "status_code", 0,
                "retry_class", "NEVER", "scope", "MESSAGE", "context", Map.of()));
        assertThat(e.isRetryable()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"400, NEVER, MESSAGE", "401, NEVER, MESSAGE", "403, NEVER, MESSAGE", "413, NEVER, MESSAGE", "415, NEVER, MESSAGE",
        "503, TRANSIENT, SERVICE"})
    void aRefusedWebhookCarriesTheStatusToAnswer(int status, RetryClass retryClass, ErrorScope scope) {
        WhatsAppWebhookException e = new WhatsAppWebhookException(status, "No", Map.of("length", 5), new IllegalStateException());

        assertThat(e.getStatusCode()).isEqualTo(status);
        assertThat(e.getRetryClass()).isEqualTo(retryClass);
        assertThat(e.getScope()).isEqualTo(scope);
        assertThat(e.getContext()).containsEntry("length", 5);
        assertThat(e).hasCauseInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 200, 302, 600})
    void aRefusedWebhookIsNotAnsweredWithASuccess(int status) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WhatsAppWebhookException(status, "No"))
                .withMessageContaining("from 400 to 599, not " + status);
    }

    @Test
    void routesReadItWithSimple() throws Exception {
        WhatsAppException e = new GraphErrorTranslator(GraphErrorCatalogue.load()).fromGraphError(Map.of("code", 131056), Map.of("a", 1));
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            camel.start();
            DefaultExchange exchange = new DefaultExchange(camel);
            exchange.setException(e);

            assertThat(List.of("${exception.retryClass}", "${exception.scope}", "${exception.errorCode}", "${exception.retryable}",
                    "${exception.outcomeUnknown}", "${exception.context[a]}", "${exception.toMap[type]}"))
                    .map(expression -> camel.resolveLanguage("simple").createExpression(expression).evaluate(exchange, String.class))
                    .containsExactly("THROTTLE", "PAIR", "131056", "true", "false", "1", "WhatsAppRateLimitException");
        }
    }

    @Test
    void itSurvivesSerialisation() throws Exception {
        WhatsAppException e = new WhatsAppException(ErrorDetails.builder("No").context(Map.of("a", List.of(1, 2))).build());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(e);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(((WhatsAppException) in.readObject()).toMap()).isEqualTo(e.toMap());
        }
    }
}
