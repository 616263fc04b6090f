package io.github.waroutes.simulator.common;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EventsTest {

    private final Events events = new Events(1000);

    private static final class Thing extends Events.Source {
        @Override
        public String event() {
            return "thing";
        }

        @Override
        public JsonNode data() {
            return JsonNodeFactory.instance.objectNode();
        }
    }

    @Test
    void eventsAreNumberedOnFromWhereTheyBegin() {
        Thing first = new Thing();
        Thing second = new Thing();
        events.publish(first);
        events.publish(second);

        assertThat(events.after(1000)).get().asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(Events.Event.class))
                .containsExactly(new Events.Event(1001, first), new Events.Event(1002, second));
        assertThat(events.after(1001)).hasValue(List.of(new Events.Event(1002, second)));
        assertThat(events.after(1002)).hasValue(List.of());
    }

    @Test
    void aChangeOfWhatNobodyHasReadYetIsNoEventMore() {
        Thing thing = new Thing();
        events.publish(thing);
        events.publish(thing);
        assertThat(events.now()).isEqualTo(1001);

        events.publish(thing);

        assertThat(events.now()).isEqualTo(1002);
        assertThat(events.after(1001)).hasValue(List.of(new Events.Event(1002, thing)));
    }

    @Test
    void numbersThatAreForgottenOrNeverWereAreTold() {
        for (int i = 0; i < Events.CAPACITY + 5; i++) {
            events.publish(new Thing());
        }

        assertThat(events.after(1004)).isEmpty();
        assertThat(events.after(1005)).get().satisfies(after -> assertThat(after).hasSize(Events.CAPACITY));
        assertThat(events.after(999)).isEmpty();
        assertThat(events.after(events.now() + 1)).isEmpty();
    }

    @Test
    void whoListensIsToldOfEachEvent() {
        AtomicInteger told = new AtomicInteger();
        events.onEvent(told::incrementAndGet);

        events.publish(new Thing());
        events.publish(new Thing());

        assertThat(told).hasValue(2);
    }
}
