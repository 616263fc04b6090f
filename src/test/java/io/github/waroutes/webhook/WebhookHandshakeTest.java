package io.github.waroutes.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookHandshakeTest {

    private final WebhookHandshake handshake = new WebhookHandshake();

    @BeforeEach
    void token() {
        handshake.setVerifyToken("a long word");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1158201444", "0012", "not a number", "<b>x</b>", "\u00e4"})
    void theRightTokenIsAnsweredWithTheChallengeAsItCame(String challenge) {
        assertThat(handshake.answer("subscribe", "a long word", challenge)).isEqualTo(challenge);
    }

    @ParameterizedTest(name = "mode {0}, token {1}, challenge {2}")
    @CsvSource(nullValues = "null", value = {
        "subscribe, another word, 1",
        "subscribe, A LONG WORD, 1",
        "subscribe, 'a long word ', 1",
        "subscribe, '', 1",
        "subscribe, null, 1",
        "unsubscribe, a long word, 1",
        "Subscribe, a long word, 1",
        "'', a long word, 1",
        "null, a long word, 1",
        "subscribe, a long word, ''",
        "subscribe, a long word, null",
        "null, null, null"
    })
    void everythingElseIsRefused(String mode, String token, String challenge) {
        assertThat(handshake.answer(mode, token, challenge)).isNull();
    }

    @Test
    void aChallengeIsAnsweredUpToItsLimit() {
        assertThat(handshake.answer("subscribe", "a long word", "1".repeat(1024))).hasSize(1024);
        assertThat(handshake.answer("subscribe", "a long word", "1".repeat(1025))).isNull();
    }

    @Test
    void spacesAroundTheConfiguredTokenAreDropped() {
        handshake.setVerifyToken("  trimmed\n");
        assertThat(handshake.answer("subscribe", "trimmed", "1")).isEqualTo("1");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "  "})
    void withoutATokenThereIsNoStart(String token) {
        assertThatIllegalArgumentException().isThrownBy(() -> handshake.setVerifyToken(token))
                .withMessageStartingWith("whatsapp.verify-token is not set.");
    }
}
