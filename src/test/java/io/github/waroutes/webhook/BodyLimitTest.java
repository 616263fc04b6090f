package io.github.waroutes.webhook;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.waroutes.error.WhatsAppWebhookException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyLimitTest {

    @Test
    void aBodyUpToTheLimitPasses() {
        BodyLimit limit = new BodyLimit(2048);
        assertThatCode(() -> limit.check(new byte[2048])).doesNotThrowAnyException();
        assertThatCode(() -> limit.check(new byte[0])).doesNotThrowAnyException();
        assertThatCode(() -> limit.check(null)).doesNotThrowAnyException();
    }

    @Test
    void oneByteMoreIsRefusedWith413() {
        assertThatThrownBy(() -> new BodyLimit(2048).check(new byte[2049]))
                .isInstanceOfSatisfying(WhatsAppWebhookException.class,
                        e -> org.assertj.core.api.Assertions.assertThat(e.getStatusCode()).isEqualTo(413))
                .hasMessageContaining("whatsapp.webhook.max-bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {1023, 0, -1})
    void aLimitThatWouldRefuseEverythingStopsTheStart(int maxBytes) {
        assertThatIllegalArgumentException().isThrownBy(() -> new BodyLimit(maxBytes))
                .withMessageContaining("whatsapp.webhook.max-bytes").withMessageContaining(String.valueOf(maxBytes));
    }
}
