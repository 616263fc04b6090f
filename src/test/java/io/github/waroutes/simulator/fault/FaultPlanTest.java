package io.github.waroutes.simulator.fault;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.waroutes.simulator.common.Events;
import org.junit.jupiter.api.Test;

class FaultPlanTest {

    private final Events events = new Events();
    private final FaultPlan faults = new FaultPlan(events);

    @Test
    void aFaultThatIsTakenBackIsAnEvent() throws Exception {
        int id = faults.add(JsonNodeFactory.instance.objectNode().put("fault", "cut")).path("id").asInt();
        long before = events.now();

        faults.remove(id);

        assertThat(events.after(before)).get().satisfies(events -> assertThat(events)
                .extracting(event -> event.source().data()).containsExactly(JsonNodeFactory.instance.arrayNode()));
    }
}
