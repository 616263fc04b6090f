package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.micrometer.eventnotifier.MicrometerRouteEventNotifier;
import org.apache.camel.main.Main;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.EventNotifier;
import org.apache.camel.support.EventNotifierSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuietRouteMetricsTest {

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final Main main = new Main();

    @AfterEach
    void stop() {
        main.stop();
    }

    private void start(EventNotifier... notifiers) {
        main.setDefaultPropertyPlaceholderLocation("false");
        main.configure().addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:one").routeId("one").to("direct:two");
                from("direct:two").routeId("two").setBody(constant("done"));
            }
        });
        for (EventNotifier notifier : notifiers) {
            main.bind("notifier" + notifier.hashCode(), notifier);
        }
        main.addMainListener(new QuietRouteMetrics());
        main.start();
    }

    private MicrometerRouteEventNotifier routeMetrics() {
        MicrometerRouteEventNotifier notifier = new MicrometerRouteEventNotifier() {
            @Override
            public void notify(CamelEvent event) {
                heard.add("of a route");
                super.notify(event);
            }
        };
        notifier.setMeterRegistry(meters);
        return notifier;
    }

    @Test
    void routesAreCountedWithoutEventsOfEveryStep() {
        start(routeMetrics());

        assertThat(main.getCamelContext().getCamelContextExtension().isEventNotificationApplicable()).isFalse();
        assertThat(main.getCamelContext().createProducerTemplate().requestBody("direct:one", "", String.class)).isEqualTo("done");
        assertThat(meters.get("camel.routes.running").gauge().value()).isEqualTo(2);
        assertThat(heard).isNotEmpty();
    }

    @Test
    void whoWantsEventsOfMessagesStillGetsThem() {
        start(routeMetrics(), new EventNotifierSupport() {
            @Override
            public void notify(CamelEvent event) {
                if (event instanceof CamelEvent.ExchangeSentEvent) {
                    heard.add("of a message");
                }
            }
        });
        main.getCamelContext().createProducerTemplate().requestBody("direct:one", "");

        assertThat(heard).contains("of a message");
    }
}
