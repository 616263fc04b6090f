package io.github.waroutes.simulator.common;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class AtStartTest {

    private static final class Counting extends AtStart {

        private int runs;

        @Override
        protected void atStart(CamelContext started) {
            runs++;
        }
    }

    private static void add(CamelContext context, String route) throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:" + route).routeId(route).to("log:" + route);
            }
        });
    }

    @Test
    void itRunsOnceForEachStartAndNotForEachRouteThatIsAdded() throws Exception {
        Counting counting = new Counting();
        try (CamelContext context = new DefaultCamelContext()) {
            counting.setCamelContext(context);
            add(context, "first");
            context.start();
            add(context, "second");
            add(context, "third");
            assertThat(counting.runs).isEqualTo(1);
            context.stop();
            context.start();
            assertThat(counting.runs).isEqualTo(2);
        }
    }
}
