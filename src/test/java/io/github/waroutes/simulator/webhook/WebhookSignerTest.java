package io.github.waroutes.simulator.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.waroutes.simulator.common.SimulatedNumbers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookSignerTest {

    @Test
    void theSignatureIsTheHmacOfTheBytesUnderTheFirstSecret() {
        WebhookSigner signature = new WebhookSigner();
        SimulatedNumbers numbers = new SimulatedNumbers();
        numbers.setAppSecret(" key , older");

        // computed with: printf '%s' 'The quick brown fox jumps over the lazy dog' | openssl dgst -sha256 -hmac key
        assertThat(signature.sign("The quick brown fox jumps over the lazy dog".getBytes(StandardCharsets.US_ASCII), numbers.first()))
                .isEqualTo("sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " , x"})
    void withoutAnAppSecretNothingIsSigned(String secrets) {
        assertThatIllegalArgumentException().isThrownBy(() -> new SimulatedNumbers().setAppSecret(secrets))
                .withMessageContaining("whatsapp.app-secret");
    }
}
