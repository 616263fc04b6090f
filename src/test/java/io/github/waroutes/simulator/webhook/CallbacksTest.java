package io.github.waroutes.simulator.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CallbacksTest {

    @Test
    void aResetTakesAwayTheCallbacksOfTheAccountAndTheNumberButNotTheApps() {
        Callbacks callbacks = new Callbacks();
        for (Callbacks.Scope scope : Callbacks.Scope.values()) {
            callbacks.set(scope, "http://127.0.0.1/" + scope);
        }
        callbacks.setProven(true);

        callbacks.reset();

        assertThat(callbacks.of("messages")).isEqualTo("http://127.0.0.1/APP");
        assertThat(callbacks.isProven()).isFalse();
    }
}
