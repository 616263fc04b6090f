package io.github.waroutes.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.DefaultEndpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UpdateSourcesTest {

    private static final BusinessNumber SHOP = new BusinessNumber("shop", "1", "", "default", "token", List.of(), "", Map.of());

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final UpdateSources sources = new UpdateSources();

    @AfterEach
    void close() throws Exception {
        context.close();
    }

    private void start(String... paths) throws Exception {
        context.addComponent(UpdateSources.NAME, sources);
        for (String path : paths) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("whatsapp-source:" + path).routeId(path).setBody(constant(path));
                }
            });
        }
        context.start();
    }

    @Test
    void eachUpdateGoesToTheOneThatAsksForIt() throws Exception {
        start("message/text,button/all", "message/unknown/all", "status/all/shop", "status/all/other");
        assertThat(sources.of("message", "text", true, null)).isEqualTo("whatsapp-source://message/text,button/all");
        assertThat(sources.of("message", "button", true, SHOP)).isEqualTo("whatsapp-source://message/text,button/all");
        assertThat(sources.of("message", "image", true, SHOP)).isNull();
        assertThat(sources.of("message", "hologram", true, SHOP)).isEqualTo("whatsapp-source://message/unknown/all");
        assertThat(sources.of("message", "text", false, SHOP)).as("without the object of its type").isEqualTo("whatsapp-source://message/unknown/all");
        assertThat(sources.of("status", "read", true, SHOP)).isEqualTo("whatsapp-source://status/all/shop");
        assertThat(sources.of("status", "read", true, null)).as("a number that is not configured").isNull();
        assertThat(context.createProducerTemplate().requestBody(sources.of("message", "text", true, null), "", String.class))
                .isEqualTo("message/text,button/all");
    }

    @Test
    void oneThatAsksForAllTakesAll() throws Exception {
        start("all/all/all");
        assertThat(sources.of("change", "account_update", true, null)).isNotNull();
        assertThat(sources.of("message", "hologram", false, null)).isNotNull();
    }

    @Test
    void twoThatAskForTheSameStopTheStart() {
        assertThatThrownBy(() -> start("message/text,image/all", "all/image/shop")).hasStackTraceContaining("two sources ask for the same updates, "
                + "and an update is handled by one route: whatsapp-source://message/text,image/all and whatsapp-source://all/image/shop.");
    }

    @Test
    void wordsThatMeanNothingAreRefused() {
        context.addComponent(UpdateSources.NAME, sources);
        assertThatThrownBy(() -> context.getEndpoint("whatsapp-source:message/txt/all"))
                .hasStackTraceContaining("\"txt\" is no type of message. There are: text, image,");
        assertThatThrownBy(() -> context.getEndpoint("whatsapp-source:messages/all/all"))
                .hasStackTraceContaining("\"messages\" is no kind of update. There are: message, status,");
        assertThatThrownBy(() -> context.getEndpoint("whatsapp-source:text")).hasStackTraceContaining("give kinds/types/numbers");
    }

    @Test
    void oneIsWaitedForUntilItsRouteIsRemoved() throws Exception {
        start("message/text/all");
        context.getRouteController().stopRoute("message/text/all");
        assertThat(sources.of("message", "text", true, null)).as("nothing else may take it meanwhile").isNotNull();
        context.removeRoute("message/text/all");
        assertThat(sources.of("message", "text", true, null)).isNull();
    }

    @Test
    void oneOfAKameletIsKnownBeforeAnythingIsConsumed() throws Exception {
        context.addComponent(UpdateSources.NAME, sources);
        List<String> known = new ArrayList<>();
        context.addComponent("consuming", new DefaultComponent() {
            @Override
            protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
                return new DefaultEndpoint(uri, this) {
                    @Override
                    public Producer createProducer() {
                        throw new UnsupportedOperationException();
                    }

                    @Override
                    public Consumer createConsumer(Processor processor) {
                        return new DefaultConsumer(this, processor) {
                            @Override
                            protected void doStart() {
                                known.add(String.valueOf(sources.of("message", "text", true, null)));
                            }
                        };
                    }
                };
            }
        });
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("consuming:updates").startupOrder(1).log("an update");
                from("kamelet:whatsapp-source?types=text").routeId("mine").log("an update");
            }
        });
        context.start();
        assertThat(known).containsExactly("whatsapp-source://message/text/all");
    }

    @Test
    void whileRoutesAreReplacedUpdatesWait() throws Exception {
        start("message/text/all");
        sources.hold();
        CompletableFuture<String> found = CompletableFuture.supplyAsync(() -> sources.of("message", "text", true, null));
        context.getRouteController().stopRoute("message/text/all");
        context.removeRoute("message/text/all");
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("whatsapp-source:message/text,image/all").log("an update");
            }
        });
        assertThat(found).isNotDone();
        sources.release();
        assertThat(found.get(10, TimeUnit.SECONDS)).isEqualTo("whatsapp-source://message/text,image/all");
    }
}
