package io.github.waroutes.simulator.cloud;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class GraphApiTest {

    @Test
    void withoutAnAccessTokenNobodyIsLetIn() {
        assertThatIllegalArgumentException().isThrownBy(() -> new GraphApi(null, null, null, null, null, null, null).setAccessToken(" "))
                .withMessageContaining("whatsapp.access-token");
    }
}
