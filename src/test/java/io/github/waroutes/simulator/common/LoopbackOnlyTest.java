package io.github.waroutes.simulator.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoopbackOnlyTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:50000", "127.8.8.8:1", "0:0:0:0:0:0:0:1:50000", "[::1]:50000", "localhost:1"})
    void callersOnThisMachineAreServed(String caller) {
        assertThatCode(() -> LoopbackOnly.checkCaller(caller, false)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1:50000", "[2001:db8::1]:50000", "127.0.0.1.example.com:1", "0.0.0.0:1", "127.0.0.1", ""})
    void callersFromElsewhereAreNot(String caller) {
        assertThat(catchThrowableOfType(Refusal.class, () -> LoopbackOnly.checkCaller(caller, false)).getHttpStatus())
                .isEqualTo(403);
    }

    @Test
    void aCallerWithoutAnAddressIsNotServed() {
        assertThat(catchThrowableOfType(Refusal.class, () -> LoopbackOnly.checkCaller(null, false))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://graph.facebook.com", "http://192.0.2.1/webhook", "http://localhost.example.com/", "nonsense", "a b"})
    void addressesElsewhereAreRefusedAtStart(String url) {
        assertThatIllegalArgumentException().isThrownBy(() -> new LoopbackOnly().setWebhookUrl(url))
                .withMessageContaining("whatsapp.simulator.webhook-url");
        assertThatIllegalArgumentException().isThrownBy(() -> new LoopbackOnly().setPublicUrl(url))
                .withMessageContaining("whatsapp.simulator.public-url");
    }
}
