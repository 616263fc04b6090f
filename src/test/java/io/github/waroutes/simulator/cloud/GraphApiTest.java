package io.github.waroutes.simulator.cloud;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.waroutes.simulator.common.SimulatedNumbers;
import org.junit.jupiter.api.Test;

class GraphApiTest {

    @Test
    void withoutAnAccessTokenNobodyIsLetIn() {
        assertThatIllegalArgumentException().isThrownBy(() -> new SimulatedNumbers().setAccessToken(" "))
                .withMessageContaining("whatsapp.access-token");
    }
}
