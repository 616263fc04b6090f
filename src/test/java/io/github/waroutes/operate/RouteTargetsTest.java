package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class RouteTargetsTest {

    @Test
    void aRouteThatIsMadeFromATemplateBeginsWhereItsOwnValuesSay() throws Exception {
        try (CamelContext context = context("direct:one")) {
            context.start();

            assertThat(context.getRoute("one").getEndpoint().getEndpointUri()).isEqualTo("direct://one");
        }
    }

    @Test
    void aTargetWithoutARouteIsNamed() throws Exception {
        try (CamelContext context = context("direct:two")) {
            assertThatThrownBy(context::start).hasStackTraceContaining("no route begins at direct:two");
        }
    }

    private static CamelContext context(String target) throws Exception {
        CamelContext context = new DefaultCamelContext();
        RouteTargets targets = new RouteTargets();
        targets.setEverybodys(true);
        targets.setCamelContext(context);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                routeTemplate("numbered").templateParameter("where").from("direct:{{where}}").setBody(constant("done"));
                from("direct:begin").to(target);
            }
        });
        TemplatedRouteBuilder.builder(context, "numbered").routeId("one").parameter("where", "one").add();
        return context;
    }
}
