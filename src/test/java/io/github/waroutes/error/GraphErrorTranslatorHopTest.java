package io.github.waroutes.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphErrorTranslatorHopTest {

    private final GraphErrorTranslator translator = new GraphErrorTranslator(GraphErrorCatalogue.load());

    @ParameterizedTest
    @CsvSource({
        "429, THROTTLE, SERVICE", "500, TRANSIENT, SERVICE", "503, TRANSIENT, SERVICE", "408, TRANSIENT, SERVICE",
        "401, ALARM, SERVICE", "403, ALARM, SERVICE", "400, NEVER, MESSAGE", "404, NEVER, MESSAGE", "415, NEVER, MESSAGE", "200, NEVER, MESSAGE"})
    void theStatusDecides(int status, RetryClass retryClass, ErrorScope scope) {
        WhatsAppException e = translator.fromHop("transcription", status, null, null, null);

        assertThat(e).isInstanceOfSatisfying(WhatsAppHopException.class, hop -> assertThat(hop.getHop()).isEqualTo("transcription"))
                .hasMessage("The transcription server answered HTTP " + status);
        assertThat(e.getRetryClass()).isEqualTo(retryClass);
        assertThat(e.getScope()).isEqualTo(scope);
        assertThat(e.toMap()).containsEntry("hop", "transcription").containsEntry("status_code", status);
    }

    @Test
    void graphCodesMeanNothingHere() {
        WhatsAppException e = translator.fromHop("understanding", 500, Map.of(), bytes("{\"error\":{\"code\":190}}"), Map.of());

        assertThat(e).isInstanceOf(WhatsAppHopException.class);
        assertThat(e.getErrorCode()).isNull();
        assertThat(e.getRetryClass()).isEqualTo(RetryClass.TRANSIENT);
    }

    @Test
    void ofTheBodyOnlyTheServersWordForTheErrorIsKept() {
        WhatsAppException e = translator.fromHop("understanding", 400, Map.of("Content-Type", "application/json"),
                bytes("{\"error\":{\"message\":\"You said: call 16505550137\",\"type\":\"invalid_request_error\",\"code\":null}}"), Map.of());

        assertThat(e.getContext()).containsEntry("server_error", "invalid_request_error").containsEntry("content_type", "application/json");
        assertThat(e.toJson()).doesNotContain("You said", "5550137");
    }

    @Test
    void aServersWordThatIsNoIdentifierIsLeftOut() {
        WhatsAppException e = translator.fromHop("understanding", 400, Map.of(),
                bytes("{\"error\":{\"code\":\"I heard you say this\"}}"), Map.of());

        assertThat(e.getContext()).doesNotContainKey("server_error");
    }

    @Test
    void retryAfterIsHonoured() {
        assertThat(translator.fromHop("transcription", 429, Map.of("retry-after", 20), null, Map.of()).getMinimumWait())
                .isEqualTo(Duration.ofSeconds(20));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
