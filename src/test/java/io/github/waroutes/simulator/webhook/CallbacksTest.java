package io.github.waroutes.simulator.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import org.junit.jupiter.api.Test;

class CallbacksTest {

    @Test
    void aResetTakesAwayTheCallbacksOfTheAccountAndTheNumberButNotTheApps() {
        Callbacks callbacks = new Callbacks();
        SimulatedNumber number = new SimulatedNumbers().first();
        for (Callbacks.Scope scope : Callbacks.Scope.values()) {
            callbacks.set(scope, number, "http://127.0.0.1/" + scope);
        }
        callbacks.setProven(number, true);

        callbacks.reset();

        assertThat(callbacks.of("messages", number)).isEqualTo("http://127.0.0.1/APP");
        assertThat(callbacks.isProven(number)).isFalse();
    }
}
