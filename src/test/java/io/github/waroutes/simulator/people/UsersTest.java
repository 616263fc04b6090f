package io.github.waroutes.simulator.people;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.SimulatorState;
import java.nio.charset.StandardCharsets;
import org.apache.camel.support.DefaultRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsersTest {

    @Test
    void theStateIsTheOneInTheRegistryAtTheTimeOfTheCall() {
        DefaultRegistry registry = new DefaultRegistry();
        SimulatorState earlier = new SimulatorState(1000, 10, 10);
        SimulatorState current = new SimulatorState(1000, 10, 10);
        Users users = new Users();
        users.setPhoneNumberId("1");
        users.setAccountId("2");
        users.setDisplayPhoneNumber("3");
        registry.bind(SimulatorState.BEAN, earlier);
        registry.bind(SimulatorState.BEAN, current);

        users.say("15555550101", "application/json", "{\"text\":\"hi\"}".getBytes(StandardCharsets.US_ASCII), registry);

        assertThat(earlier.conversation("15555550101")).isEmpty();
        assertThat(current.conversation("15555550101")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"text\":\" \"}", "{\"text\":5}", "{}", "[]", "{\"text\":\"a\",\"nme\":\"typo\"}",
        "{\"button\":{\"id\":\"x\"}}", "{\"text\":\"a\"} trailing"})
    void whatAUserCannotSayIsRefused(String body) {
        DefaultRegistry registry = new DefaultRegistry();
        registry.bind(SimulatorState.BEAN, new SimulatorState(1000, 10, 10));

        assertThat(catchThrowableOfType(Refusal.class, () -> new Users().say("15555550101",
                "application/json; charset=utf-8", body.getBytes(StandardCharsets.US_ASCII), registry)).getHttpStatus())
                .isEqualTo(400);
    }
}
